import type { Feedback, LegName } from '../../ports/media-plane.ts';
import type { PictureLimits, VideoLeg, VideoPlan } from '../../ports/video-transcoder.ts';
import { h264Limits, VP8_LIMITS } from '../video/picture-limits.ts';
import { parameterOf, profileOf, type VideoCodec } from './video-codecs.ts';

/** One side of a video that is transcoded, as its description has it. */
export interface PlannedSide {
  /** In our description, and in theirs. */
  readonly local: VideoCodec;
  readonly remote: VideoCodec;
  readonly feedback: readonly Feedback[];
  readonly orientation?: number | undefined;
  /** `b=AS` of theirs: what they take, with headers (RFC 8866 §5.8). */
  readonly bandwidthKbps?: number | undefined;
}

/** Of what a session bandwidth names, about this is left for pictures. */
const PICTURE_SHARE = 0.92;
const MIN_BITS_PER_S = 60_000;

export const videoPlan = (sides: Readonly<Record<LegName, PlannedSide>>): VideoPlan => ({
  browser: legOf(sides.browser),
  ims: legOf(sides.ims),
});

function legOf({ local, remote, feedback, orientation, bandwidthKbps }: PlannedSide): VideoLeg {
  const parameterSets = parameterOf(remote, 'sprop-parameter-sets');
  return {
    codec: remote.name,
    arriving: local.payloadType,
    leaving: remote.payloadType,
    packetizationMode: parameterOf(remote, 'packetization-mode') === '1' ? 1 : 0,
    ...(remote.name === 'H264' ? { profile: profileOf(remote) } : {}),
    limits: limitsOf(remote, bandwidthKbps),
    canBeAsked: feedback.includes('pli') || feedback.includes('fir'),
    ...(orientation === undefined ? {} : { orientation }),
    ...(parameterSets === undefined ? {} : { parameterSets }),
  };
}

function limitsOf(codec: VideoCodec, bandwidthKbps: number | undefined): PictureLimits {
  const limits =
    codec.name === 'VP8' ? VP8_LIMITS : h264Limits(parameterOf(codec, 'profile-level-id'));
  if (bandwidthKbps === undefined) return limits;
  const asked = Math.floor(bandwidthKbps * 1000 * PICTURE_SHARE);
  return { ...limits, bitsPerS: Math.max(MIN_BITS_PER_S, Math.min(limits.bitsPerS, asked)) };
}

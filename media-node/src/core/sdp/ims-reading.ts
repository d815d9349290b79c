import { ok } from '@isthmus/shared/result';
import type { RtpEndpoint } from '../../ports/media-plane.ts';
import type { AddressPolicy } from './address-policy.ts';
import { type CodecWithPayload, readCodecs } from './codecs.ts';
import { malformed, parseSdp, type SdpResult } from './parse.ts';
import {
  attribute,
  type Direction,
  directionOf,
  type MediaSection,
  narrowed,
  type SessionDescription,
} from './session-description.ts';

/** What an offer or answer of IMS says about its audio. */
export interface ImsMedia {
  /** Every section as it came; all but the audio are refused in an answer. */
  readonly sections: readonly MediaSection[];
  readonly audioIndex: number;
  readonly protocol: string;
  /** Absent while the stream is on hold the old way (RFC 3264 §8.4, `c=IN IP4 0.0.0.0`). */
  readonly remote?: RtpEndpoint;
  readonly direction: Direction;
  readonly codecs: readonly CodecWithPayload[];
  /** Of 20 ms, as many as they would have in a packet (`ptime`, `maxptime`, RFC 8866 §6.4). */
  readonly framesPerPacket: number;
}

const PROTOCOLS = ['RTP/AVP', 'RTP/AVPF'];
const UNSPECIFIED = ['0.0.0.0', '::'];

export function readImsMedia(sdp: string, mayReach: AddressPolicy): SdpResult<ImsMedia> {
  const parsed = parseSdp(sdp);
  if (!parsed.ok) return parsed;
  const session = parsed.value;
  const audioIndex = session.media.findIndex(isUsableAudio);
  const audio = session.media[audioIndex];
  if (!audio) return malformed('no usable audio section');
  const remote = readEndpoint(session, audio, mayReach);
  if (!remote.ok) return remote;
  const stated = directionOf(audio, session);
  return ok({
    sections: session.media,
    audioIndex,
    protocol: audio.protocol,
    ...(remote.value ? { remote: remote.value } : {}),
    direction: remote.value ? stated : narrowed(stated, 'sendonly'),
    codecs: readCodecs(audio),
    framesPerPacket: framesPerPacketOf(audio),
  });
}

const FRAME_MS = 20;
/** More would delay speech beyond what anybody asks in earnest. */
const MAX_FRAMES = 4;

function framesPerPacketOf(audio: MediaSection): number {
  const frames = (name: string): number => {
    const ms = Number(attribute(audio, name));
    return ms >= FRAME_MS ? Math.floor(ms / FRAME_MS) : 1;
  };
  const most = attribute(audio, 'maxptime') === undefined ? MAX_FRAMES : frames('maxptime');
  return Math.min(MAX_FRAMES, most, frames('ptime'));
}

const isUsableAudio = (section: MediaSection): boolean =>
  section.kind === 'audio' && section.port !== 0 && PROTOCOLS.includes(section.protocol);

function readEndpoint(
  session: SessionDescription,
  audio: MediaSection,
  mayReach: AddressPolicy,
): SdpResult<RtpEndpoint | undefined> {
  const address = audio.connection ?? session.connection;
  if (address === undefined) return malformed('no connection address');
  if (UNSPECIFIED.includes(address)) return ok(undefined);
  if (!mayReach(address)) return malformed('a connection address that is not allowed');
  const rtcpPort = rtcpPortOf(audio);
  if (rtcpPort === undefined) return malformed('an RTCP port that cannot be');
  return ok({ address, rtpPort: audio.port, rtcpPort });
}

/** The next port, or the one that is named (RFC 3605 §2.1). Another address there is not followed. */
function rtcpPortOf(audio: MediaSection): number | undefined {
  const named = attribute(audio, 'rtcp');
  if (named === undefined) return audio.port < 65_535 ? audio.port + 1 : undefined;
  const port = Number(/^(\d{1,5})(?: |$)/.exec(named.trim())?.[1]);
  return port >= 1 && port <= 65_535 ? port : undefined;
}

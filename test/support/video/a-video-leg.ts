import { h264Limits, VP8_LIMITS } from '../../../media-node/src/core/video/picture-limits.ts';
import type { VideoLeg } from '../../../media-node/src/ports/video-transcoder.ts';

export const aVp8Leg = (changes: Partial<VideoLeg> = {}): VideoLeg => ({
  ...{ codec: 'VP8', arriving: 96, leaving: 96, packetizationMode: 1 },
  ...{ limits: VP8_LIMITS, canBeAsked: true },
  ...changes,
});

export const anH264Leg = (changes: Partial<VideoLeg> = {}): VideoLeg => ({
  ...{ codec: 'H264', arriving: 99, leaving: 99, packetizationMode: 1 },
  ...{ profile: 'constrained-baseline', limits: h264Limits('42e01f'), canBeAsked: true },
  ...changes,
});

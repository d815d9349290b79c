import type { MediaStats, VideoLegStats, VoiceLegStats } from '../../ports/media-stats.ts';

/** Of a leg that never was. */
export const NO_TRAFFIC: VoiceLegStats = {
  packetsReceived: 0,
  octetsReceived: 0,
  packetsSent: 0,
  octetsSent: 0,
  packetsDropped: 0,
  packetsLost: 0,
  reportsReceived: 0,
  jitterMs: 0,
  recentLoss: 0,
};

const NO_REQUESTS = { nacks: 0, pictures: 0 };

export const NO_PICTURES: VideoLegStats = {
  ...NO_TRAFFIC,
  requestsReceived: NO_REQUESTS,
  requestsSent: NO_REQUESTS,
};

export const NO_MEDIA: MediaStats = { access: NO_TRAFFIC, ims: NO_TRAFFIC, candidatesRefused: 0 };

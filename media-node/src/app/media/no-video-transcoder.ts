import type { VideoTranscoder } from '../../ports/video-transcoder.ts';

/** Of a node that passes video through and nothing else. */
export const noVideoTranscoder: VideoTranscoder = {
  isAvailable: false,
  load: { used: 0, capacity: 0 },
  reserve: () => undefined,
  close: () => Promise.resolve(),
};

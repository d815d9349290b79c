import type { Transcoder } from '../../ports/transcoder.ts';

/** Of a node that passes sound through and nothing else. */
export const noTranscoder: Transcoder = {
  codecs: new Set(),
  load: { used: 0, capacity: 0 },
  reserve: () => undefined,
  close: () => Promise.resolve(),
};

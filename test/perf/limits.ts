import type { Limit } from './report.ts';

const SET_UP_MS = 300;
const FIRST_AUDIO_MS = 300;

const p95 = (name: string, limit: number): Limit => ({
  case: name,
  figure: 'p95Ms',
  limit,
  sense: 'max',
});

/** What a user would notice, with room for a busy machine; no promise of a product. */
export const LIMITS: readonly Limit[] = [
  p95('outgoing: request to ringing', SET_UP_MS),
  p95('outgoing: request to early answer', SET_UP_MS),
  p95('outgoing: answer to first audio, browser', FIRST_AUDIO_MS),
  p95('outgoing: answer to first audio, IMS', FIRST_AUDIO_MS),
  p95('incoming: INVITE to call.incoming', SET_UP_MS),
  p95('incoming: accept to first audio, browser', FIRST_AUDIO_MS),
  p95('incoming: accept to first audio, IMS', FIRST_AUDIO_MS),
  { case: 'steady audio', figure: 'arrivedShare', limit: 0.99, sense: 'min' },
];

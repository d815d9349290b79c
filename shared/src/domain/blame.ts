import type { ReleaseCause } from './release-cause.ts';

/** Whose doing the end of a call was; `service` is ours. */
export const BLAMES = ['user', 'peer', 'network', 'service'] as const;

export type Blame = (typeof BLAMES)[number];
type Side = 'caller' | 'callee';

const BY_CAUSE: Readonly<Record<ReleaseCause, Blame | Side>> = {
  'hung-up': 'user',
  'remote-hung-up': 'peer',
  cancelled: 'caller',
  busy: 'callee',
  'no-answer': 'callee',
  declined: 'callee',
  'not-found': 'caller',
  unavailable: 'callee',
  forbidden: 'caller',
  'not-acceptable': 'callee',
  'answered-elsewhere': 'user',
  transferred: 'user',
  'media-lost': 'user',
  'client-lost': 'user',
  'network-failure': 'network',
  'internal-error': 'service',
};

export function blameOf(cause: ReleaseCause, direction: 'outgoing' | 'incoming'): Blame {
  const blame = BY_CAUSE[cause];
  if (blame !== 'caller' && blame !== 'callee') return blame;
  return (blame === 'caller') === (direction === 'outgoing') ? 'user' : 'peer';
}

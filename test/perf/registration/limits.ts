import type { Limit } from '../report.ts';

export const AGAINST_JANUS = 'against Janus';
export const ON_CORE = 'users on the real core';
export const CALLS = 'identities of calls';

/** What the product promises; all but the heap are shares of what Janus takes in the same run. */
export const REGISTRATION_LIMITS: readonly Limit[] = [
  { case: AGAINST_JANUS, figure: 'cpuShareOfRegistration', limit: 0.5, sense: 'max' },
  { case: AGAINST_JANUS, figure: 'cpuShareOfRefresh', limit: 1, sense: 'max' },
  { case: AGAINST_JANUS, figure: 'timesItsRate', limit: 20, sense: 'min' },
  { case: ON_CORE, figure: 'heapKbPerUser', limit: 25, sense: 'max' },
  { case: ON_CORE, figure: 'asThemselvesShare', limit: 1, sense: 'min' },
  { case: ON_CORE, figure: 'tcpFlows', limit: 1, sense: 'max' },
  { case: CALLS, figure: 'asThemselvesShare', limit: 1, sense: 'min' },
];

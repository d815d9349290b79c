import type { Limit } from '../report.ts';

export const BESIDE_JANUS = 'calls beside Janus';
/** Told, and no bar: what media costs has a benchmark of its own. */
export const PLANE_BESIDE_JANUS = 'calls beside Janus, media plane included';
/** Of a call that is set up in time: the 99th percentile of a load that is sustained. */
export const SET_UP_WITHIN_MS = 250;

export const SESSION_LIMITS: readonly Limit[] = [
  { case: BESIDE_JANUS, figure: 'cpuShareOfCall', limit: 1, sense: 'max' },
];

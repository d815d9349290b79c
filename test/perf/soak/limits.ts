import type { Limit } from '../report.ts';
import { LEFT, MEMORY } from './census.ts';

export const CALLS = 'calls played';
export const RECORDS = 'call records';

const atMost = (name: string, figure: string, limit: number): Limit => ({
  ...{ case: name, figure, limit },
  sense: 'max',
});

/**
 * Nothing of a call may stay. What a call leaves on the heap is told a call, so that what is kept for
 * a while only (answers to repeated commands, sockets that are kept open) weighs ever less.
 */
export const SOAK_LIMITS: readonly Limit[] = [
  atMost(CALLS, 'failed', 0),
  atMost(RECORDS, 'missing', 0),
  atMost(RECORDS, 'repeated', 0),
  atMost(RECORDS, 'wrong', 0),
  atMost(LEFT, 'left', 0),
  atMost(MEMORY, 'heapBytesPerCall', 1_024),
];

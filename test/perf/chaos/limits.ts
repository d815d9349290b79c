import type { Limit } from '../report.ts';

export const NODE_KILLED = 'a node is killed';
export const NODE_DRAINS = 'a node drains';

const bar = (of: string, figure: string, limit: number): Limit => ({
  case: of,
  figure,
  limit,
  sense: 'max',
});

/** A lease is lost after 20 s at most; what is left is for registering again. */
export const CHAOS_LIMITS: readonly Limit[] = [
  bar(NODE_KILLED, 'allRegisteredAgainS', 30),
  bar(NODE_KILLED, 'identitiesNotReached', 0),
  bar(NODE_DRAINS, 'callsNotReached', 0),
  bar(NODE_DRAINS, 'identitiesNotReached', 0),
];

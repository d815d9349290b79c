import { parseArgs } from 'node:util';

export interface Options {
  readonly quick: boolean;
  readonly json: boolean;
  readonly strict: boolean;
}

/** How often and how long each case measures. */
export interface Plan {
  readonly browserCalls: number;
  readonly lightCalls: number;
  readonly warmUpCalls: number;
  readonly liveCalls: number;
  readonly audioS: number;
  readonly idleUsers: number;
  readonly idleS: number;
}

const FULL: Plan = {
  browserCalls: 25,
  lightCalls: 25,
  warmUpCalls: 3,
  liveCalls: 10,
  audioS: 10,
  idleUsers: 20,
  idleS: 10,
};

const QUICK: Plan = {
  browserCalls: 4,
  lightCalls: 4,
  warmUpCalls: 1,
  liveCalls: 4,
  audioS: 3,
  idleUsers: 6,
  idleS: 3,
};

export const planFor = ({ quick }: Options): Plan => (quick ? QUICK : FULL);

/** Throws a `TypeError` on a flag it does not know. */
export function optionsFrom(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      strict: { type: 'boolean', default: false },
    },
  });
  return values;
}

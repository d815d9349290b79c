import { parseArgs } from 'node:util';

export interface ChurnPlan {
  /** Calls that live from the beginning to the end. */
  readonly held: number;
  readonly setUpsPerS: number;
  /** How long each of the others lives. */
  readonly lifeMs: number;
  /** Before the first count: what is made once and kept is made by them. */
  readonly warmUpS: number;
  readonly churnS: number;
  readonly packetMs: number;
  /** Behind the last of a batch of calls, before anything is counted. */
  readonly settleMs: number;
}

export interface ChurnOptions {
  readonly quick: boolean;
  readonly json: boolean;
  readonly strict: boolean;
  readonly plan: ChurnPlan;
}

const MINUTES = 15;
const HELD = 200;
const SET_UPS_PER_S = 20;

/** Throws a `TypeError` on a flag it does not know. */
export function churnOptionsFrom(args: readonly string[]): ChurnOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      strict: { type: 'boolean', default: false },
      minutes: { type: 'string' },
      held: { type: 'string' },
      'per-second': { type: 'string' },
    },
  });
  const { quick, json, strict } = values;
  const minutes = numberOf(values.minutes, quick ? 1 / 4 : MINUTES);
  return {
    ...{ quick, json, strict },
    plan: {
      held: numberOf(values.held, quick ? 40 : HELD),
      setUpsPerS: numberOf(values['per-second'], SET_UPS_PER_S),
      lifeMs: 2_000,
      warmUpS: quick ? 4 : 60,
      churnS: Math.round(minutes * 60),
      packetMs: 20,
      settleMs: 3_000,
    },
  };
}

function numberOf(text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  const number = Number(text);
  if (!(number > 0)) throw new TypeError(`not a number of anything: ${text}`);
  return number;
}

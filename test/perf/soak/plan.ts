import { parseArgs } from 'node:util';

export interface SoakPlan {
  readonly calls: number;
  readonly perMinute: number;
  /** Pairs of an SDK and a phone of IMS; each is in one call at a time. */
  readonly pairs: number;
  /** Before the first count: what is made once and kept is made by them. */
  readonly warmUpCalls: number;
  readonly talkMs: { readonly from: number; readonly to: number };
  /** The same one makes the same calls. */
  readonly seed: number;
  readonly settleMs: number;
}

export interface SoakOptions {
  readonly quick: boolean;
  readonly json: boolean;
  readonly strict: boolean;
  readonly plan: SoakPlan;
}

const MINUTES = 20;
const PER_MINUTE = 200;
const TALK = { from: 3_000, to: 15_000 };
/** Longer than any transaction (RFC 3261 §17: 64·T1) and the quarantine of a port. */
const SETTLE_MS = 40_000;

/** Throws a `TypeError` on a flag it does not know. */
export function soakOptionsFrom(args: readonly string[]): SoakOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      strict: { type: 'boolean', default: false },
      minutes: { type: 'string' },
      'per-minute': { type: 'string' },
      pairs: { type: 'string' },
      seed: { type: 'string', default: '1' },
    },
  });
  const { quick, json, strict } = values;
  const perMinute = numberOf(values['per-minute'], quick ? 120 : PER_MINUTE);
  const minutes = numberOf(values.minutes, quick ? 0.5 : MINUTES);
  return {
    ...{ quick, json, strict },
    plan: {
      ...{ perMinute, calls: Math.round(perMinute * minutes), seed: numberOf(values.seed, 1) },
      pairs: numberOf(values.pairs, quick ? 20 : 50),
      warmUpCalls: quick ? 20 : 100,
      talkMs: quick ? { from: 1_000, to: 4_000 } : TALK,
      settleMs: SETTLE_MS,
    },
  };
}

function numberOf(text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  const number = Number(text);
  if (!(number > 0)) throw new TypeError(`not a number of anything: ${text}`);
  return number;
}

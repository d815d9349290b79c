import type { Target } from './targets.ts';

/** A target that is not to be tried for a while. */
export interface Hold {
  readonly untilMs: number;
  /** `asked`: to the millisecond; `failed`: unless there is no other. */
  readonly because: 'failed' | 'asked';
  readonly failures: number;
}

export type Holds = ReadonlyMap<string, Hold>;

export type Choice =
  | {
      readonly kind: 'try';
      readonly target: Target;
      /** None of its failures is recent, so that it may be tried at once. */
      readonly isFresh: boolean;
    }
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'none' };

const FIRST_HOLD_MS = 30_000;
const LONGEST_HOLD_MS = 600_000;

/** The first in order that is not held off; else of those that only failed, the one free soonest. */
export function chooseTarget(targets: readonly Target[], holds: Holds, nowMs: number): Choice {
  const held = targets.map((target) => ({ target, hold: liveHold(holds.get(target.id), nowMs) }));
  const free = held.find(({ hold }) => !hold);
  if (free) return { kind: 'try', target: free.target, isFresh: true };
  const soonest = (because: Hold['because']) =>
    held
      .filter(({ hold }) => hold?.because === because)
      .sort((a, b) => (a.hold?.untilMs ?? 0) - (b.hold?.untilMs ?? 0))[0];
  const failed = soonest('failed');
  if (failed) return { kind: 'try', target: failed.target, isFresh: false };
  const asked = soonest('asked');
  return asked ? { kind: 'wait', ms: (asked.hold?.untilMs ?? nowMs) - nowMs } : { kind: 'none' };
}

const liveHold = (hold: Hold | undefined, nowMs: number): Hold | undefined =>
  hold && hold.untilMs > nowMs ? hold : undefined;

/** Each failure in a row doubles the time; `leastMs` is for one that will not pass by itself. */
export function holdAfterFailure(before: Hold | undefined, nowMs: number, leastMs = 0): Hold {
  const failures = (before?.failures ?? 0) + 1;
  const ms = Math.min(LONGEST_HOLD_MS, FIRST_HOLD_MS * 2 ** Math.min(failures - 1, 5));
  const untilMs = nowMs + Math.max(ms, leastMs);
  return before?.because === 'asked' && before.untilMs > untilMs
    ? { ...before, failures }
    : { untilMs, because: 'failed', failures };
}

export const holdAsAsked = (before: Hold | undefined, untilMs: number): Hold => ({
  untilMs: Math.max(untilMs, before?.because === 'asked' ? before.untilMs : 0),
  because: 'asked',
  failures: before?.failures ?? 0,
});

/**
 * What becomes of a trunk whose registration is over for good: refused, or ended by a network that
 * does not ask for another (RFC 3680 §5.3). Nobody attends to a trunk, so it has to come back by
 * itself once the operator lets it, and must not press until then.
 */
export type RevivalState =
  /** Its account sees to it. */
  | { readonly kind: 'at-rest'; readonly failures: number }
  | { readonly kind: 'waiting'; readonly failures: number }
  | { readonly kind: 'closed' };

export type RevivalEvent =
  | { readonly kind: 'registered' }
  /** The account will do nothing any more, or there was none to be had. */
  | { readonly kind: 'registration-over' }
  | { readonly kind: 'timer-fired' }
  | { readonly kind: 'close-wanted' };

export type RevivalEffect =
  | { readonly kind: 'start-timer'; readonly ms: number }
  | { readonly kind: 'stop-timer' }
  | { readonly kind: 'register-anew' };

export interface RevivalStep {
  readonly state: RevivalState;
  readonly effects: readonly RevivalEffect[];
}

const FIRST_MS = 300_000;
const LONGEST_MS = 1_800_000;

/** Five minutes at least, doubled by each failure, half an hour at most. `chance` is 0 to 1. */
export function revivalMs(failures: number, chance: number): number {
  const least = Math.min(FIRST_MS * 2 ** Math.min(failures - 1, 10), LONGEST_MS);
  return Math.round(Math.min(least * (1 + chance / 2), LONGEST_MS));
}

export const revivalAtRest: RevivalState = { kind: 'at-rest', failures: 0 };

const go = (state: RevivalState, ...effects: readonly RevivalEffect[]): RevivalStep => ({
  ...{ state, effects },
});

export function stepRevival(state: RevivalState, event: RevivalEvent, chance: number): RevivalStep {
  if (state.kind === 'closed') return go(state);
  switch (event.kind) {
    case 'registered':
      return go(revivalAtRest, ...(state.kind === 'waiting' ? [STOP] : []));
    case 'registration-over':
      return over(state, chance);
    case 'timer-fired':
      return state.kind === 'waiting'
        ? go({ kind: 'at-rest', failures: state.failures }, { kind: 'register-anew' })
        : go(state);
    case 'close-wanted':
      return go({ kind: 'closed' }, STOP);
  }
}

const STOP = { kind: 'stop-timer' } as const;

function over(state: Exclude<RevivalState, { kind: 'closed' }>, chance: number): RevivalStep {
  if (state.kind === 'waiting') return go(state);
  const failures = state.failures + 1;
  return go(
    { kind: 'waiting', failures },
    { kind: 'start-timer', ms: revivalMs(failures, chance) },
  );
}

import { backoffMs, refreshMs } from '../backoff.ts';
import { emptyView } from './reg-view.ts';
import type {
  Asking,
  DialogChoice,
  Memory,
  SubscriptionEffect,
  SubscriptionState,
  SubscriptionStep,
} from './subscription-types.ts';

export type In<K extends SubscriptionState['kind']> = Extract<SubscriptionState, { kind: K }>;
/** Those in which there may be a dialog. */
export type Live = In<'asking' | 'subscribed' | 'waiting'>;

/** 3GPP TS 24.229 §5.1.1.3. */
export const EXPIRES_S = 600_000;
export const MAX_ANSWERS = 2;

export const blankMemory: Memory = {
  ...{ view: emptyView, failures: 0, upsets: 0, hasAsked: false, isNoted: false },
};

export const go = (
  state: SubscriptionState,
  ...effects: readonly SubscriptionEffect[]
): SubscriptionStep => ({ state, effects });
export const stay = (state: SubscriptionState): SubscriptionStep => go(state);

export const stopTimer = { kind: 'stop-timer' } as const;
export const startTimer = (ms: number): SubscriptionEffect => ({ kind: 'start-timer', ms });
export const forget = { kind: 'forget' } as const;

/** 3GPP TS 24.229 §5.1.1.3: 600 s before its end, or at half where it is short. */
export const renewal = (expiresS: number): SubscriptionEffect => startTimer(refreshMs(expiresS));

export const send = (
  { dialog, expiresS }: Asking,
  authorization: 'fresh' | 'answer' = 'fresh',
): SubscriptionEffect => ({ ...{ kind: 'send-subscribe', dialog, expiresS, authorization } });

/** What was left before is not what will be granted now. */
export function ask(
  { leftS: _, ...memory }: Memory,
  dialog: DialogChoice,
  expiresS = EXPIRES_S,
): SubscriptionStep {
  const asking: Asking = { dialog, expiresS, answered: 0 };
  return go({ kind: 'asking', memory, asking }, send(asking));
}

/** What is known of one dialog says nothing of the next. */
export const askAnew = (memory: Memory): SubscriptionStep =>
  withFirst(ask({ ...memory, view: emptyView, hasAsked: false }, 'new'), forget);

/** At once for the first time, then with growing distance. */
export const askAnewSoon = (memory: Memory, chance: number): SubscriptionStep =>
  memory.failures === 0
    ? withFirst(askAnew({ ...memory, failures: 1 }), stopTimer)
    : wait(memory, 'new', { chance });

export function wait(
  memory: Memory,
  dialog: DialogChoice,
  { chance, atLeastS = 0 }: { readonly chance: number; readonly atLeastS?: number },
): SubscriptionStep {
  const failures = memory.failures + 1;
  const ms = Math.max(backoffMs({ count: failures, isBound: true }, chance), atLeastS * 1000);
  const dropped = dialog === 'new' ? [forget] : [];
  return go(
    { kind: 'waiting', memory: { ...memory, failures }, dialog },
    ...dropped,
    startTimer(ms),
  );
}

export function refuse(memory: Memory, why: number | string): SubscriptionStep {
  const note = memory.isNoted ? [] : [{ kind: 'note-refusal', why } as const];
  return go({ kind: 'refused', memory: { ...memory, isNoted: true } }, stopTimer, forget, ...note);
}

export const withFirst = (
  { effects, state }: SubscriptionStep,
  ...first: readonly SubscriptionEffect[]
): SubscriptionStep => ({ state, effects: [...first, ...effects] });

import { assertNever } from '@isthmus/shared/assert-never';
import { whenNotified } from './notified.ts';
import { whenAnswered, whenLeaving, whenMissed } from './subscribe-answered.ts';
import {
  ask,
  askAnew,
  blankMemory,
  forget,
  go,
  type In,
  type Live,
  send,
  stay,
  stopTimer,
  wait,
  withFirst,
} from './subscription-steps.ts';
import type {
  Memory,
  SubscriptionEvent,
  SubscriptionState,
  SubscriptionStep,
} from './subscription-types.ts';

export const idleSubscription: SubscriptionState = { kind: 'idle', memory: blankMemory };

/**
 * The subscription to one registration's events (RFC 3680, RFC 6665, 3GPP TS 24.229 §5.1.1.3).
 * `chance` (0 to 1) is the jitter.
 */
export function stepSubscription(
  state: SubscriptionState,
  event: SubscriptionEvent,
  chance: number,
): SubscriptionStep {
  switch (state.kind) {
    case 'idle':
    case 'refused':
      return whenWithout(state, event);
    case 'asking':
    case 'subscribed':
    case 'waiting':
      return whenLive(state, event, chance);
    case 'leaving':
      return whenOnTheWayOut(state, event);
    case 'ended':
      return stay(state);
    default:
      return assertNever(state);
  }
}

const refreshed = (memory: Memory, isNew: boolean): Memory =>
  isNew ? { ...memory, failures: 0 } : { ...memory, upsets: 0 };

function whenWithout(state: In<'idle' | 'refused'>, event: SubscriptionEvent): SubscriptionStep {
  switch (event.kind) {
    case 'registered':
      return event.isNew ? askAnew(refreshed(state.memory, true)) : stay(state);
    case 'registration-lost':
      return go({ kind: 'idle', memory: state.memory });
    case 'leave-wanted':
      return go({ kind: 'ended' });
    default:
      return stay(state);
  }
}

function whenLive(state: Live, event: SubscriptionEvent, chance: number): SubscriptionStep {
  const { memory } = state;
  switch (event.kind) {
    case 'registered':
      // A new registration may be with another S-CSCF, which knows nothing of the old dialog.
      return event.isNew
        ? withFirst(askAnew(refreshed(memory, true)), stopTimer)
        : stay({ ...state, memory: refreshed(memory, false) });
    case 'registration-lost':
      return go({ kind: 'idle', memory }, stopTimer, forget);
    case 'leave-wanted':
      return leave(state);
    case 'subscribe-answered':
      return state.kind === 'asking' ? whenAnswered(state, event, chance) : stay(state);
    case 'subscribe-missed':
      return state.kind === 'asking' ? whenMissed(state, chance) : stay(state);
    case 'dialog-gone':
      return whenGone(state, chance);
    case 'notified':
      return whenNotified(state, event, chance);
    case 'timer-fired':
      return whenTimed(state);
    default:
      return assertNever(event);
  }
}

function whenGone(state: Live, chance: number): SubscriptionStep {
  return state.kind === 'waiting'
    ? stay({ ...state, dialog: 'new' })
    : wait(state.memory, 'new', { chance });
}

function whenTimed(state: Live): SubscriptionStep {
  switch (state.kind) {
    case 'asking':
      return stay(state);
    case 'subscribed':
      return ask({ ...state.memory, upsets: 0, hasAsked: false }, 'same');
    case 'waiting':
      return state.dialog === 'new' ? askAnew(state.memory) : ask(state.memory, 'same');
    default:
      return assertNever(state);
  }
}

/** RFC 6665 §4.1.2.3; where no dialog is known there is nothing to end it with. */
function leave(state: Live): SubscriptionStep {
  const isInDialog =
    state.kind === 'subscribed' ||
    (state.kind === 'asking' && state.asking.dialog === 'same') ||
    (state.kind === 'waiting' && state.dialog === 'same');
  if (!isInDialog) return go({ kind: 'ended' }, stopTimer, forget);
  const last = { dialog: 'same', expiresS: 0, answered: 0 } as const;
  return go({ kind: 'leaving', answered: 0 }, stopTimer, send(last));
}

function whenOnTheWayOut(state: In<'leaving'>, event: SubscriptionEvent): SubscriptionStep {
  switch (event.kind) {
    case 'subscribe-answered':
      return whenLeaving(state, event);
    case 'subscribe-missed':
    case 'registration-lost':
      return go({ kind: 'ended' }, forget);
    default:
      return stay(state);
  }
}

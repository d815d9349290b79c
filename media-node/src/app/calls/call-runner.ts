import type { ReleaseCause } from '@isthmus/shared/domain/release-cause';
import { idle, step } from '../../core/call/call-machine.ts';
import type { CallEffect, CallEvent, CallState, CallTimer } from '../../core/call/call-types.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';

type Timed = Extract<CallEffect, { timer: CallTimer }>;

export interface CallRunnerDeps {
  readonly clock: Clock;
  readonly log: Log;
  /** Carries out one effect that is not a timer. */
  readonly perform: (effect: Exclude<CallEffect, Timed>) => void;
}

export interface CallRunner {
  readonly state: CallState;
  /** Of a call that is over. */
  readonly cause: ReleaseCause | undefined;
  readonly dispatch: (event: CallEvent) => void;
}

/** Feeds one call's machine, one event at a time, each event's effects done before the next. */
export function createCallRunner({ clock, log, perform }: CallRunnerDeps): CallRunner {
  const inbox: CallEvent[] = [];
  const timers = new Map<CallTimer, () => void>();
  let state = idle;
  let draining = false;

  function setTimer(effect: Timed): void {
    const { timer } = effect;
    timers.get(timer)?.();
    timers.delete(timer);
    if (effect.kind === 'stop-timer') return;
    const fire = (): void => {
      dispatch({ kind: 'timer-fired', timer });
    };
    timers.set(timer, clock.after(effect.ms, fire));
  }

  function carryOut(effect: CallEffect): void {
    if (effect.kind === 'start-timer' || effect.kind === 'stop-timer') setTimer(effect);
    else perform(effect);
  }

  function dispatch(event: CallEvent): void {
    inbox.push(event);
    if (draining) return;
    draining = true;
    try {
      for (let next = inbox.shift(); next; next = inbox.shift()) {
        const after = step(state, next);
        if (after.state.kind !== state.kind) {
          log.debug('call state', { from: state.kind, to: after.state.kind, on: next.kind });
        }
        state = after.state;
        after.effects.forEach(carryOut);
      }
    } finally {
      draining = false;
    }
  }

  return {
    get state() {
      return state;
    },
    get cause() {
      return state.kind === 'released' ? state.cause : undefined;
    },
    dispatch,
  };
}

/** How a call ended, for its record and for whoever waits for it. */
export interface CallEnd {
  readonly cause: ReleaseCause;
  readonly sipStatus?: number;
}

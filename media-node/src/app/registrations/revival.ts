import { assertNever } from '@isthmus/shared/assert-never';
import { CHANCE_BITS, chanceOf } from '../../core/registration/backoff.ts';
import {
  type RevivalEffect,
  type RevivalEvent,
  type RevivalState,
  revivalAtRest,
  stepRevival,
} from '../../core/registration/revival.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Ids } from '../../ports/ids.ts';

export interface RevivalDeps {
  readonly clock: Clock;
  readonly ids: Ids;
}

/** Brings back one trunk whose registration is over: feeds its machine. */
export class Revival {
  readonly #deps: RevivalDeps;
  readonly #registerAnew: () => void;
  #state: RevivalState = revivalAtRest;
  #stopTimer: () => void = () => undefined;

  constructor(deps: RevivalDeps, registerAnew: () => void) {
    this.#deps = deps;
    this.#registerAnew = registerAnew;
  }

  take(event: RevivalEvent): void {
    const chance = chanceOf(this.#deps.ids.random(CHANCE_BITS));
    const { effects, state } = stepRevival(this.#state, event, chance);
    this.#state = state;
    for (const effect of effects) this.#perform(effect);
  }

  #perform(effect: RevivalEffect): void {
    switch (effect.kind) {
      case 'start-timer':
        this.#stopTimer = this.#deps.clock.after(effect.ms, () => {
          this.take({ kind: 'timer-fired' });
        });
        return;
      case 'stop-timer':
        this.#stopTimer();
        return;
      case 'register-anew':
        this.#registerAnew();
        return;
      default:
        assertNever(effect);
    }
  }
}

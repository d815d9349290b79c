import { CHANCE_BITS, chanceOf } from '../../core/registration/backoff.ts';
import type { Ids } from '../../ports/ids.ts';
import type { Log } from '../../ports/log.ts';

interface OfKind {
  readonly kind: string;
}

export interface Machine<State extends OfKind, Event extends OfKind, Effect> {
  /** What the log calls its states. */
  readonly name: string;
  readonly initial: State;
  readonly step: (
    state: State,
    event: Event,
    chance: number,
  ) => { readonly state: State; readonly effects: readonly Effect[] };
  readonly perform: (effect: Effect) => void;
}

export interface RunningMachineDeps {
  readonly ids: Pick<Ids, 'random'>;
  readonly log: Log;
}

/** Takes events one at a time: what an effect leads to waits until all others are performed. */
export class RunningMachine<State extends OfKind, Event extends OfKind, Effect> {
  readonly #deps: RunningMachineDeps;
  readonly #machine: Machine<State, Event, Effect>;
  readonly #waiting: Event[] = [];
  #isDraining = false;
  #state: State;

  constructor(deps: RunningMachineDeps, machine: Machine<State, Event, Effect>) {
    this.#deps = deps;
    this.#machine = machine;
    this.#state = machine.initial;
  }

  get state(): State {
    return this.#state;
  }

  put(event: Event): void {
    this.#waiting.push(event);
    if (this.#isDraining) return;
    this.#isDraining = true;
    try {
      for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) this.#take(next);
    } finally {
      this.#isDraining = false;
    }
  }

  /** Without an event, and so without an effect. */
  stopAt(state: State): void {
    this.#state = state;
  }

  #take(event: Event): void {
    const chance = chanceOf(this.#deps.ids.random(CHANCE_BITS));
    const { effects, state } = this.#machine.step(this.#state, event, chance);
    if (state.kind !== this.#state.kind) {
      const facts = { from: this.#state.kind, to: state.kind, on: event.kind };
      this.#deps.log.debug(`${this.#machine.name} state`, facts);
    }
    this.#state = state;
    for (const effect of effects) this.#machine.perform(effect);
  }
}

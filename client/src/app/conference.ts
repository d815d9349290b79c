import { createEmitter, type Emitter } from '../core/emitter.ts';
import { phoneError } from '../core/phone-error.ts';
import type { Call } from './call.ts';
import type { CallRunner } from './call-set-up.ts';

export interface ConferenceEvents {
  /** Somebody left; with fewer than two others it is an ordinary call again. */
  calls: readonly Call[];
  ended: undefined;
}

/** Several calls that hear each other, mixed in this browser. */
export interface Conference {
  readonly calls: readonly Call[];
  readonly muted: boolean;
  readonly on: Emitter<ConferenceEvents>['on'];
  mute(on: boolean): void;
  /** Everybody is talked to alone again: the first goes on, the others are held. */
  split(): void;
  hangUp(): void;
}

/** Two others and our user: more want a mixer of the network's. */
const OTHERS = 2;

/** Throws a `PhoneError` where there are not just two calls that are on. */
export function createConference(runners: readonly CallRunner[]): Conference {
  const isFit = runners.length === OTHERS && runners.every(({ call }) => call.phase === 'active');
  if (!isFit) throw phoneError('conference.calls');
  return new MixedConference(runners);
}

class MixedConference implements Conference {
  readonly #emitter = createEmitter<ConferenceEvents>();
  #runners: readonly CallRunner[];
  #muted = false;
  readonly on = this.#emitter.on;

  constructor(runners: readonly CallRunner[]) {
    this.#runners = runners;
    for (const { call } of runners) {
      if (call.held.byUs) call.resume({ keepOthers: true });
      call.on('phase', (phase) => {
        if (phase === 'ended') this.#left(call);
      });
      // Whoever is held alone is talked to alone.
      call.on('held', ({ byUs }) => {
        if (byUs) this.#end();
      });
    }
    for (const runner of runners) runner.mix(runners.filter((it) => it !== runner));
  }

  get calls(): readonly Call[] {
    return this.#runners.map(({ call }) => call);
  }

  get muted(): boolean {
    return this.#muted;
  }

  mute(on: boolean): void {
    this.#muted = on;
    for (const { call } of this.#runners) call.mute(on);
  }

  split(): void {
    const [, ...others] = this.calls;
    this.#end();
    for (const call of others) call.hold();
  }

  hangUp(): void {
    const { calls } = this;
    this.#end();
    for (const call of calls) call.hangUp();
  }

  #left(gone: Call): void {
    if (!this.calls.includes(gone)) return;
    this.#end();
  }

  #end(): void {
    const before = this.#runners;
    if (before.length === 0) return;
    this.#runners = [];
    for (const runner of before) if (runner.call.phase === 'active') runner.mix([]);
    this.#emitter.emit('calls', this.calls);
    this.#emitter.emit('ended', undefined);
  }
}

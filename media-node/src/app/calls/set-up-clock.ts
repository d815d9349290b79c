import type { SetUpTimes } from '@isthmus/shared/domain/call-numbers';
import type { Clock } from '../../ports/clock.ts';

export type SetUpStage = keyof SetUpTimes;

/** When each stage of a call was reached first, counted from its making. */
export class SetUpClock {
  readonly #clock: Clock;
  readonly #begunAtMs: number;
  readonly #reached = new Map<SetUpStage, number>();

  constructor(clock: Clock, begunAtMs = clock.nowMs()) {
    this.#clock = clock;
    this.#begunAtMs = begunAtMs;
  }

  /** For one of the devices that take part, from the same beginning. */
  ofDevice(): SetUpClock {
    return new SetUpClock(this.#clock, this.#begunAtMs);
  }

  reached(stage: SetUpStage): void {
    if (this.#reached.has(stage)) return;
    this.#reached.set(stage, Math.max(0, this.#clock.nowMs() - this.#begunAtMs));
  }

  get times(): SetUpTimes {
    return Object.fromEntries(this.#reached);
  }
}

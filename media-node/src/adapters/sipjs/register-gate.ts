import { type Pace, startPace, takeTurn } from '../../core/registration/pace.ts';
import type { Clock } from '../../ports/clock.ts';

/** Told once the registration it was given for has an answer. */
export type TurnOver = () => void;

interface Waiting {
  readonly begin: (over: TurnOver) => void;
  isCancelled: boolean;
}

/** Many may wait for an answer at once; a core that is slower than that is not sent more. */
const LEAST_UNDERWAY = 10;

/**
 * Registrations of one flow begin one after another at a capped rate, and no more are under way
 * than a second's worth: after an outage all users of a flow want to register in the same instant.
 */
export class RegisterGate {
  readonly #clock: Clock;
  readonly #perS: number;
  /** Whoever has never been registered has a person waiting. */
  readonly #newcomers = new Queue<Waiting>();
  readonly #returning = new Queue<Waiting>();
  #pace: Pace;
  #underway = new Set<TurnOver>();
  #cancelTimer: (() => void) | undefined;

  constructor(clock: Clock, perS: number) {
    this.#clock = clock;
    this.#perS = perS;
    this.#pace = startPace(clock.nowMs(), perS);
  }

  /** `begin` is called when it is its turn, now or later; never after what is returned is called. */
  enter(isNewcomer: boolean, begin: (over: TurnOver) => void): () => void {
    const waiting: Waiting = { begin, isCancelled: false };
    (isNewcomer ? this.#newcomers : this.#returning).push(waiting);
    this.#admit();
    return () => {
      waiting.isCancelled = true;
    };
  }

  /** Whoever waits or was under way has lost its turn. */
  reset(): void {
    this.#newcomers.clear();
    this.#returning.clear();
    this.#underway = new Set();
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }

  #admit(): void {
    if (this.#cancelTimer) return;
    for (let next = this.#peek(); next; next = this.#peek()) {
      if (this.#underway.size >= Math.max(LEAST_UNDERWAY, this.#perS)) return;
      const { pace, waitMs } = takeTurn(this.#pace, this.#clock.nowMs(), this.#perS);
      this.#pace = pace;
      if (waitMs > 0) {
        this.#cancelTimer = this.#clock.after(waitMs, () => {
          this.#cancelTimer = undefined;
          this.#admit();
        });
        return;
      }
      this.#begin(next);
    }
  }

  #begin({ begin }: Waiting): void {
    this.#newcomers.shift() ?? this.#returning.shift();
    const underway = this.#underway;
    const over = (): void => {
      if (underway.delete(over)) this.#admit();
    };
    underway.add(over);
    begin(over);
  }

  #peek(): Waiting | undefined {
    for (const queue of [this.#newcomers, this.#returning]) {
      while (queue.first?.isCancelled) queue.shift();
    }
    return this.#newcomers.first ?? this.#returning.first;
  }
}

/** First in, first out, without moving those behind. */
class Queue<T> {
  #items: T[] = [];
  #head = 0;

  get first(): T | undefined {
    return this.#items[this.#head];
  }

  push(item: T): void {
    this.#items.push(item);
  }

  shift(): T | undefined {
    const item = this.#items[this.#head];
    if (item === undefined) return undefined;
    this.#head += 1;
    // What was taken is let go of, in blocks, so that each costs the same on average.
    if (this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }

  clear(): void {
    this.#items = [];
    this.#head = 0;
  }
}

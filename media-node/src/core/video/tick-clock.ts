const USUAL_STEP = 3000;
/** A longer step, or one back, is a sender that began anew. */
const MAX_STEP = 10 * 90_000;

/** Timestamps of a sender as a count that rises, whatever he does. */
export class TickClock {
  #timestamp: number | undefined;
  #count = 0;
  #given = -1;

  count(timestamp: number): number {
    const step = this.#timestamp === undefined ? 0 : (timestamp - this.#timestamp) | 0;
    this.#timestamp = timestamp;
    this.#count += step < 0 || step > MAX_STEP ? USUAL_STEP : step;
    return this.#give(this.#count);
  }

  /** So much later than the last of the sender. */
  later(ticks: number): number {
    return this.#give(this.#count + ticks);
  }

  #give(count: number): number {
    this.#given = Math.max(count, this.#given + 1);
    return this.#given;
  }
}

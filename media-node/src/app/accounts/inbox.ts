/** A timer of more than 2^31 ms would fire at once; coming early does no harm. */
export const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** What happens to one machine, taken one at a time: what an effect leads to waits for the others. */
export class Inbox<Event> {
  readonly #take: (event: Event) => void;
  readonly #waiting: Event[] = [];
  #isDraining = false;

  constructor(take: (event: Event) => void) {
    this.#take = take;
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
}

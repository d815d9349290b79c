/** Chance that can be had again: the same seed gives the same numbers (mulberry32). */
export class Chance {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0;
  }

  /** From 0 up to 1. */
  fraction(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  isLucky(share: number): boolean {
    return this.fraction() < share;
  }

  between(from: number, to: number): number {
    return Math.round(from + this.fraction() * (to - from));
  }

  /** One of them, each as often as its weight says. */
  pick<T>(weighted: readonly (readonly [T, number])[]): T {
    const all = weighted.reduce((sum, [, weight]) => sum + weight, 0);
    let left = this.fraction() * all;
    for (const [it, weight] of weighted) {
      left -= weight;
      if (left < 0) return it;
    }
    throw new RangeError('nothing to pick from');
  }
}

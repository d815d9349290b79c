/** Longer than it takes a browser to check all its pairs, and to check again what we have checked. */
const SETTLED_MS = 500;

/**
 * Which pair a controlling browser wants by now. It names the one it sends over with every check, and
 * another from when it moves on. A check or two move nothing: a browser after RFC 5245 §8.1.1.2 names
 * each pair as it checks it at first, and means the one that works already.
 */
export class NamedPair {
  #pair: string | undefined;
  #transaction: string | undefined;
  #sinceMs = 0;

  /** An authentic check has named it. True where it is named for a while, and no other in between. */
  isNamedStill(pair: string, transaction: string, nowMs: number): boolean {
    const isRepeated = transaction === this.#transaction;
    this.#transaction = transaction;
    if (pair !== this.#pair) this.#sinceMs = nowMs;
    this.#pair = pair;
    return !isRepeated && nowMs - this.#sinceMs >= SETTLED_MS;
  }
}

/**
 * What one source may make us work on (SEC-4): so many packets a second on average, a second's worth
 * at once. Time is an input, and may stand still.
 */
export class PacketBudget {
  readonly #packetsPerS: number;
  #left: number;
  #atMs: number;

  constructor(packetsPerS: number, nowMs: number) {
    this.#packetsPerS = packetsPerS;
    this.#left = packetsPerS;
    this.#atMs = nowMs;
  }

  /** False where the packet is one too many. */
  take(nowMs: number): boolean {
    const gained = ((nowMs - this.#atMs) * this.#packetsPerS) / 1000;
    this.#atMs = nowMs;
    this.#left = Math.min(this.#packetsPerS, this.#left + Math.max(0, gained));
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }
}

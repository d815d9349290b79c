/** Throttle as AWS has it: a steady rate and a burst of one second's worth. */
export class TokenBucket {
  readonly #perS: number;
  readonly #nowMs: () => number;
  #tokens: number;
  #filledAtMs: number;

  constructor(perS: number, nowMs: () => number) {
    this.#perS = perS;
    this.#nowMs = nowMs;
    this.#tokens = perS;
    this.#filledAtMs = nowMs();
  }

  take(): boolean {
    const nowMs = this.#nowMs();
    const gained = ((nowMs - this.#filledAtMs) / 1000) * this.#perS;
    this.#tokens = Math.min(this.#perS, this.#tokens + gained);
    this.#filledAtMs = nowMs;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}

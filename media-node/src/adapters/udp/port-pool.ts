import type { Clock } from '../../ports/clock.ts';

export interface PortRange {
  readonly firstPort: number;
  readonly lastPort: number;
}

export interface PortPoolOptions extends PortRange {
  /** How long a freed port rests, so that a late packet meets nobody (MED-12). */
  readonly quarantineMs: number;
}

/** Even ports for RTP; the odd one above belongs to its RTCP (RFC 3550 §11). */
export class PortPool {
  readonly #clock: Clock;
  readonly #quarantineMs: number;
  readonly #free: number[];
  readonly #resting: { readonly port: number; readonly untilMs: number }[] = [];

  constructor(deps: { readonly clock: Clock }, options: PortPoolOptions) {
    this.#clock = deps.clock;
    this.#quarantineMs = options.quarantineMs;
    const first = options.firstPort + (options.firstPort % 2);
    const pairs = Math.max(0, Math.floor((options.lastPort + 1 - first) / 2));
    this.#free = Array.from({ length: pairs }, (_, index) => first + 2 * index);
  }

  /** The port that has been free longest; `undefined` when none is. */
  take(): number | undefined {
    this.#endQuarantines();
    return this.#free.shift();
  }

  give(port: number): void {
    this.#resting.push({ port, untilMs: this.#clock.nowMs() + this.#quarantineMs });
  }

  #endQuarantines(): void {
    const nowMs = this.#clock.nowMs();
    while (this.#resting[0] && this.#resting[0].untilMs <= nowMs) {
      const rested = this.#resting.shift();
      if (rested) this.#free.push(rested.port);
    }
  }
}

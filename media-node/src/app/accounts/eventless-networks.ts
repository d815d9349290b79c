import type { Clock } from '../../ports/clock.ts';

/** What a network says that has no such method, event or notifier: of any user, not of one. */
const HAS_NONE: ReadonlySet<number | string> = new Set([405, 489, 501]);
/** A core may be upgraded; until then each account need not ask for itself. */
const REMEMBERED_MS = 3_600_000;

/** The networks that were found to serve no registration events, by tenant and home domain. */
export class EventlessNetworks {
  readonly #clock: Clock;
  readonly #untilMs = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  refused(network: string, why: number | string): void {
    if (HAS_NONE.has(why)) this.#untilMs.set(network, this.#clock.nowMs() + REMEMBERED_MS);
  }

  has(network: string): boolean {
    const untilMs = this.#untilMs.get(network);
    if (untilMs === undefined) return false;
    if (this.#clock.nowMs() < untilMs) return true;
    this.#untilMs.delete(network);
    return false;
  }
}

import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock } from '../../functions/src/ports/clock.ts';

/** Time stands still but for `advance` and pauses; a pause lets all others have their turn. */
export class MemoryClock implements Clock {
  // In the future, so that no engine with a clock of its own deletes what has not expired here.
  #nowMs = 4_000_000_000_000;
  nowMs(): number {
    return this.#nowMs;
  }
  advance(ms: number): void {
    this.#nowMs += ms;
  }
  async pause(ms: number): Promise<void> {
    await nextTurn();
    this.#nowMs += ms;
  }
}

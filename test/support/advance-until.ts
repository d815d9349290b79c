import type { FakeClock } from './fake-clock.ts';
import { until } from './until.ts';

/** So little at a time: transactions of ours go by the same clock, and real peers by a real one. */
const STEP_MS = 20;

/** The clock goes on until it holds: what starts its timer may be on its way here. */
export const advanceUntil = (clock: FakeClock, holds: () => boolean): Promise<void> =>
  until(() => {
    clock.advance(STEP_MS);
    return holds();
  });

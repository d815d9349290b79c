import type { SteadyClock } from '../../ports/clock.ts';

/** A longer one would fire at once in Node. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export const systemClock: SteadyClock = {
  nowMs: () => Date.now(),
  steadyMs: () => performance.now(),
  after(ms, task) {
    const timer = setTimeout(task, Math.min(ms, LONGEST_TIMER_MS));
    return () => {
      clearTimeout(timer);
    };
  },
};

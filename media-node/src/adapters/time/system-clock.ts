import type { SteadyClock } from '../../ports/clock.ts';

export const systemClock: SteadyClock = {
  nowMs: () => Date.now(),
  steadyMs: () => performance.now(),
  after(ms, task) {
    const timer = setTimeout(task, ms);
    return () => {
      clearTimeout(timer);
    };
  },
};

import { systemClock } from '@isthmus/media-node/adapters/time/system-clock';
import type { Clock } from '@isthmus/media-node/ports/clock';

/** Refreshes and the end of registrations are so long in coming, and nothing else is. */
const LONG_MS = 600_000;

/** The real clock, whose long timers can be made to run out at once. */
export interface HurriedClock extends Clock {
  /** The long timers that run now, the next due first; calling one makes it run out. */
  long(): readonly (() => void)[];
}

export function createHurriedClock(): HurriedClock {
  const dueMs = new Map<() => void, number>();
  return {
    nowMs: () => systemClock.nowMs(),
    after(ms, task) {
      if (ms < LONG_MS) return systemClock.after(ms, task);
      const runOut = (): void => {
        cancel();
        task();
      };
      const cancelTimer = systemClock.after(ms, runOut);
      const cancel = (): void => {
        cancelTimer();
        dueMs.delete(runOut);
      };
      dueMs.set(runOut, systemClock.nowMs() + ms);
      return cancel;
    },
    long: () => [...dueMs].toSorted(([, one], [, other]) => one - other).map(([runOut]) => runOut),
  };
}

import type { Clock } from '../clock.ts';
import { T1_MS, T2_MS } from './timers.ts';

/** Repeats at T1, 2·T1, 4·T1 … until stopped; `capMs` is T2 for all but a request INVITE. */
export function repeat(clock: Clock, task: () => void, capMs = T2_MS): () => void {
  let stop: () => void;
  const arm = (delayMs: number): void => {
    stop = clock.after(delayMs, () => {
      arm(Math.min(delayMs * 2, capMs));
      task();
    });
  };
  arm(T1_MS);
  return () => {
    stop();
  };
}

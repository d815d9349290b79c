import { setTimeout as sleep } from 'node:timers/promises';
import type { CallTimes, Load } from './calling-peer.ts';

/** Janus was seen to crash when a user called again at once after his call. */
const BETWEEN_CALLS_MS = 150;
const SHOWN_FAILURES = 3;

export interface Callers {
  readonly users: number;
  readonly betweenCallsMs?: number;
}

/** Makes calls when they are due, whatever became of those before; `call` resolves in two steps. */
export async function runLoad(
  { calls, perS }: Load,
  { users, betweenCallsMs = BETWEEN_CALLS_MS }: Callers,
  call: (user: number) => Promise<{ readonly released: Promise<unknown> }>,
): Promise<CallTimes> {
  const free = Array.from({ length: users }, (_, user) => user);
  const waiting: ((user: number) => void)[] = [];
  const take = (): Promise<number> => {
    const user = free.shift();
    if (user !== undefined) return Promise.resolve(user);
    return new Promise((resolve) => waiting.push(resolve));
  };
  const give = (user: number): void => {
    const next = waiting.shift();
    if (next) next(user);
    else free.push(user);
  };
  const setUpMs: number[] = [];
  const failures: string[] = [];
  const startedMs = performance.now();
  const one = async (index: number): Promise<void> => {
    const dueMs = startedMs + (index * 1_000) / perS;
    await sleep(Math.max(0, dueMs - performance.now()));
    const user = await take();
    try {
      const { released } = await call(user);
      setUpMs.push(performance.now() - dueMs);
      await released;
    } catch (error) {
      failures.push(error instanceof Error ? error.message : 'failed');
    }
    await sleep(betweenCallsMs);
    give(user);
  };
  await Promise.all(Array.from({ length: calls }, (_, index) => one(index)));
  return { setUpMs, failures: failures.slice(0, SHOWN_FAILURES) };
}

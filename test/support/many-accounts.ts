import { setTimeout as sleep } from 'node:timers/promises';
import { type BenchOptions, createBench } from './sip-account-bench.ts';

const POLL_MS = 100;

export type Person = Required<Pick<BenchOptions, 'impi' | 'impu' | 'password'>>;

/** Users of one node on one flow, counted as they are registered and lost. */
export class ManyAccounts {
  readonly #bench = createBench();
  readonly #registered = new Set<number>();

  get registeredCount(): number {
    return this.#registered.size;
  }

  register(people: readonly Person[], access: BenchOptions['access']): void {
    for (const [index, person] of people.entries()) {
      const { account, heard } = this.#bench.open({ ...person, access });
      account.register();
      heard.listen((event) => {
        if (event.kind === 'registered') this.#registered.add(index);
        else this.#registered.delete(index);
      });
    }
  }

  /** False where that has not come about in time. */
  async until(count: number, withinMs: number): Promise<boolean> {
    const deadlineMs = Date.now() + withinMs;
    while (this.registeredCount !== count && Date.now() < deadlineMs) await sleep(POLL_MS);
    return this.registeredCount === count;
  }

  async close(): Promise<void> {
    await this.#bench.accounts.close();
  }
}

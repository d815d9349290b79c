import type { AttemptCounter } from '../../functions/src/ports/attempt-counter.ts';
import type { RequestJournal, RequestName } from '../../functions/src/ports/request-journal.ts';

export class MemoryAttemptCounter implements AttemptCounter {
  readonly #counts = new Map<string, number>();
  count(subject: string, window: number, _ttl: number): Promise<number> {
    const key = JSON.stringify([subject, window]);
    const count = (this.#counts.get(key) ?? 0) + 1;
    this.#counts.set(key, count);
    return Promise.resolve(count);
  }
  forgive(subject: string, window: number): Promise<void> {
    const key = JSON.stringify([subject, window]);
    const count = this.#counts.get(key);
    if (count !== undefined) this.#counts.set(key, count - 1);
    return Promise.resolve();
  }
}

export class MemoryRequestJournal implements RequestJournal {
  readonly #answers = new Map<string, string | undefined>();
  begin({ connection, requestId }: RequestName): Promise<boolean> {
    const key = JSON.stringify([connection, requestId]);
    if (this.#answers.has(key)) return Promise.resolve(false);
    this.#answers.set(key, undefined);
    return Promise.resolve(true);
  }
  finish({ connection, requestId }: RequestName, answer: string): Promise<void> {
    this.#answers.set(JSON.stringify([connection, requestId]), answer);
    return Promise.resolve();
  }
  answerTo({ connection, requestId }: RequestName): Promise<string | undefined> {
    return Promise.resolve(this.#answers.get(JSON.stringify([connection, requestId])));
  }
}

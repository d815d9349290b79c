export interface AnswerBookOptions {
  readonly nowMs: () => number;
  readonly keptMs: number;
  readonly limit: number;
}

interface Entry<T> {
  /** Once it is there, without its promise: thousands of them are kept. */
  answer: T | Promise<T>;
  readonly endsMs: number;
}

/** Gives a repeated command the answer of the first, which may still be on its way. */
export class AnswerBook<T> {
  readonly #options: AnswerBookOptions;
  readonly #entries = new Map<string, Entry<T>>();

  constructor(options: AnswerBookOptions) {
    this.#options = options;
  }

  async answer(id: string, ask: () => Promise<T>): Promise<T> {
    const { keptMs, nowMs } = this.#options;
    this.#forgetOld(nowMs());
    const known = this.#entries.get(id);
    if (known) return known.answer;
    const entry: Entry<T> = { answer: ask(), endsMs: nowMs() + keptMs };
    this.#entries.set(id, entry);
    entry.answer = await entry.answer;
    return entry.answer;
  }

  /** Entries stand in the order they were made, so the old ones come first. */
  #forgetOld(nowMs: number): void {
    for (const [id, { endsMs }] of this.#entries) {
      if (endsMs > nowMs && this.#entries.size < this.#options.limit) return;
      this.#entries.delete(id);
    }
  }
}

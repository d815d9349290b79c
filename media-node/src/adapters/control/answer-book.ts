export interface AnswerBookOptions {
  readonly nowMs: () => number;
  readonly keptMs: number;
  readonly limit: number;
}

/** Gives a repeated command the answer of the first, which may still be on its way. */
export class AnswerBook<T> {
  readonly #options: AnswerBookOptions;
  readonly #entries = new Map<string, { readonly answer: Promise<T>; readonly endsMs: number }>();

  constructor(options: AnswerBookOptions) {
    this.#options = options;
  }

  answer(id: string, ask: () => Promise<T>): Promise<T> {
    const { keptMs, nowMs } = this.#options;
    this.#forgetOld(nowMs());
    const known = this.#entries.get(id);
    if (known) return known.answer;
    const answer = ask();
    this.#entries.set(id, { answer, endsMs: nowMs() + keptMs });
    return answer;
  }

  /** Entries stand in the order they were made, so the old ones come first. */
  #forgetOld(nowMs: number): void {
    for (const [id, { endsMs }] of this.#entries) {
      if (endsMs > nowMs && this.#entries.size < this.#options.limit) return;
      this.#entries.delete(id);
    }
  }
}

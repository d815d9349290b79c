import type { Clock } from '../../ports/clock.ts';

/** Behind a transaction's end a network may still send the same request by another way. */
const REMEMBERED_MS = 5 * 60_000;
const MOST = 10_000;

/** The same request, however often it comes, is served once and answered alike. */
export class RecentAnswers {
  readonly #clock: Clock;
  readonly #answers = new Map<
    string,
    { readonly untilMs: number; readonly answer: Promise<number> }
  >();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  answerOf(key: string, serve: () => Promise<number>): Promise<number> {
    this.#forget();
    const known = this.#answers.get(key);
    if (known) return known.answer;
    const answer = serve();
    this.#answers.set(key, { untilMs: this.#clock.nowMs() + REMEMBERED_MS, answer });
    return answer;
  }

  /** In the order of their coming, so that the first are the oldest. */
  #forget(): void {
    const nowMs = this.#clock.nowMs();
    for (const [key, { untilMs }] of this.#answers) {
      if (untilMs > nowMs && this.#answers.size < MOST) return;
      this.#answers.delete(key);
    }
  }
}

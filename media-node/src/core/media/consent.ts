/** Thirty silent seconds withdraw the browser's consent to be sent media (RFC 7675 §5.1). */
export const CONSENT_EXPIRY_MS = 30_000;
/** Checks unanswered for longer than this are forgotten: one every 5 s, and those of set-up. */
const MAX_PENDING = 64;

/** Which of our checks were answered, and so until when we may send. Time is an input. */
export class Consent {
  readonly #expiryMs: number;
  readonly #pending = new Set<string>();
  #freshUntilMs = -1;

  constructor(expiryMs: number) {
    this.#expiryMs = expiryMs;
  }

  requestSent(transaction: string): void {
    if (this.#pending.size >= MAX_PENDING) {
      const [oldest] = this.#pending;
      if (oldest !== undefined) this.#pending.delete(oldest);
    }
    this.#pending.add(transaction);
  }

  /** An authentic success response. One that answers no check of ours grants nothing. */
  responseReceived(transaction: string, nowMs: number): void {
    if (this.#pending.delete(transaction)) this.#freshUntilMs = nowMs + this.#expiryMs;
  }

  /** Of a lite agent, which sends none of its own: an authentic check of the browser's. */
  asked(nowMs: number): void {
    this.#freshUntilMs = nowMs + this.#expiryMs;
  }

  /** How long consent still lasts; zero or less once it is gone. */
  remainingMs(nowMs: number): number {
    return this.#freshUntilMs - nowMs;
  }
}

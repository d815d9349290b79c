import { CHANCE_BITS, chanceOf } from '../../core/registration/backoff.ts';
import { type KeepAliveTerms, keepAliveMs } from '../../core/sip/keep-alive.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Ids } from '../../ports/ids.ts';
import type { Link } from './link.ts';

/** RFC 5626 §4.4.1. */
const PONG_WITHIN_MS = 10_000;

export interface KeepAliveDeps {
  readonly clock: Clock;
  readonly ids: Ids;
}

/** Keeps one link open, and notices where the far end of it is gone. */
export class KeepAlive {
  readonly #deps: KeepAliveDeps;
  readonly #link: Link;
  readonly #onDead: () => void;
  #terms: KeepAliveTerms = { isServed: false };
  /** RFC 6223: who never answered a ping does not take part, and is not gone for it. */
  #answersPings = false;
  #answersStun: 'unknown' | 'yes' | 'no' = 'unknown';
  #cancelTimer: () => void = () => undefined;

  constructor(deps: KeepAliveDeps, link: Link, onDead: () => void) {
    this.#deps = deps;
    this.#link = link;
    this.#onDead = onDead;
    this.#wait();
  }

  /** One flow serves many: whoever wants to hear from us soonest is followed. */
  told(terms: KeepAliveTerms): void {
    const { withinS = Number.POSITIVE_INFINITY } = this.#terms;
    const isServed = this.#terms.isServed || terms.isServed;
    const isSooner = (terms.withinS ?? Number.POSITIVE_INFINITY) < withinS;
    if (isServed === this.#terms.isServed && !isSooner) return;
    this.#terms = { ...this.#terms, ...(isSooner && terms), isServed };
    this.#wait();
  }

  pong(kind: 'crlf' | 'stun'): void {
    if (kind === 'stun') this.#answersStun = 'yes';
    else if (this.#link.protocol === 'UDP') return;
    else this.#answersPings = true;
    this.#wait();
  }

  stop(): void {
    this.#cancelTimer();
  }

  #wait(): void {
    const { clock, ids } = this.#deps;
    const isStream = this.#link.protocol !== 'UDP';
    const ms = keepAliveMs(isStream, this.#terms, chanceOf(ids.random(CHANCE_BITS)));
    this.#cancelTimer();
    this.#cancelTimer = clock.after(ms, () => {
      this.#ping();
    });
  }

  #ping(): void {
    if (this.#usesStun) {
      this.#probe();
      return;
    }
    this.#link.ping();
    if (this.#link.protocol === 'UDP' || !this.#answersPings) this.#wait();
    else this.#cancelTimer = this.#deps.clock.after(PONG_WITHIN_MS, this.#onDead);
  }

  /** Only who has said so is sent STUN at its SIP port (RFC 5626 §4.4.2). */
  get #usesStun(): boolean {
    return this.#link.probe !== undefined && this.#terms.isServed && this.#answersStun !== 'no';
  }

  #probe(): void {
    this.#link.probe?.(() => {
      if (this.#answersStun === 'yes') this.#onDead();
      else {
        this.#answersStun = 'no';
        this.#wait();
      }
    });
  }
}

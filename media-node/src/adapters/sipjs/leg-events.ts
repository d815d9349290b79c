import type { IncomingRequestMessage } from 'sip.js/lib/core/index.js';
import { reasonsOf } from '../../core/sip/reason.ts';
import type { Log } from '../../ports/log.ts';
import type { SipLegEvent } from '../../ports/sip-leg.ts';

type Listener = (event: SipLegEvent) => void;

/** Delivers a leg's events in order, never inside the call that caused them, none after the last. */
export class LegEvents {
  readonly #log: Log;
  readonly #kept: SipLegEvent[] = [];
  #listener: Listener | undefined;
  #isOver = false;
  readonly #whenOver: () => void;

  constructor(log: Log, whenOver: () => void) {
    this.#log = log;
    this.#whenOver = whenOver;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  listen(listener: Listener): void {
    this.#listener = listener;
    this.#deliverSoon();
  }

  push(event: SipLegEvent): void {
    if (this.#isOver) return;
    this.#kept.push(event);
    this.#deliverSoon();
  }

  pushLast(event: SipLegEvent): void {
    this.push(event);
    this.#end();
  }

  /** Whoever ended the leg himself hears nothing more of it. */
  silence(): void {
    this.#kept.length = 0;
    this.#end();
  }

  #end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#whenOver();
  }

  #deliverSoon(): void {
    queueMicrotask(() => {
      this.#deliver();
    });
  }

  #deliver(): void {
    const { length } = this.#kept;
    if (!this.#listener) return;
    for (const event of this.#kept.splice(0, length)) {
      try {
        this.#listener(event);
      } catch (cause) {
        // The socket's callback is above us: a fault of one call must not reach it.
        this.#log.error('a listener of a SIP leg failed', { event: event.kind, cause });
      }
    }
  }
}

/** BYE, with what its Reason says (RFC 3326 §2). */
export function hungUpBy(message: IncomingRequestMessage): SipLegEvent {
  const reason = message.getHeader('reason');
  const { q850 } = reasonsOf(message.getHeaders('reason'));
  return {
    kind: 'sip-hung-up',
    ...(reason !== undefined && { reason }),
    ...(q850 !== undefined && { q850 }),
  };
}

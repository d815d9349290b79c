import { randomBytes } from 'node:crypto';
import { mappedAddressOf, stunKeepAlive } from '../../core/sip/stun-keep-alive.ts';
import type { Clock } from '../../ports/clock.ts';

export interface StunProbeDeps {
  readonly clock: Clock;
  readonly transmit: (packet: Uint8Array) => void;
  readonly onAnswer: () => void;
  /** What translates our address has forgotten us: the flow is another now (RFC 5626 §4.4.2). */
  readonly onMoved: () => void;
}

/** RFC 8489 §6.2.1: the first wait; each is twice the one before. */
const RTO_MS = 500;
const REQUESTS = 7;
const LAST_WAIT_MS = 16 * RTO_MS;
const BINDING_SUCCESS = 0x0101;

/** Binding requests as keep-alives, one at a time. */
export class StunProbe {
  readonly #deps: StunProbeDeps;
  #pending: { readonly transaction: Buffer; readonly cancel: () => void } | undefined;
  #mapped: string | undefined;

  constructor(deps: StunProbeDeps) {
    this.#deps = deps;
  }

  ask(onUnanswered: () => void): void {
    this.stop();
    const transaction = randomBytes(12);
    const request = stunKeepAlive(transaction);
    const send = (sent: number): void => {
      if (sent === REQUESTS) {
        this.stop();
        onUnanswered();
        return;
      }
      this.#deps.transmit(request);
      const waitMs = sent + 1 === REQUESTS ? LAST_WAIT_MS : RTO_MS * 2 ** sent;
      const cancel = this.#deps.clock.after(waitMs, () => {
        send(sent + 1);
      });
      this.#pending = { transaction, cancel };
    };
    send(0);
  }

  received(packet: Buffer): void {
    const isAnswer =
      packet.readUInt16BE(0) === BINDING_SUCCESS &&
      this.#pending?.transaction.equals(packet.subarray(8, 20));
    if (!isAnswer) return;
    this.stop();
    const before = this.#mapped;
    this.#mapped = mappedAddressOf(packet) ?? before;
    if (before !== undefined && before !== this.#mapped) this.#deps.onMoved();
    else this.#deps.onAnswer();
  }

  stop(): void {
    this.#pending?.cancel();
    this.#pending = undefined;
  }
}

import type { Clock } from '../clock.ts';
import type { SipRequest, SipResponse } from '../sip/message.ts';
import { writeMessage } from '../sip/write-message.ts';
import type { Flow } from '../transport/flow.ts';
import { repeat } from './repeater.ts';
import { T4_MS, TRANSACTION_MS } from './timers.ts';

export interface ServerTransactionOptions {
  readonly request: SipRequest;
  readonly flow: Flow;
  readonly clock: Clock;
  readonly onSent: (bytes: Uint8Array) => void;
  readonly onEnd: () => void;
}

/** RFC 3261 §17.2 with the accepted state of RFC 6026 §7.1. */
export class ServerTransaction {
  readonly request: SipRequest;
  readonly flow: Flow;
  /** Called once, when the INVITE is cancelled before its final response. */
  onCancel: () => void = () => undefined;
  readonly #options: ServerTransactionOptions;
  #state: 'proceeding' | 'accepted' | 'completed' | 'confirmed' = 'proceeding';
  #last: Uint8Array | undefined;
  #stops: (() => void)[] = [];

  constructor(options: ServerTransactionOptions) {
    this.#options = options;
    this.request = options.request;
    this.flow = options.flow;
  }

  get isFinal(): boolean {
    return this.#state !== 'proceeding';
  }

  respond(response: SipResponse): void {
    const isSuccess = response.status >= 200 && response.status < 300;
    if (this.isFinal && !(this.#state === 'accepted' && isSuccess)) return;
    this.#last = writeMessage(response);
    this.#send();
    if (response.status >= 200 && !this.isFinal) this.#finish(isSuccess);
  }

  /** A repeated request: the last response again; the 2xx of an INVITE is its user's to repeat. */
  repeated(): void {
    if (this.#state === 'proceeding' || this.#state === 'completed') this.#send();
  }

  cancelled(): void {
    if (!this.isFinal) this.onCancel();
  }

  /** False for the ACK of a 2xx by a peer that reuses the branch: that one is for the user. */
  acknowledged(): boolean {
    if (this.#state === 'accepted') return false;
    if (this.#state !== 'completed') return true;
    this.#state = 'confirmed';
    this.#stop();
    this.#endAfter(this.flow.isReliable ? 0 : T4_MS);
    return true;
  }

  #finish(isSuccess: boolean): void {
    const { clock } = this.#options;
    if (this.request.method !== 'INVITE') {
      this.#state = 'completed';
      this.#endAfter(this.flow.isReliable ? 0 : TRANSACTION_MS);
      return;
    }
    this.#state = isSuccess ? 'accepted' : 'completed';
    if (!isSuccess && !this.flow.isReliable) {
      this.#stops.push(
        repeat(clock, () => {
          this.#send();
        }),
      );
    }
    this.#endAfter(TRANSACTION_MS);
  }

  #send(): void {
    if (this.#last === undefined) return;
    this.flow.send(this.#last);
    this.#options.onSent(this.#last);
  }

  #endAfter(ms: number): void {
    const end = (): void => {
      this.#stop();
      this.#options.onEnd();
    };
    this.#stops.push(this.#options.clock.after(ms, end));
  }

  #stop(): void {
    for (const stop of this.#stops) stop();
    this.#stops = [];
  }
}

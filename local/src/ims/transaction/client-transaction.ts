import type { Clock } from '../clock.ts';
import {
  allHeaders,
  firstHeader,
  NO_BODY,
  type SipRequest,
  type SipResponse,
} from '../sip/message.ts';
import { responseTo } from '../sip/respond.ts';
import { writeMessage } from '../sip/write-message.ts';
import type { Flow } from '../transport/flow.ts';
import { repeat } from './repeater.ts';
import { T4_MS, TIMER_D_MS, TRANSACTION_MS } from './timers.ts';

export interface ClientTransactionOptions {
  /** With its Via on top. */
  readonly request: SipRequest;
  readonly flow: Flow;
  readonly clock: Clock;
  readonly onSent: (bytes: Uint8Array) => void;
  /** Every response but repeated ones; a transaction that dies hands in a 408 of its own. */
  readonly onResponse: (response: SipResponse) => void;
  readonly onEnd: () => void;
  /** Starts a transaction beside this one: CANCEL has its own. */
  readonly startCancel: (cancel: SipRequest) => void;
}

/** RFC 3261 §17.1 with the accepted state of RFC 6026 §7.2. */
export class ClientTransaction {
  readonly #options: ClientTransactionOptions;
  readonly #isInvite: boolean;
  #state: 'calling' | 'proceeding' | 'accepted' | 'completed' = 'calling';
  #isCancelWanted = false;
  #isCancelled = false;
  #stops: (() => void)[] = [];

  constructor(options: ClientTransactionOptions) {
    this.#options = options;
    this.#isInvite = options.request.method === 'INVITE';
  }

  start(): void {
    const { clock, flow } = this.#options;
    this.#send(this.#options.request);
    if (!flow.isReliable) {
      const again = (): void => {
        this.#send(this.#options.request);
      };
      this.#stops.push(repeat(clock, again, this.#isInvite ? TRANSACTION_MS : undefined));
    }
    this.#stops.push(
      clock.after(TRANSACTION_MS, () => {
        this.fail();
      }),
    );
  }

  receive(response: SipResponse): void {
    if (response.status < 200) this.#provisional(response);
    else if (this.#isInvite && response.status < 300) this.#accepted(response);
    else this.#final(response);
  }

  /** CANCEL waits for a provisional response (RFC 3261 §9.1). */
  cancel(): void {
    this.#isCancelWanted = true;
    if (this.#state !== 'proceeding' || this.#isCancelled) return;
    this.#isCancelled = true;
    this.#options.startCancel(this.#hopRequest('CANCEL'));
    // A callee that never sends its 487 must not hold the call (RFC 3261 §9.1).
    this.#stops.push(
      this.#options.clock.after(TRANSACTION_MS, () => {
        this.fail();
      }),
    );
  }

  get flow(): Flow {
    return this.#options.flow;
  }

  #provisional(response: SipResponse): void {
    if (this.#state !== 'calling' && this.#state !== 'proceeding') return;
    if (this.#state === 'calling' && this.#isInvite) this.#stop();
    this.#state = 'proceeding';
    if (this.#isCancelWanted) this.cancel();
    this.#options.onResponse(response);
  }

  #accepted(response: SipResponse): void {
    if (this.#state === 'completed') return;
    if (this.#state !== 'accepted') {
      this.#stop();
      this.#state = 'accepted';
      this.#endAfter(TRANSACTION_MS);
    }
    this.#options.onResponse(response);
  }

  #final(response: SipResponse): void {
    if (this.#state === 'accepted') return;
    if (this.#isInvite) this.#send(this.#ackFor(response));
    if (this.#state === 'completed') return;
    this.#stop();
    this.#state = 'completed';
    const lingerMs = this.#isInvite ? TIMER_D_MS : T4_MS;
    this.#endAfter(this.#options.flow.isReliable ? 0 : lingerMs);
    this.#options.onResponse(response);
  }

  /** Nobody answers, or nobody can any more: a 408 of our own. */
  fail(): void {
    if (this.#state === 'completed' || this.#state === 'accepted') return;
    this.#stop();
    this.#state = 'completed';
    this.#options.onEnd();
    this.#options.onResponse(responseTo(this.#options.request, { status: 408 }));
  }

  #ackFor(response: SipResponse): SipRequest {
    const ack = this.#hopRequest('ACK');
    const to = firstHeader(response, 'To') ?? '';
    return {
      ...ack,
      headers: ack.headers.map((it) => (it.name === 'To' ? { name: 'To', value: to } : it)),
    };
  }

  /** ACK of a refusal and CANCEL go the INVITE's own way (RFC 3261 §9.1, §17.1.1.3). */
  #hopRequest(method: 'ACK' | 'CANCEL'): SipRequest {
    const { request } = this.#options;
    const copy = (name: string) => ({ name, value: firstHeader(request, name) ?? '' });
    const cseq = firstHeader(request, 'CSeq')?.split(/\s+/)[0] ?? '1';
    return {
      kind: 'request',
      method,
      uri: request.uri,
      headers: [
        copy('Via'),
        ...allHeaders(request, 'Route').map((value) => ({ name: 'Route', value })),
        copy('From'),
        copy('To'),
        copy('Call-ID'),
        { name: 'CSeq', value: `${cseq} ${method}` },
        { name: 'Max-Forwards', value: '70' },
      ],
      body: NO_BODY,
    };
  }

  #send(request: SipRequest): void {
    const bytes = writeMessage(request);
    this.#options.flow.send(bytes);
    this.#options.onSent(bytes);
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

import type { IncomingInviteRequest, IncomingRequestMessage } from 'sip.js/lib/core/index.js';
import { calledImpuOf, callerOf } from '../../core/sip/identity.ts';
import type { IncomingInvite } from '../../ports/sip-accounts.ts';
import type { SipLeg, SipLegEvent } from '../../ports/sip-leg.ts';
import { Conversation, sdpIn } from './conversation.ts';
import { type LegContext, type LiveLeg, sdpBody } from './leg-context.ts';
import { LegEvents } from './leg-events.ts';
import { calleeLeg } from './sip-trace-feed.ts';

type Phase = 'pending' | 'answered' | 'confirmed';

/** One INVITE to us and the dialog that comes of it. */
export class IncomingLeg implements SipLeg, LiveLeg {
  readonly #context: LegContext;
  readonly #events: LegEvents;
  readonly #request: IncomingInviteRequest;
  readonly #isOfferless: boolean;
  #phase: Phase = 'pending';
  #conversation: Conversation | undefined;
  /** BYE may not overtake the ACK (RFC 3261 §15). */
  #byeWhenAcknowledged = false;

  constructor(context: LegContext, request: IncomingInviteRequest) {
    this.#context = context;
    this.#request = request;
    this.#events = new LegEvents(context.log, () => context.legs.delete(this));
    this.#isOfferless = sdpIn(request.message) === undefined;
    context.legs.add(this);
    request.delegate = {
      onCancel: () => {
        this.#cancelled();
      },
    };
    request.trying();
  }

  get callId(): string {
    return this.#request.message.callId;
  }

  get traceId(): string {
    return calleeLeg(this.#context.account, this.callId);
  }

  get invite(): IncomingInvite {
    const { message } = this.#request;
    const sdp = sdpIn(message);
    const headers = (name: string): readonly string[] => message.getHeaders(name);
    return {
      tenant: this.#context.tenant,
      calledImpu: calledImpuOf(headers, message.ruri?.toString() ?? ''),
      from: callerOf(headers),
      ...(sdp !== undefined && { sdp }),
      listen: (onEvent: (event: SipLegEvent) => void) => {
        this.#events.listen(onEvent);
        return this;
      },
    };
  }

  ring(): void {
    if (this.#isPending) this.#request.progress({ statusCode: 180 });
  }

  answer(sdp: string): void {
    if (!this.#isPending) return;
    this.#phase = 'answered';
    const { session } = this.#request.accept({ statusCode: 200, body: sdpBody(sdp) });
    this.#conversation = new Conversation(this.#context, this.#events, session);
    const inDialog = session.delegate;
    session.delegate = Object.assign({}, inDialog, {
      onAck: (ack: { readonly message: IncomingRequestMessage }) => {
        if (this.#phase === 'answered') this.#acknowledged(ack.message);
        else void inDialog?.onAck?.(ack);
      },
      onAckTimeout: () => {
        this.#unacknowledged();
      },
    });
  }

  reject(statusCode: number): void {
    if (!this.#isPending) return;
    this.#request.reject({ statusCode });
    this.#events.silence();
  }

  cancel(): void {
    // Only the caller cancels.
  }

  bye(): void {
    if (this.#phase === 'answered') this.#byeWhenAcknowledged = true;
    else if (!this.#events.isOver) this.#conversation?.bye();
  }

  answerReoffer(sdp: string): void {
    this.#conversation?.answerReoffer(sdp);
  }

  refuseReoffer(status: number): void {
    this.#conversation?.refuseReoffer(status);
  }

  flowLost(reason: string): void {
    this.#events.pushLast({ kind: 'sip-hung-up', reason });
  }

  get #isPending(): boolean {
    return this.#phase === 'pending' && !this.#events.isOver;
  }

  #cancelled(): void {
    if (!this.#isPending) return;
    this.#request.reject({ statusCode: 487 });
    this.#events.pushLast({ kind: 'sip-cancelled' });
  }

  #acknowledged(ack: IncomingRequestMessage): void {
    this.#phase = 'confirmed';
    const sdp = this.#isOfferless ? sdpIn(ack) : undefined;
    if (this.#byeWhenAcknowledged) this.#conversation?.bye();
    else
      this.#events.push(
        sdp === undefined ? { kind: 'sip-acknowledged' } : { kind: 'sip-acknowledged', sdp },
      );
  }

  /** Nobody acknowledged the 2xx within 64·T1: the caller is not there (RFC 3261 §13.3.1.4). */
  #unacknowledged(): void {
    this.#phase = 'confirmed';
    if (this.#byeWhenAcknowledged) {
      this.#conversation?.bye();
      return;
    }
    this.#events.pushLast({ kind: 'sip-hung-up', reason: 'no ACK' });
    this.#conversation?.sendBye();
  }
}

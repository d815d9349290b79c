import type {
  IncomingInviteRequest,
  IncomingRequestMessage,
  Session,
} from 'sip.js/lib/core/index.js';
import { OwnSdp } from '../../core/session/own-sdp.ts';
import { isWaiting, linesAfter, withPreconditions } from '../../core/session/preconditions.ts';
import type { Provisional } from '../../core/session/reliable-provisional.ts';
import { optionTagsOf } from '../../core/session/session-policy.ts';
import type { Agreed } from '../../core/session/session-timer.ts';
import type { IncomingInvite } from '../../ports/sip-accounts.ts';
import type { Redirection, SipLeg, SipLegEvent } from '../../ports/sip-leg.ts';
import { Conversation } from './conversation.ts';
import { before, takePrack } from './early-answer.ts';
import {
  acceptanceOf,
  type InviteTerms,
  invitationOf,
  provisionalHeaders,
  refuseInvite,
  termsOf,
  whyCancelled,
} from './invite-terms.ts';
import { chance, type LegContext, type LiveLeg, sdpBody } from './leg-context.ts';
import { LegEvents } from './leg-events.ts';
import { type PeerRequest, sdpIn } from './peer-request.ts';
import { ReliableResponses } from './reliable-responses.ts';
import { calleeLeg } from './sip-trace-feed.ts';
import { TalkingLeg } from './talking-leg.ts';

type Phase = 'pending' | 'answered' | 'confirmed';

/** RFC 3262 §3 asks for a 5xx. */
const NO_PRACK = 504;

/** One INVITE to us and the dialog that comes of it. */
export class IncomingLeg extends TalkingLeg implements SipLeg, LiveLeg {
  readonly #context: LegContext;
  readonly #events: LegEvents;
  readonly #request: IncomingInviteRequest;
  readonly #terms: InviteTerms;
  readonly #own = new OwnSdp();
  readonly #reliable: ReliableResponses;
  #phase: Phase = 'pending';
  #conversation: Conversation | undefined;
  /** What our 2xx says of the session's length. */
  #agreed: Agreed | undefined;
  /** Given in a provisional response; acknowledged, it stands. */
  #early: string | undefined;
  #isReady = false;
  /** For the 2xx, or to be offered where another was given early. */
  #answer: string | undefined;
  /** BYE may not overtake the ACK (RFC 3261 §15). */
  #byeWhenAcknowledged = false;

  constructor(context: LegContext, request: IncomingInviteRequest) {
    super();
    this.#context = context;
    this.#request = request;
    this.#events = new LegEvents(context.log, () => {
      context.legs.delete(this);
      this.#reliable.end();
      this.#conversation?.close();
    });
    this.#terms = termsOf(request.message, context.policy);
    this.#reliable = new ReliableResponses(
      context.clock,
      { cseq: request.message.cseq, random: chance(context.ids), t1Ms: context.policy.t1Ms },
      {
        send: (response, number) => {
          this.#progress(response, number);
        },
        acknowledged: (prack, response) => {
          this.#pracked(prack, response);
        },
        answer: () => {
          this.#accept();
        },
        giveUp: () => {
          if (!this.#isPending) return;
          request.reject({ statusCode: NO_PRACK });
          this.#events.pushLast({ kind: 'sip-hung-up', reason: 'no PRACK' });
        },
      },
    );
    context.legs.add(this);
    request.delegate = {
      onCancel: (message) => {
        this.#cancelled(message);
      },
    };
    request.trying();
  }

  protected override get confirmed(): Conversation | undefined {
    return this.#events.isOver ? undefined : this.#conversation;
  }

  get callId(): string {
    return this.#request.message.callId;
  }

  get traceId(): string {
    return calleeLeg(this.#context.account, this.callId);
  }

  get invite(): IncomingInvite {
    return {
      tenant: this.#context.tenant,
      ...invitationOf(this.#request.message, this.#terms),
      listen: (onEvent: (event: SipLegEvent) => void) => {
        this.#events.listen(onEvent);
        return this;
      },
    };
  }

  ring(): void {
    if (!this.#isPending) return;
    if (this.#terms.requiresReliable) this.#reliable.send({ status: 180 });
    else this.#progress({ status: 180 });
  }

  answerEarly(sdp: string): void {
    if (!this.#isPending || this.#early !== undefined) return;
    this.#early = sdp;
    this.#reliable.send({ status: 183, sdp });
  }

  answer(sdp: string): void {
    if (!this.#isPending || this.#answer !== undefined) return;
    this.#answer = sdp;
    const accept = (): void => {
      this.#reliable.answer();
    };
    if ((this.#early ?? sdp) === sdp || !this.#conversation?.methods.allows('UPDATE')) accept();
    else
      before(accept, this.#context.clock, (over) => {
        this.#offerOther(sdp, over);
      });
  }

  /** Before the ACK it takes the place of what was given early. */
  override answerReoffer(sdp: string): void {
    super.answerReoffer(sdp);
    if (this.#phase === 'confirmed' || this.#early === undefined) return;
    this.#early = sdp;
    this.#answer &&= sdp;
    this.#checkReady();
  }

  reject(statusCode: number, redirection?: Redirection): void {
    if (!this.#isPending) return;
    refuseInvite(this.#request, statusCode, redirection);
    this.#events.silence();
  }

  /** Only the caller cancels. */
  cancel(): void {}

  bye(): void {
    if (this.#phase !== 'confirmed') this.#byeWhenAcknowledged = true;
    else if (!this.#events.isOver) this.#conversation?.bye();
  }

  flowLost(reason: string): void {
    this.#events.pushLast({ kind: 'sip-hung-up', reason });
  }

  get #isPending(): boolean {
    return this.#phase === 'pending' && !this.#events.isOver;
  }

  #progress({ status: statusCode, sdp }: Provisional, rseq?: number): void {
    if (!this.#isPending) return;
    const { session } = this.#request.progress({
      statusCode,
      supported: [...optionTagsOf(this.#context.policy)],
      extraHeaders: [...provisionalHeaders(this.#terms, sdp, rseq)],
      ...(sdp !== undefined && { body: sdpBody(this.#describe(sdp)) }),
    });
    this.#converse(session);
    if (sdp !== undefined && this.#terms.offer === undefined) this.#conversation?.offers.opened();
  }

  #describe(sdp: string): string {
    const { preconditions: asked } = this.#terms;
    return this.#own.write(asked ? withPreconditions(sdp, linesAfter(asked)) : sdp);
  }

  #converse(session: Session): Conversation {
    if (this.#conversation) return this.#conversation;
    const { message } = this.#request;
    const conversation = new Conversation(this.#context, this.#events, {
      ...{ session, ownsCallId: false, own: this.#own },
      initial: this.#terms.offer === undefined ? 'stable' : 'theirs-open',
      hooks: {
        onFirstAck: (ack) => {
          this.#acknowledged(ack);
        },
        onAckTimeout: () => {
          this.#unacknowledged();
        },
        onPrack: (prack) => {
          this.#reliable.receive(prack);
        },
        onUnchanged: () => {
          this.#checkReady();
        },
        onBye: () => {
          if (this.#isPending) this.#request.reject({ statusCode: 487 });
        },
      },
    });
    conversation.methods.learn(message);
    this.#conversation = conversation;
    return conversation;
  }

  #pracked(prack: PeerRequest, response: Provisional): void {
    const isDone = takePrack(prack, {
      ...{ response, offer: this.#terms.offer, offers: this.#conversation?.offers },
      onAnswer: (sdp) => {
        this.#events.push({ kind: 'sip-acknowledged', sdp });
      },
    });
    if (isDone) this.#checkReady();
  }

  #checkReady(): void {
    const offers = this.#conversation?.offers;
    if (this.#isReady || this.#early === undefined || offers?.theirs === undefined) return;
    if (offers.preconditions && isWaiting(offers.preconditions)) return;
    this.#isReady = true;
    this.#events.push({ kind: 'sip-ready' });
  }

  #accept(): void {
    if (!this.#isPending || this.#answer === undefined) return;
    this.#phase = 'answered';
    const { agreed, answer } = acceptanceOf(this.#terms, this.#context.policy);
    this.#agreed = agreed;
    if (this.#early === undefined) {
      const body = sdpBody(this.#describe(this.#answer));
      const { session } = this.#request.accept({ ...answer, body });
      const { offers } = this.#converse(session);
      if (this.#terms.offer === undefined) offers.opened();
      else offers.took(this.#terms.offer, true);
      return;
    }
    this.#conversation?.forgetAnswer();
    this.#request.accept(answer);
  }

  #cancelled(message: IncomingRequestMessage): void {
    if (!this.#isPending) return;
    this.#request.reject({ statusCode: 487 });
    this.#events.pushLast({ kind: 'sip-cancelled', ...whyCancelled(message) });
  }

  #acknowledged(ack: IncomingRequestMessage): void {
    if (this.#phase !== 'answered') return;
    this.#phase = 'confirmed';
    const conversation = this.#conversation;
    if (this.#byeWhenAcknowledged) {
      conversation?.bye();
      return;
    }
    const sdp = (this.#terms.offer ?? this.#early) ? undefined : sdpIn(ack);
    if (sdp !== undefined) conversation?.offers.took(sdp, false);
    this.#events.push({ kind: 'sip-acknowledged', ...(sdp !== undefined && { sdp }) });
    conversation?.confirmed(this.#agreed);
    if (this.#early !== undefined && this.#answer !== undefined && this.#answer !== this.#early)
      this.#offerOther(this.#answer);
  }

  /** Another device answers than the one whose description the caller has (RFC 3311 §5.1). */
  #offerOther(sdp: string, over: () => void = () => undefined): void {
    this.#conversation?.offers.offer({
      sdp,
      onAnswer: (answer) => {
        this.#early = sdp;
        this.#events.push({ kind: 'sip-acknowledged', sdp: answer });
        over();
      },
      onRefused: over,
    });
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

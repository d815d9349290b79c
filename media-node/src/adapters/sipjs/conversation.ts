import type {
  IncomingRequestMessage,
  IncomingResponseMessage,
  Session,
} from 'sip.js/lib/core/index.js';
import type { OfferState } from '../../core/session/offer-answer.ts';
import type { OwnSdp } from '../../core/session/own-sdp.ts';
import { type Agreed, answerToAsker } from '../../core/session/session-timer.ts';
import type { Dialog } from '../../ports/sip-leg.ts';
import { byeIn } from './dialog-bye.ts';
import { dialogOf } from './dialog-name.ts';
import { DialogOffers } from './dialog-offers.ts';
import { DialogRequests } from './dialog-requests.ts';
import { InfoDigits } from './info-digits.ts';
import type { LegContext } from './leg-context.ts';
import { hungUpBy, type LegEvents } from './leg-events.ts';
import { PeerMethods } from './peer-methods.ts';
import { type PeerRequest, sdpIn } from './peer-request.ts';
import { Referrals } from './referrals.ts';
import { SessionKeeper } from './session-keeper.ts';
import { forgetAnswer } from './sip-js-corrections.ts';
import { timerHeadersOf } from './timer-headers.ts';

/** RFC 3261 §15.1.2: what is pending when BYE comes. */
const REQUEST_TERMINATED = 487;

export interface ConversationHooks {
  /** The INVITE that made the dialog was acknowledged. */
  readonly onFirstAck?: (message: IncomingRequestMessage) => void;
  readonly onAckTimeout?: () => void;
  readonly onPrack?: (request: PeerRequest) => void;
  readonly onBye?: () => void;
  /** The peer's preconditions may have changed, and nothing else. */
  readonly onUnchanged?: () => void;
  /** Before an offer of the peer's is passed on. */
  readonly onOffered?: () => void;
}

export interface ConversationStart {
  readonly session: Session;
  /** We made the call. */
  readonly ownsCallId: boolean;
  readonly own: OwnSdp;
  readonly initial: OfferState;
  readonly hooks?: ConversationHooks;
}

/** One dialog, early or confirmed: offers, its session timer, BYE (RFC 3261 §12 to §15). */
export class Conversation {
  readonly offers: DialogOffers;
  readonly requests: DialogRequests;
  readonly referrals: Referrals;
  readonly info: InfoDigits;
  readonly methods = new PeerMethods();
  readonly #context: LegContext;
  readonly #events: LegEvents;
  readonly #session: Session;
  readonly #hooks: ConversationHooks;
  readonly #own: OwnSdp;
  readonly #ownsCallId: boolean;
  readonly #keeper: SessionKeeper;
  /** The peer's offer was absent, so that its ACK answers ours. */
  #expectsAnswerInAck = false;
  #isConfirmed = false;
  #isRetired = false;

  constructor(context: LegContext, events: LegEvents, start: ConversationStart) {
    const { session, ownsCallId, own, initial, hooks = {} } = start;
    this.#context = context;
    this.#events = events;
    this.#session = session;
    this.#own = own;
    this.#ownsCallId = ownsCallId;
    this.#hooks = hooks;
    this.requests = new DialogRequests(context, { session, ownsCallId });
    this.offers = this.#createOffers(initial);
    this.info = new InfoDigits(context, events, this.requests);
    this.referrals = new Referrals({ context, events, requests: this.requests });
    this.#keeper = new SessionKeeper(context, {
      refresh: () => {
        this.#refresh();
      },
      hangUp: () => {
        this.#expired();
      },
    });
    session.delegate = this.#delegate();
  }

  get dialog(): Dialog | undefined {
    return dialogOf(this.#session);
  }

  /** From now on the session's timer runs, and offers may be re-INVITEs. */
  confirmed(agreed: Agreed | undefined): void {
    this.#isConfirmed = true;
    this.#keeper.start(agreed);
    this.offers.resume();
  }

  /** A 2xx of ours repeats no description that was agreed before. */
  forgetAnswer(): void {
    forgetAnswer(this.#session);
  }

  /** Another fork was answered: this one has nothing to say to the call any more. */
  retire(): void {
    this.#isRetired = true;
    this.close();
  }

  bye(): void {
    this.#events.silence();
    this.sendBye();
  }

  /** For a reason that the leg's own listener has yet to hear of. */
  sendBye(headers: readonly string[] = []): void {
    this.close();
    byeIn(this.#session, this.#context, headers);
  }

  /** A new offer of the call's own. */
  offer(sdp: string): void {
    this.offers.offer({
      ...{ sdp, byInvite: true },
      onAnswer: (answer) => {
        this.#events.push({ kind: 'sip-offer-answered', sdp: answer });
      },
      onRefused: (status) => {
        this.#events.push({ kind: 'sip-offer-refused', status });
      },
    });
  }

  /** Nothing of ours is sent any more. */
  close(): void {
    this.#keeper.end();
    this.requests.end();
  }

  #createOffers(initial: OfferState): DialogOffers {
    return new DialogOffers({
      context: this.#context,
      requests: this.requests,
      own: this.#own,
      initial,
      methodOfOffers: ({ byInvite }) => {
        if (this.methods.allows('UPDATE') && !(byInvite && this.#isConfirmed)) return 'UPDATE';
        return this.#isConfirmed ? 'INVITE' : undefined;
      },
      offerHeaders: () => this.#askingHeaders,
      answerHeaders: ({ message }) => this.#answerHeaders(message),
      onOffered: (sdp) => {
        this.#hooks.onOffered?.();
        this.#expectsAnswerInAck = sdp === undefined;
        this.#events.push({ kind: 'sip-reoffered', ...(sdp !== undefined && { sdp }) });
      },
      onUnchanged: () => this.#hooks.onUnchanged?.(),
      onOurAnswer: ({ message }) => {
        if (message.method !== 'PRACK') this.#keeper.answered(message);
      },
      onTheirAnswer: (message) => {
        this.#accepted(message);
      },
      onRefused: (status) => {
        this.#keeper.refused(status);
      },
    });
  }

  #delegate(): object {
    type Came = { readonly message: IncomingRequestMessage };
    return {
      onBye: (request: PeerRequest) => {
        request.accept({ statusCode: 200 });
        this.offers.refuse(REQUEST_TERMINATED);
        this.close();
        this.#hooks.onBye?.();
        // One fork of a call that still rings elsewhere is not the call (RFC 3261 §13.2.2.1).
        if (this.#isConfirmed || !this.#ownsCallId)
          this.#events.pushLast(hungUpBy(request.message));
      },
      onInvite: (request: PeerRequest) => {
        this.#ifLongEnough(request, () => {
          this.offers.received(request);
        });
      },
      onUpdate: (request: PeerRequest) => {
        this.#ifLongEnough(request, () => {
          this.#updated(request);
        });
      },
      onPrack: (request: PeerRequest) => {
        if (this.#hooks.onPrack) this.#hooks.onPrack(request);
        else request.accept({ statusCode: 200 });
      },
      onAck: ({ message }: Came) => {
        this.#acknowledged(message);
      },
      onMessage: this.#context.onMessage,
      onNotify: (request: PeerRequest) => {
        this.referrals.notified(request);
      },
      onRefer: (request: PeerRequest) => {
        if (this.#isConfirmed) this.referrals.referred(request);
        else request.reject({ statusCode: 403 });
      },
      onInfo: this.info.take,
      onAckTimeout: () => {
        this.#hooks.onAckTimeout?.();
      },
    };
  }

  /** RFC 4028 §9: a refresh that wants less than we may grant is refused with our least. */
  #ifLongEnough(request: PeerRequest, take: () => void): void {
    this.methods.learn(request.message);
    if (this.#isRetired) {
      request.reject({ statusCode: REQUEST_TERMINATED });
      return;
    }
    const answer = answerToAsker(timerHeadersOf(request.message), this.#context.policy);
    if (answer.kind !== 'too-short') take();
    else request.reject({ statusCode: 422, extraHeaders: [...answer.headers] });
  }

  /** An UPDATE without a description only refreshes the session or the target. */
  #updated(request: PeerRequest): void {
    if (sdpIn(request.message) !== undefined) {
      this.offers.received(request);
      return;
    }
    request.accept({ statusCode: 200, extraHeaders: [...this.#answerHeaders(request.message)] });
    this.#keeper.answered(request.message);
  }

  #answerHeaders(message: IncomingRequestMessage): readonly string[] {
    if (message.method === 'PRACK') return [];
    return [`Contact: ${this.#context.contact()}`, ...this.#keeper.answerHeaders(message)];
  }

  get #askingHeaders(): readonly string[] {
    return [`Contact: ${this.#context.contact()}`, ...this.#keeper.askingHeaders];
  }

  /** RFC 4028 §7.4: by UPDATE, which touches nothing, where the peer takes it. */
  #refresh(): void {
    if (this.methods.allows('UPDATE')) {
      this.requests.send({
        ...{ method: 'UPDATE', headers: this.#askingHeaders },
        onAccept: (message) => {
          this.#accepted(message);
        },
        onReject: (status) => {
          this.#refreshRefused(status);
        },
      });
      return;
    }
    const { last } = this.#own;
    if (last === undefined) return;
    this.offers.offer({
      sdp: last,
      onAnswer: (sdp) => {
        this.#events.push({ kind: 'sip-acknowledged', sdp });
      },
    });
  }

  #refreshRefused(status: number): void {
    this.#keeper.refused(status);
    // It said it takes UPDATE and does not: by re-INVITE then.
    if (status !== 405 && status !== 501) return;
    this.methods.forget('UPDATE');
    this.#refresh();
  }

  #accepted(message: IncomingResponseMessage): void {
    this.methods.learn(message);
    this.#keeper.accepted(message);
  }

  #expired(): void {
    this.#events.pushLast({ kind: 'sip-hung-up', reason: 'session expired' });
    this.sendBye(['Reason: SIP;cause=408;text="Session expired"']);
  }

  #acknowledged(message: IncomingRequestMessage): void {
    if (!this.#isConfirmed) {
      this.#hooks.onFirstAck?.(message);
      return;
    }
    const sdp = sdpIn(message);
    if (!this.#expectsAnswerInAck || sdp === undefined) return;
    this.#expectsAnswerInAck = false;
    this.offers.took(sdp, false);
    this.#events.push({ kind: 'sip-acknowledged', sdp });
  }
}

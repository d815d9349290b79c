import {
  type IncomingMessage,
  type IncomingRequest,
  type IncomingRequestMessage,
  type IncomingResponseMessage,
  type Session,
  SessionDialog,
} from 'sip.js/lib/core/index.js';
import { sdpOf } from '../../core/sip/sdp-body.ts';
import type { LegContext } from './leg-context.ts';
import { sdpBody } from './leg-context.ts';
import type { LegEvents } from './leg-events.ts';
import { RequestAuthorization } from './request-authorization.ts';

/** A request of the peer's that may be answered with a session description. */
interface Reoffer {
  accept(options: {
    statusCode: number;
    extraHeaders?: string[];
    body?: ReturnType<typeof sdpBody>;
  }): unknown;
  reject(options: { statusCode: number; extraHeaders?: string[] }): unknown;
}

export const sdpIn = (message: IncomingMessage): string | undefined =>
  sdpOf(message.getHeader('content-type'), message.body);

/** RFC 3261 §15.1.2: what is pending when BYE comes. */
const REQUEST_TERMINATED = 487;

/** A confirmed dialog: BYE both ways, and offers of the peer's (RFC 3261 §14, §15). */
export class Conversation {
  readonly #context: LegContext;
  readonly #events: LegEvents;
  readonly #session: Session;
  #reoffer: Reoffer | undefined;
  /** The peer's offer was absent, so that its ACK answers ours. */
  #expectsAnswerInAck = false;

  constructor(context: LegContext, events: LegEvents, session: Session) {
    this.#context = context;
    this.#events = events;
    this.#session = session;
    session.delegate = Object.assign(session.delegate ?? {}, {
      onBye: (request: IncomingRequest) => {
        request.accept();
        this.refuseReoffer(REQUEST_TERMINATED);
        events.pushLast(byeEvent(request.message));
      },
      onInvite: (request: Reoffer & { readonly message: IncomingRequestMessage }) => {
        this.#reoffered(request, sdpIn(request.message));
      },
      onUpdate: (request: Reoffer & { readonly message: IncomingRequestMessage }) => {
        this.#updated(request);
      },
      onAck: ({ message }: { readonly message: IncomingRequestMessage }) => {
        this.#reinviteAcknowledged(message);
      },
    });
  }

  bye(): void {
    this.#events.silence();
    this.sendBye();
  }

  /** For a reason that the leg's own listener has yet to hear of. */
  sendBye(): void {
    this.#session.bye(this.#byeDelegate(new RequestAuthorization(this.#context.digesters)));
  }

  answerReoffer(sdp: string): void {
    const extraHeaders = [`Contact: ${this.#context.contact()}`];
    const reoffer = this.#takeReoffer();
    this.#inTurn(() => reoffer?.accept({ statusCode: 200, extraHeaders, body: sdpBody(sdp) }));
  }

  refuseReoffer(statusCode: number): void {
    const reoffer = this.#takeReoffer();
    this.#inTurn(() => reoffer?.reject({ statusCode }));
  }

  /** sip.js throws where the transaction ended meanwhile; then there is nobody to answer. */
  #inTurn(task: () => unknown): void {
    try {
      task();
    } catch (cause) {
      this.#context.log.debug('a re-offer was answered too late', { cause });
    }
  }

  #takeReoffer(): Reoffer | undefined {
    const reoffer = this.#reoffer;
    this.#reoffer = undefined;
    return reoffer;
  }

  #reoffered(request: Reoffer, sdp: string | undefined): void {
    if (this.#reoffer) {
      // RFC 3311 §5.2: an offer that crosses an unanswered one may come again soon.
      request.reject({ statusCode: 500, extraHeaders: ['Retry-After: 2'] });
      return;
    }
    this.#reoffer = request;
    this.#expectsAnswerInAck = sdp === undefined;
    this.#events.push(
      sdp === undefined ? { kind: 'sip-reoffered' } : { kind: 'sip-reoffered', sdp },
    );
  }

  /** An UPDATE without a description only refreshes the session or the target. */
  #updated(request: Reoffer & { readonly message: IncomingRequestMessage }): void {
    const sdp = sdpIn(request.message);
    if (sdp !== undefined) this.#reoffered(request, sdp);
    else request.accept({ statusCode: 200, extraHeaders: [`Contact: ${this.#context.contact()}`] });
  }

  #reinviteAcknowledged(message: IncomingRequestMessage): void {
    const sdp = sdpIn(message);
    if (!this.#expectsAnswerInAck || sdp === undefined) return;
    this.#expectsAnswerInAck = false;
    this.#events.push({ kind: 'sip-acknowledged', sdp });
  }

  #byeDelegate(authorization: RequestAuthorization): object {
    return {
      onReject: ({ message }: { readonly message: IncomingResponseMessage }) => {
        const dialog = this.#session;
        if (!(dialog instanceof SessionDialog)) return;
        const uri = dialog.remoteTarget.toString();
        const headers = authorization.headersAfter(message, { method: 'BYE', uri, body: '' });
        if (!headers) return;
        const again = dialog.createOutgoingRequestMessage('BYE', { extraHeaders: [...headers] });
        this.#context.core.request(again, this.#byeDelegate(authorization));
      },
    };
  }
}

function byeEvent(message: IncomingRequestMessage): { kind: 'sip-hung-up'; reason?: string } {
  const reason = message.getHeader('reason');
  return reason === undefined ? { kind: 'sip-hung-up' } : { kind: 'sip-hung-up', reason };
}

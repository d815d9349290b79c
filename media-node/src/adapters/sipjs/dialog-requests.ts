import {
  type IncomingResponseMessage,
  type Session,
  SessionDialog,
} from 'sip.js/lib/core/index.js';
import { glareDelayMs } from '../../core/session/offer-answer.ts';
import { tokensOf } from '../../core/sip/headers.ts';
import { chance, type LegContext, sdpBody } from './leg-context.ts';
import { RequestAuthorization } from './request-authorization.ts';
import { retarget } from './sip-js-corrections.ts';

export interface DialogRequest {
  readonly method: 'INFO' | 'INVITE' | 'NOTIFY' | 'PRACK' | 'REFER' | 'UPDATE';
  readonly headers: readonly string[];
  readonly sdp?: string;
  /** Of another kind. */
  readonly body?: ReturnType<typeof sdpBody>;
  readonly onAccept: (message: IncomingResponseMessage) => void;
  readonly onReject: (status: number, message: IncomingResponseMessage) => void;
  /** 491: for so long nothing of ours may go; sending it again is then the asker's business. */
  readonly onCrossed?: (delayMs: number) => void;
}

interface Place {
  readonly session: Session;
  readonly ownsCallId: boolean;
}

/** RFC 3261 §12.2, RFC 3311 §5.1: whose answers may name another target. */
const REFRESHING: ReadonlySet<string> = new Set(['INVITE', 'UPDATE']);
/** Enough for a peer that is slow to answer an offer of its own, and no endless dance. */
const MAX_REPEATS = 5;
/** An ACK is through by then, or comes with the next 2xx. */
const BUSY_MS = 1_000;
/** Nobody who wants to be asked again later means hours. */
const MAX_RETRY_AFTER_S = 32;

/** Requests of ours within one dialog: challenged, crossed or put off, they are sent again. */
export class DialogRequests {
  readonly #context: LegContext;
  readonly #place: Place;
  readonly #waiting = new Set<() => void>();
  #isOver = false;

  constructor(context: LegContext, place: Place) {
    this.#context = context;
    this.#place = place;
  }

  send(request: DialogRequest): void {
    this.#attempt(request, new RequestAuthorization(this.#context.digesters), { repeats: 0 });
  }

  /** For as long as the dialog lives. */
  later(delayMs: number, task: () => void): void {
    this.#later(delayMs, task);
  }

  end(): void {
    this.#isOver = true;
    for (const stop of this.#waiting) stop();
    this.#waiting.clear();
  }

  #attempt(
    request: DialogRequest,
    authorization: RequestAuthorization,
    { repeats, more = [] }: { readonly repeats: number; readonly more?: readonly string[] },
  ): void {
    const dialog = this.#place.session;
    if (this.#isOver || !(dialog instanceof SessionDialog)) return;
    if (request.method === 'INVITE' && isBusy(dialog)) {
      this.#later(BUSY_MS, () => {
        this.#attempt(request, authorization, { repeats, more });
      });
      return;
    }
    const again = (headers: readonly string[]): void => {
      this.#attempt(request, authorization, { repeats: repeats + 1, more: headers });
    };
    const delegate = {
      onAccept: ({ message }: { readonly message: IncomingResponseMessage }) => {
        if (REFRESHING.has(request.method)) retarget(dialog, message);
        request.onAccept(message);
      },
      onRedirect: ({ message }: { readonly message: IncomingResponseMessage }) => {
        request.onReject(message.statusCode ?? 300, message);
      },
      onReject: ({ message }: { readonly message: IncomingResponseMessage }) => {
        const status = message.statusCode ?? 500;
        const { method, sdp = '', body: { content: body } = { content: sdp } } = request;
        const uri = dialog.remoteTarget.toString();
        const headers = authorization.headersAfter(message, { method, uri, body });
        const delayMs = repeats < MAX_REPEATS ? this.#delayAfter(status, message) : undefined;
        const { onCrossed } = request;
        if (headers) again(headers);
        else if (status === 491 && delayMs !== undefined && onCrossed) onCrossed(delayMs);
        else if (delayMs === undefined || request.method === 'PRACK')
          request.onReject(status, message);
        else this.#later(delayMs, again);
      },
    };
    this.#transmit(dialog, { ...request, headers: [...request.headers, ...more] }, delegate);
  }

  #transmit(dialog: SessionDialog, request: DialogRequest, delegate: Delegate): void {
    const { body, method, headers, sdp } = request;
    const options = {
      extraHeaders: [...headers],
      ...(body && { body }),
      ...(sdp !== undefined && { body: sdpBody(sdp) }),
    };
    if (method !== 'INVITE') {
      const message = dialog.createOutgoingRequestMessage(method, options);
      this.#context.core.request(message, delegate);
      return;
    }
    dialog.invite(
      {
        ...delegate,
        onProgress: ({ message }) => {
          this.#acknowledge(message);
        },
        onAccept: (response) => {
          retarget(dialog, response.message);
          response.ack();
          delegate.onAccept(response);
        },
      },
      options,
    );
  }

  /** sip.js acknowledges no reliable response to a re-INVITE (RFC 3262 §4). */
  #acknowledge(message: IncomingResponseMessage): void {
    const rack = rackFor(message);
    if (rack === undefined) return;
    const nothing = (): void => undefined;
    this.send({ method: 'PRACK', headers: [rack], onAccept: nothing, onReject: nothing });
  }

  /** Undefined: what was refused is not to be asked again. */
  #delayAfter(status: number, message: IncomingResponseMessage): number | undefined {
    const { ids } = this.#context;
    if (status === 491) return glareDelayMs(this.#place.ownsCallId, chance(ids));
    const after = Number(/^\s*(\d{1,5})/.exec(message.getHeader('retry-after') ?? '')?.[1]);
    const isLater = (status === 500 || status === 503) && after <= MAX_RETRY_AFTER_S;
    return isLater ? after * 1000 : undefined;
  }

  #later(delayMs: number, task: (headers: readonly string[]) => void): void {
    const stop = this.#context.clock.after(delayMs, () => {
      this.#waiting.delete(stop);
      task([]);
    });
    this.#waiting.add(stop);
  }
}

/** One INVITE at a time in a dialog, until its ACK (RFC 3261 §14.1); sip.js throws at a second. */
const isBusy = (dialog: SessionDialog): boolean =>
  dialog.reinviteUserAgentClient !== undefined || dialog.reinviteUserAgentServer !== undefined;

interface Delegate {
  readonly onAccept: (response: { readonly message: IncomingResponseMessage }) => void;
  readonly onReject: (response: { readonly message: IncomingResponseMessage }) => void;
  readonly onRedirect: (response: { readonly message: IncomingResponseMessage }) => void;
}

/** RAck for a response that must be acknowledged; undefined for one that need not (RFC 3262 §4). */
export function rackFor(message: IncomingResponseMessage): string | undefined {
  const rseq = /^\s*(\d{1,10})\s*$/.exec(message.getHeader('rseq') ?? '')?.[1];
  const isReliable = tokensOf(message.getHeaders('require')).includes('100rel');
  if (!isReliable || rseq === undefined) return undefined;
  return `RAck: ${rseq} ${String(message.cseq)} INVITE`;
}

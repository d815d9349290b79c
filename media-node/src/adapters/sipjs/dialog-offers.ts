import type { IncomingResponseMessage } from 'sip.js/lib/core/index.js';
import {
  type OfferEvent,
  type OfferState,
  type OfferVerdict,
  retryAfterS,
  stepOffer,
} from '../../core/session/offer-answer.ts';
import { isSameMedia, type OwnSdp } from '../../core/session/own-sdp.ts';
import {
  failureOf,
  linesAfter,
  type Preconditions,
  preconditionsOf,
  withoutPreconditions,
  withPreconditions,
} from '../../core/session/preconditions.ts';
import type { DialogRequest, DialogRequests } from './dialog-requests.ts';
import { chance, type LegContext, sdpBody } from './leg-context.ts';
import { type PeerRequest, sdpIn } from './peer-request.ts';

export interface DialogOffersDeps {
  readonly context: LegContext;
  readonly requests: DialogRequests;
  readonly own: OwnSdp;
  /** What the INVITE left open. */
  readonly initial: OfferState;
  /** By which an offer of ours may go now; undefined: not yet. */
  readonly methodOfOffers: (wanted: Wanted) => 'UPDATE' | 'INVITE' | undefined;
  readonly offerHeaders: () => readonly string[];
  readonly answerHeaders: (request: PeerRequest) => readonly string[];
  readonly onOffered: (sdp: string | undefined) => void;
  /** Theirs was answered here, without anyone else. */
  readonly onUnchanged: () => void;
  readonly onOurAnswer: (request: PeerRequest) => void;
  readonly onTheirAnswer: (message: IncomingResponseMessage) => void;
  readonly onRefused: (status: number) => void;
}

export interface Wanted {
  readonly sdp: string;
  readonly onAnswer: (sdp: string) => void;
  readonly onRefused?: (status: number) => void;
  /** By re-INVITE, which every peer knows, once the dialog is confirmed. */
  readonly byInvite?: boolean;
}

/** How often an offer may cross theirs before it is given up. */
const MAX_CROSSINGS = 5;

/** Offers and answers of one dialog, whatever carries them (RFC 3264, RFC 6337). */
export class DialogOffers {
  readonly #deps: DialogOffersDeps;
  #state: OfferState;
  #pending: PeerRequest | undefined;
  #wanted: Wanted | undefined;
  /** After a crossing it is theirs to go first (RFC 3261 §14.1). */
  #isPutOff = false;
  #crossings = 0;
  /** Their last description, and whether our last one answered it. */
  #theirs: string | undefined;
  #hasAnswered = false;

  constructor(deps: DialogOffersDeps) {
    this.#deps = deps;
    this.#state = deps.initial;
  }

  get theirs(): string | undefined {
    return this.#theirs;
  }

  get preconditions(): Preconditions | undefined {
    return this.#preconditionsIn(this.#theirs);
  }

  /** Our offer is in a response: the INVITE had none. */
  opened(): void {
    this.#state = 'ours-open';
  }

  /** What stands now, of the exchange in the INVITE and its responses too. */
  took(theirs: string, hasAnswered: boolean): void {
    this.#state = 'stable';
    this.#theirs = theirs;
    this.#hasAnswered = hasAnswered;
  }

  /** Our description with the preconditions that the peer is to see. */
  written(sdp: string, theirs = this.#theirs): string {
    const asked = this.#preconditionsIn(theirs);
    if (!asked) return this.#deps.own.write(sdp);
    return this.#deps.own.write(withPreconditions(withoutPreconditions(sdp), linesAfter(asked)));
  }

  /** As soon as no other offer is open; the last one wanted counts. */
  offer(wanted: Wanted): void {
    this.#wanted = wanted;
    this.resume();
  }

  resume(): void {
    const wanted = this.#wanted;
    const method = wanted && this.#deps.methodOfOffers(wanted);
    if (!wanted || method === undefined || this.#isPutOff) return;
    if (this.#step('our-offer-wanted') !== 'go') return;
    this.#wanted = undefined;
    const sdp = this.written(wanted.sdp);
    const { requests, offerHeaders } = this.#deps;
    requests.send({
      ...this.#carrier({ method, headers: offerHeaders(), sdp }, wanted),
      onCrossed: (delayMs) => {
        this.#crossed(wanted, delayMs);
      },
    });
  }

  /** While ours waits, one of theirs is welcome; the last one wanted goes then. */
  #crossed(wanted: Wanted, delayMs: number): void {
    this.#step('our-offer-refused');
    this.#crossings += 1;
    if (this.#crossings > MAX_CROSSINGS) {
      wanted.onRefused?.(491);
      return;
    }
    this.#wanted ??= wanted;
    this.#isPutOff = true;
    this.#deps.requests.later(delayMs, () => {
      this.#isPutOff = false;
      this.resume();
    });
  }

  /** RFC 3262 §5: an acknowledgement may offer, too; for a peer that takes no UPDATE. */
  offerInPrack(rack: string, sdp: string, onAnswer: (sdp: string) => void): void {
    if (this.#step('our-offer-wanted') !== 'go') return;
    const written = this.written(sdp);
    const request = { method: 'PRACK', headers: [rack], sdp: written } as const;
    this.#deps.requests.send(this.#carrier(request, { sdp, onAnswer }));
  }

  /** Answered here where media stays as it is, else passed on. */
  received(request: PeerRequest): void {
    const sdp = sdpIn(request.message);
    const verdict = this.#step('their-offer-received');
    const refusal = refusalOf(verdict, chance(this.#deps.context.ids)) ?? this.#unmeetable(sdp);
    if (refusal) {
      if (verdict === 'go') this.#step('their-offer-refused');
      this.#inTurn(() => request.reject(refusal));
      return;
    }
    this.#pending = request;
    const { last } = this.#deps.own;
    if (sdp === undefined || last === undefined || !this.#isAgreedAlready(sdp)) {
      this.#deps.onOffered(sdp);
      return;
    }
    this.answer(withoutPreconditions(last));
    this.#deps.onUnchanged();
  }

  answer(sdp: string): void {
    const request = this.#takePending();
    if (!request) return;
    const theirs = sdpIn(request.message);
    const extraHeaders = [...this.#deps.answerHeaders(request)];
    const body = sdpBody(this.written(sdp, theirs ?? this.#theirs));
    this.#inTurn(() => {
      request.accept({ statusCode: 200, extraHeaders, body });
      if (theirs !== undefined) this.took(theirs, true);
      this.#deps.onOurAnswer(request);
    });
    // Whoever answered may want another offer than before.
    queueMicrotask(() => {
      this.resume();
    });
  }

  refuse(statusCode: number): void {
    const request = this.#takePending();
    if (request) this.#inTurn(() => request.reject({ statusCode }));
    this.resume();
  }

  #carrier(
    request: Pick<DialogRequest, 'method' | 'headers' | 'sdp'>,
    { onAnswer, onRefused }: Wanted,
  ): DialogRequest {
    return {
      ...request,
      onAccept: (message) => {
        this.#step('our-offer-answered');
        this.#crossings = 0;
        const answer = sdpIn(message);
        if (answer !== undefined) this.took(answer, false);
        this.#deps.onTheirAnswer(message);
        if (answer !== undefined) onAnswer(answer);
        this.resume();
      },
      onReject: (status) => {
        this.#step('our-offer-refused');
        this.#deps.onRefused(status);
        onRefused?.(status);
        this.resume();
      },
    };
  }

  #step(event: OfferEvent): OfferVerdict {
    const { state, verdict } = stepOffer(this.#state, event);
    this.#state = state;
    return verdict;
  }

  #takePending(): PeerRequest | undefined {
    const request = this.#pending;
    this.#pending = undefined;
    if (request) this.#step('their-offer-answered');
    return request;
  }

  #isAgreedAlready(sdp: string): boolean {
    return this.#hasAnswered && this.#theirs !== undefined && isSameMedia(sdp, this.#theirs);
  }

  #preconditionsIn(sdp: string | undefined): Preconditions | undefined {
    return this.#deps.context.policy.preconditions === 'off' ? undefined : preconditionsOf(sdp);
  }

  #unmeetable(sdp: string | undefined): Refusal | undefined {
    const asked = this.#preconditionsIn(sdp);
    if (sdp === undefined || !asked || asked.unknown.length === 0) return undefined;
    return { statusCode: 580, body: sdpBody(failureOf(sdp, asked)) };
  }

  /** sip.js throws where the transaction ended meanwhile; then there is nobody to answer. */
  #inTurn(task: () => unknown): void {
    try {
      task();
    } catch (cause) {
      this.#deps.context.log.debug('a re-offer was answered too late', { cause });
    }
  }
}

interface Refusal {
  readonly statusCode: number;
  readonly extraHeaders?: string[];
  readonly body?: ReturnType<typeof sdpBody>;
}

function refusalOf(verdict: OfferVerdict, random: number): Refusal | undefined {
  switch (verdict) {
    case 'request-pending':
      return { statusCode: 491 };
    case 'retry-later':
      return { statusCode: 500, extraHeaders: [`Retry-After: ${String(retryAfterS(random))}`] };
    default:
      return undefined;
  }
}

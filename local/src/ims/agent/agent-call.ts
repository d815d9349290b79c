import type { Clock } from '../clock.ts';
import type { CallReport } from '../ims-types.ts';
import type { Direction } from '../sdp/parse-sdp.ts';
import { bodyText, type SipRequest, type SipResponse, withBody } from '../sip/message.ts';
import { responseTo } from '../sip/respond.ts';
import { repeat } from '../transaction/repeater.ts';
import type { ServerTransaction } from '../transaction/server-transaction.ts';
import { TRANSACTION_MS } from '../transaction/timers.ts';
import type { CallMedia } from './call-media.ts';
import { cseqOf, type DialogState, requestWithin } from './dialog.ts';

export interface AgentCallDeps {
  readonly clock: Clock;
  readonly send: (request: SipRequest) => void;
  readonly ask: (request: SipRequest, onResponse: (response: SipResponse) => void) => void;
  readonly acknowledge: (ack: SipRequest) => void;
}

export interface AgentCallFacts {
  readonly service: string;
  readonly callId: string;
  readonly peer: string;
  readonly direction: CallReport['direction'];
  readonly localTag: string;
  readonly contact: string;
}

export const ALLOWED = 'INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE, INFO';
const LONGEST_CALL_MS = 7_200_000;
const NO_COUNTS = {
  packetsReceived: 0,
  packetsSent: 0,
  speechPackets: 0,
  rtcpReceived: 0,
  digits: '',
};

/** One call of a service, either way round, from its dialog to its end. */
export class AgentCall {
  readonly facts: AgentCallFacts;
  readonly #deps: AgentCallDeps;
  readonly #unacknowledged = new Map<number, () => void>();
  #state: CallReport['state'] = 'ringing';
  #end: string | undefined;
  #dialog: DialogState | undefined;
  #media: CallMedia | undefined;
  #cseq = 1;
  #remoteCseq = 0;
  #awaitsAnswer = false;
  #stopLife: () => void = () => undefined;

  constructor(deps: AgentCallDeps, facts: AgentCallFacts) {
    this.#deps = deps;
    this.facts = facts;
  }

  get isOver(): boolean {
    return this.#state === 'ended';
  }

  get media(): CallMedia | undefined {
    return this.#media;
  }

  hold(media: CallMedia): void {
    this.#media = media;
    if (this.isOver) media.close();
  }

  establish(dialog: DialogState, remoteCseq: number): void {
    this.#dialog = dialog;
    this.#remoteCseq = remoteCseq;
    this.#state = 'established';
    this.#stopLife = this.#deps.clock.after(LONGEST_CALL_MS, () => {
      this.hangUp('too long');
    });
  }

  /** A 2xx to an INVITE is ours to repeat until its ACK; none within 64·T1 ends the call
   * (RFC 3261 §13.3.1.4). */
  succeed(transaction: ServerTransaction, sdp: string, isOffer: boolean): void {
    const { clock } = this.#deps;
    const ok = this.okTo(transaction.request, sdp);
    const respond = (): void => {
      transaction.respond(ok);
    };
    this.#awaitsAnswer = isOffer;
    respond();
    const stopRepeat = repeat(clock, respond);
    const stopWait = clock.after(TRANSACTION_MS, () => {
      stopRepeat();
      this.hangUp('no ACK');
    });
    this.#unacknowledged.set(cseqOf(transaction.request), () => {
      stopRepeat();
      stopWait();
    });
  }

  acknowledged(ack: SipRequest): void {
    const stop = this.#unacknowledged.get(cseqOf(ack));
    if (stop === undefined) return;
    stop();
    this.#unacknowledged.delete(cseqOf(ack));
    if (!this.#awaitsAnswer) return;
    this.#awaitsAnswer = false;
    if (this.#media?.take(bodyText(ack)) !== true) this.hangUp('no usable answer');
  }

  /** A request within the dialog. */
  handle(transaction: ServerTransaction): void {
    const { request } = transaction;
    const isOld = cseqOf(request) <= this.#remoteCseq;
    if (this.isOver || this.#dialog === undefined) this.#reply(transaction, 481);
    else if (isOld) this.#reply(transaction, 500);
    else {
      this.#remoteCseq = cseqOf(request);
      this.#handleNext(transaction);
    }
  }

  /** re-INVITE, by which a service holds its caller and resumes, or adds video (RFC 3264 §8). */
  offer(direction: Direction, video?: 'added'): void {
    const [dialog, media] = [this.#dialog, this.#media];
    if (this.isOver || dialog === undefined || media === undefined) return;
    this.#cseq += 1;
    const cseq = this.#cseq;
    const invite = requestWithin(dialog, 'INVITE', cseq);
    const sdp = media.offer(direction, video);
    this.#deps.ask(withBody(invite, 'application/sdp', sdp), (response) => {
      if (response.status < 200 || response.status > 299) return;
      this.#deps.acknowledge(requestWithin(dialog, 'ACK', cseq));
      media.take(bodyText(response));
    });
  }

  hangUp(why = 'hung up here'): void {
    if (this.isOver) return;
    const dialog = this.#dialog;
    this.end(why);
    if (dialog === undefined) return;
    this.#cseq += 1;
    this.#deps.send(requestWithin(dialog, 'BYE', this.#cseq));
  }

  end(why: string): void {
    if (this.isOver) return;
    this.#state = 'ended';
    this.#end = why;
    this.#stopLife();
    for (const stop of this.#unacknowledged.values()) stop();
    this.#unacknowledged.clear();
    this.#media?.close();
  }

  okTo(request: SipRequest, sdp?: string): SipResponse {
    const { localTag, contact } = this.facts;
    const headers = { Contact: contact, Allow: ALLOWED };
    const ok = responseTo(request, { status: 200, toTag: localTag, headers });
    const routes = request.headers.filter(({ name }) => name.toLowerCase() === 'record-route');
    const routed = { ...ok, headers: [...routes, ...ok.headers] };
    return sdp === undefined ? routed : withBody(routed, 'application/sdp', sdp);
  }

  report(): CallReport {
    const { service, callId, peer, direction } = this.facts;
    const codec = this.#media?.codec();
    return {
      service,
      callId,
      peer,
      direction,
      state: this.#state,
      ...(this.#end === undefined ? {} : { end: this.#end }),
      ...(codec === undefined ? {} : { codec }),
      ...(this.#media?.counts() ?? NO_COUNTS),
    };
  }

  #handleNext(transaction: ServerTransaction): void {
    const { request } = transaction;
    switch (request.method) {
      case 'BYE':
        this.#reply(transaction, 200);
        this.end('hung up there');
        return;
      case 'INVITE':
      case 'UPDATE':
        this.#change(transaction);
        return;
      case 'OPTIONS':
      case 'INFO':
        this.#reply(transaction, 200);
        return;
      default:
        this.#reply(transaction, request.method === 'PRACK' ? 481 : 405);
    }
  }

  /** re-INVITE and UPDATE: holds, resumes and codec changes are answered as they are offered. */
  #change(transaction: ServerTransaction): void {
    const { request } = transaction;
    this.#retarget(request);
    const offer = bodyText(request);
    const isInvite = request.method === 'INVITE';
    if (offer === '' && !isInvite) {
      transaction.respond(this.okTo(request));
      return;
    }
    const sdp = offer === '' ? this.#media?.offer() : this.#media?.answer(offer);
    if (sdp === undefined) this.#reply(transaction, 488);
    else if (isInvite) this.succeed(transaction, sdp, offer === '');
    else transaction.respond(this.okTo(request, sdp));
  }

  /** A target refresh (RFC 3261 §12.2.2). */
  #retarget(request: SipRequest): void {
    const contact = request.headers.find(({ name }) => name.toLowerCase() === 'contact')?.value;
    const target = contact === undefined ? undefined : /<([^>]+)>/.exec(contact)?.[1];
    if (this.#dialog !== undefined && target !== undefined) {
      this.#dialog = { ...this.#dialog, target };
    }
  }

  #reply(transaction: ServerTransaction, status: number): void {
    const toTag = this.facts.localTag;
    const headers = { Allow: ALLOWED };
    transaction.respond(responseTo(transaction.request, { status, toTag, headers }));
  }
}

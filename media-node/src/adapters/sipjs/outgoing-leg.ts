import type {
  AckableIncomingResponseWithSession,
  OutgoingInviteRequest,
  PrackableIncomingResponseWithSession,
} from 'sip.js/lib/core/index.js';
import { tokensOf } from '../../core/sip/headers.ts';
import { ANONYMOUS } from '../../core/sip/identity.ts';
import { INVITE_OPTION_TAGS, inviteHeaders } from '../../core/sip/ims-headers.ts';
import type { OutgoingInvite, SipLeg, SipLegEvent } from '../../ports/sip-leg.ts';
import { Conversation, sdpIn } from './conversation.ts';
import { type LegContext, type LiveLeg, sdpBody } from './leg-context.ts';
import { LegEvents } from './leg-events.ts';
import { RequestAuthorization } from './request-authorization.ts';
import { callerLeg } from './sip-trace-feed.ts';
import { type WireUri, wireUri } from './wire-uri.ts';

/** RFC 3261 §9.1: an INVITE that gets no final response this long after CANCEL is over. */
const CANCEL_PATIENCE_MS = 32_000;

/** One INVITE of ours and the dialog that comes of it. */
export class OutgoingLeg implements SipLeg, LiveLeg {
  readonly callId: string;
  readonly #context: LegContext;
  readonly #events: LegEvents;
  readonly #invite: OutgoingInvite;
  readonly #authorization: RequestAuthorization;
  readonly #fromTag: string;
  #cseq = 1;
  #request: OutgoingInviteRequest | undefined;
  #conversation: Conversation | undefined;
  #isCancelled = false;
  /** The early dialog whose description was passed on; another fork's would contradict it. */
  #earlyMedia: { readonly tag: string; readonly sdp: string } | undefined;
  #stopPatience: () => void = () => undefined;

  constructor(context: LegContext, invite: OutgoingInvite, onEvent: (event: SipLegEvent) => void) {
    this.#context = context;
    this.#events = new LegEvents(context.log, () => {
      context.legs.delete(this);
      this.#stopPatience();
    });
    this.#events.listen(onEvent);
    this.#invite = invite;
    this.#authorization = new RequestAuthorization(context.digesters);
    this.callId = context.ids.random(128);
    this.#fromTag = context.ids.random(64);
  }

  get traceId(): string {
    return callerLeg(this.#context.account, this.callId, this.#fromTag);
  }

  start(): void {
    const target = wireUri(this.#invite.target);
    const identity = wireUri(this.#invite.identity);
    if (!target || !identity) {
      this.#events.pushLast({ kind: 'sip-rejected', status: 416, reason: 'not a SIP or tel URI' });
      return;
    }
    this.#context.legs.add(this);
    this.#send(target, identity, []);
  }

  ring(): void {
    // Only who is called rings.
  }

  answer(): void {
    // Only who is called answers.
  }

  reject(): void {
    // Only who is called rejects.
  }

  cancel(): void {
    if (this.#isCancelled || this.#conversation || this.#events.isOver) return;
    this.#isCancelled = true;
    this.#request?.cancel();
    this.#stopPatience = this.#context.clock.after(CANCEL_PATIENCE_MS, () => {
      this.#rejected(487, 'no answer to CANCEL');
    });
  }

  bye(): void {
    if (!this.#conversation || this.#events.isOver) return;
    this.#conversation.bye();
  }

  answerReoffer(sdp: string): void {
    this.#conversation?.answerReoffer(sdp);
  }

  refuseReoffer(status: number): void {
    this.#conversation?.refuseReoffer(status);
  }

  flowLost(reason: string): void {
    if (this.#conversation) this.#events.pushLast({ kind: 'sip-hung-up', reason });
    else this.#rejected(503, reason);
  }

  #send(target: WireUri, identity: WireUri, authorization: readonly string[]): void {
    const { core, contact } = this.#context;
    // The network knows us by P-Preferred-Identity; From is what the callee sees (RFC 3323 §4.1).
    const from = this.#invite.privacy ? ANONYMOUS : undefined;
    const message = core.makeOutgoingRequestMessage(
      'INVITE',
      target,
      (from && wireUri(from.uri)) ?? identity,
      target,
      {
        callId: this.callId,
        fromTag: this.#fromTag,
        cseq: this.#cseq,
        optionTags: INVITE_OPTION_TAGS,
        ...(from?.displayName !== undefined && { fromDisplayName: from.displayName }),
      },
      [...inviteHeaders(this.#invite, contact()), ...authorization],
      sdpBody(this.#invite.sdp),
    );
    this.#request = core.invite(message, {
      onProgress: (response) => {
        this.#progressed(response);
      },
      onAccept: (response) => {
        this.#accepted(response);
      },
      onRedirect: ({ message: refusal }) => {
        this.#rejected(refusal.statusCode ?? 300, refusal.reasonPhrase ?? '');
      },
      onReject: ({ message: refusal }) => {
        const request = { method: 'INVITE', uri: target.toString(), body: this.#invite.sdp };
        const headers = this.#isCancelled
          ? undefined
          : this.#authorization.headersAfter(refusal, request);
        if (headers) this.#sendAgain(target, identity, headers);
        else this.#rejected(refusal.statusCode ?? 500, refusal.reasonPhrase ?? '');
      },
    });
  }

  #sendAgain(target: WireUri, identity: WireUri, headers: readonly string[]): void {
    this.#cseq += 1;
    this.#send(target, identity, headers);
  }

  #progressed(response: PrackableIncomingResponseWithSession): void {
    const { message } = response;
    const rseq = message.getHeader('rseq');
    const isReliable = tokensOf(message.getHeaders('require')).includes('100rel');
    if (isReliable && rseq !== undefined) {
      response.prack({ extraHeaders: [`RAck: ${rseq} ${String(message.cseq)} INVITE`] });
    }
    if (this.#isCancelled || this.#conversation) return;
    const sdp = sdpIn(message);
    const status = message.statusCode ?? 180;
    const isFirst = sdp !== undefined && (this.#earlyMedia?.tag ?? message.toTag) === message.toTag;
    if (isFirst) this.#earlyMedia = { tag: message.toTag, sdp };
    this.#events.push({ kind: 'sip-progressed', status, ...(isFirst && { sdp }) });
  }

  #accepted(response: AckableIncomingResponseWithSession): void {
    const { message, session } = response;
    response.ack();
    const early = this.#earlyMedia?.tag === message.toTag ? this.#earlyMedia.sdp : undefined;
    const sdp = sdpIn(message) ?? early;
    // Another fork was first, or the caller left while the answer was under way (RFC 3261 §13.2.2.4).
    if (this.#conversation || this.#isCancelled || this.#events.isOver || sdp === undefined) {
      const nobody = new LegEvents(this.#context.log, () => undefined);
      new Conversation(this.#context, nobody, session).bye();
      if (!this.#conversation) this.#rejected(487, 'released while being answered');
      return;
    }
    this.#conversation = new Conversation(this.#context, this.#events, session);
    this.#events.push({ kind: 'sip-answered', sdp });
  }

  #rejected(status: number, reason: string): void {
    this.#events.pushLast({ kind: 'sip-rejected', status, reason });
  }
}

import type {
  AckableIncomingResponseWithSession,
  IncomingResponseMessage,
  OutgoingInviteRequest,
  Session,
} from 'sip.js/lib/core/index.js';
import { firstOfferLines, withPreconditions } from '../../core/session/preconditions.ts';
import { redirectionsOf } from '../../core/session/redirection.ts';
import { optionTagsOf } from '../../core/session/session-policy.ts';
import { agreedByAnswer, askingHeaders, parseMinSe } from '../../core/session/session-timer.ts';
import { ANONYMOUS } from '../../core/sip/identity.ts';
import { inviteHeaders, replacingHeaders } from '../../core/sip/ims-headers.ts';
import { reasonsOf } from '../../core/sip/reason.ts';
import type { Dialog, OutgoingInvite, SipLeg, SipLegEvent } from '../../ports/sip-leg.ts';
import type { Conversation } from './conversation.ts';
import { Forks } from './forks.ts';
import { type LegContext, type LiveLeg, sdpBody } from './leg-context.ts';
import { LegEvents } from './leg-events.ts';
import { RequestAuthorization } from './request-authorization.ts';
import { retarget } from './sip-js-corrections.ts';
import { callerLeg } from './sip-trace-feed.ts';
import { TalkingLeg } from './talking-leg.ts';
import { timerHeadersOf } from './timer-headers.ts';
import { type WireUri, wireUri } from './wire-uri.ts';

/** RFC 3261 §9.1: an INVITE that gets no final response this long after CANCEL is over. */
const CANCEL_PATIENCE_MS = 32_000;
/** One raise of the session's length is enough for honest networks (RFC 4028 §7.3). */
const MAX_RAISES = 2;

/** One INVITE of ours and the dialog that comes of it. */
export class OutgoingLeg extends TalkingLeg implements SipLeg, LiveLeg {
  readonly callId: string;
  readonly #context: LegContext;
  readonly #events: LegEvents;
  readonly #invite: OutgoingInvite;
  readonly #offer: string;
  readonly #authorization: RequestAuthorization;
  readonly #fromTag: string;
  #cseq = 0;
  #raises = 0;
  #minSessionS = 0;
  /** Where 3xx answers sent us, still to be tried; and how many we may yet follow. */
  #targets: readonly WireUri[] = [];
  #redirectsLeft: number;
  #request: OutgoingInviteRequest | undefined;
  #forks: Forks;
  #conversation: Conversation | undefined;
  #isCancelled = false;
  #stopPatience: () => void = () => undefined;

  constructor(context: LegContext, invite: OutgoingInvite, onEvent: (event: SipLegEvent) => void) {
    super();
    this.#context = context;
    this.#events = new LegEvents(context.log, () => {
      context.legs.delete(this);
      this.#stopPatience();
      this.#forks.close();
    });
    this.#events.listen(onEvent);
    this.#invite = invite;
    const { preconditions, redirects } = context.policy;
    this.#offer =
      preconditions === 'off'
        ? invite.sdp
        : withPreconditions(invite.sdp, firstOfferLines(preconditions === 'required'));
    this.#redirectsLeft = redirects;
    this.#authorization = new RequestAuthorization(context.digesters);
    this.callId = context.ids.random(128);
    this.#fromTag = context.ids.random(64);
    this.#forks = new Forks(context, this.#events, this.#offer);
  }

  protected override get confirmed(): Conversation | undefined {
    return this.#events.isOver ? undefined : this.#conversation;
  }

  protected override get talking(): Conversation | undefined {
    return this.#conversation ?? this.#forks.shown;
  }

  override get earlyDialogs(): readonly Dialog[] {
    return this.#conversation || this.#isCancelled ? [] : this.#forks.dialogs;
  }

  get traceId(): string {
    return callerLeg(this.#context.account, this.callId, this.#fromTag);
  }

  start(): void {
    const target = wireUri(this.#invite.target);
    if (!target || !wireUri(this.#invite.identity)) {
      this.#events.pushLast({ kind: 'sip-rejected', status: 416, reason: 'not a SIP or tel URI' });
      return;
    }
    this.#context.legs.add(this);
    this.#send(target, []);
  }

  ring(): void {
    // Only who is called rings.
  }

  answerEarly(): void {
    // Only who is called answers.
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

  flowLost(reason: string): void {
    if (this.#conversation) this.#events.pushLast({ kind: 'sip-hung-up', reason });
    else this.#rejected(503, reason);
  }

  #send(target: WireUri, authorization: readonly string[]): void {
    const { contact, core, policy } = this.#context;
    const identity = wireUri(this.#invite.identity);
    const to = wireUri(this.#invite.target);
    if (!identity || !to) return;
    // The network knows us by P-Preferred-Identity; From is what the callee sees (RFC 3323 §4.1).
    const from = this.#invite.privacy ? ANONYMOUS : undefined;
    this.#cseq += 1;
    const message = core.makeOutgoingRequestMessage(
      'INVITE',
      target,
      (from && wireUri(from.uri)) ?? identity,
      to,
      {
        callId: this.callId,
        fromTag: this.#fromTag,
        cseq: this.#cseq,
        optionTags: [...optionTagsOf(policy)],
        ...(from?.displayName !== undefined && { fromDisplayName: from.displayName }),
      },
      [
        ...inviteHeaders(this.#invite, contact()),
        ...replacingHeaders(this.#invite),
        ...askingHeaders(policy, { minS: this.#minSessionS }),
        ...authorization,
      ],
      sdpBody(this.#offer),
    );
    this.#request = core.invite(message, {
      onProgress: (response) => {
        this.#progressed(response.message, response.session);
      },
      onAccept: (response) => {
        this.#accepted(response);
      },
      onRedirect: (response) => {
        this.#redirected(response.message);
      },
      onReject: (response) => {
        this.#refused(response.message, target);
      },
    });
  }

  #progressed(message: IncomingResponseMessage, session: Session): void {
    if (!this.#conversation) this.#forks.progressed(message, session);
  }

  #accepted(response: AckableIncomingResponseWithSession): void {
    const { message, session } = response;
    retarget(session, message);
    response.ack();
    const { conversation, sdp } = this.#forks.confirm(message, session);
    // Another fork was first, or the caller left while the answer was under way (RFC 3261 §13.2.2.4).
    if (this.#conversation || this.#isCancelled || this.#events.isOver || sdp === undefined) {
      conversation.sendBye();
      if (!this.#conversation) this.#rejected(487, 'released while being answered');
      return;
    }
    this.#conversation = conversation;
    this.#forks.retireAllBut(conversation);
    conversation.confirmed(agreedByAnswer(timerHeadersOf(message)));
    this.#events.push({ kind: 'sip-answered', sdp });
  }

  #refused(message: IncomingResponseMessage, target: WireUri): void {
    const status = message.statusCode ?? 500;
    const request = { method: 'INVITE', uri: target.toString(), body: this.#offer };
    const headers = this.#isCancelled
      ? undefined
      : this.#authorization.headersAfter(message, request);
    if (headers) this.#again(target, headers);
    else if (this.#mayRaise(status)) {
      this.#raises += 1;
      this.#minSessionS = parseMinSe(message.getHeader('min-se'));
      this.#again(target, []);
    } else if (!this.#isOneForAll(status) && this.#tryNext()) return;
    else this.#rejected(status, message.reasonPhrase ?? '', message);
  }

  #mayRaise(status: number): boolean {
    return status === 422 && !this.#isCancelled && this.#raises < MAX_RAISES;
  }

  /** RFC 3261 §21.6: a 6xx speaks for the user, wherever else he might be. */
  #isOneForAll(status: number): boolean {
    return status >= 600;
  }

  /** RFC 3261 §8.1.3.4, as far as the tenant lets calls be sent elsewhere. */
  #redirected(message: IncomingResponseMessage): void {
    const status = message.statusCode ?? 300;
    const { redirectTarget = (contact: string) => contact } = this.#invite;
    const more = redirectionsOf(message.getHeaders('contact'))
      .map((it) => wireUri(redirectTarget(it) ?? ''))
      .filter((it) => it !== undefined)
      .slice(0, this.#redirectsLeft);
    this.#redirectsLeft -= more.length;
    this.#targets = [...more, ...this.#targets];
    if (!this.#tryNext()) this.#rejected(status, message.reasonPhrase ?? '', message);
  }

  #tryNext(): boolean {
    const [next, ...rest] = this.#targets;
    if (!next || this.#isCancelled) return false;
    this.#targets = rest;
    this.#again(next, []);
    return true;
  }

  #again(target: WireUri, headers: readonly string[]): void {
    this.#forks.close();
    this.#forks = new Forks(this.#context, this.#events, this.#offer);
    this.#send(target, headers);
  }

  #rejected(status: number, reason: string, message?: IncomingResponseMessage): void {
    const { q850 } = reasonsOf(message?.getHeaders('reason') ?? []);
    this.#events.pushLast({
      ...{ kind: 'sip-rejected', status, reason },
      ...(q850 !== undefined && { q850 }),
    });
  }
}

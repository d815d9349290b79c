import type { IncomingResponseMessage, Session } from 'sip.js/lib/core/index.js';
import { type EarlyMedia, earlyMediaAfter, underPolicy } from '../../core/session/early-media.ts';
import { OwnSdp } from '../../core/session/own-sdp.ts';
import { isOwedOurs, withoutPreconditions } from '../../core/session/preconditions.ts';
import type { Dialog, SipLegEvent } from '../../ports/sip-leg.ts';
import { Conversation } from './conversation.ts';
import { dialogOf } from './dialog-name.ts';
import { rackFor } from './dialog-requests.ts';
import type { LegContext } from './leg-context.ts';
import type { LegEvents } from './leg-events.ts';
import { sdpIn } from './peer-request.ts';

/** One early dialog of our INVITE (RFC 3261 §12.1.2, §13.2.2.1). */
interface Fork {
  readonly session: Session;
  readonly conversation: Conversation;
  status: number;
  earlyMedia: EarlyMedia | undefined;
  /** Its answer came in a response that was acknowledged; no later one counts (RFC 6337 §2.2). */
  isAnswerFinal: boolean;
  /** It has heard of our resources. */
  isToldOurs: boolean;
}

const RANKS = { undescribed: 0, refused: 1, unsaid: 2, authorized: 3 } as const;

/** The early dialogs of one INVITE; the user sees and hears one of them at a time. */
export class Forks {
  readonly #context: LegContext;
  readonly #events: LegEvents;
  readonly #offer: string;
  readonly #forks = new Map<string, Fork>();
  #shown: Fork | undefined;
  #isAnswered = false;

  constructor(context: LegContext, events: LegEvents, offer: string) {
    this.#context = context;
    this.#events = events;
    this.#offer = offer;
  }

  /** The dialog whose description was passed on. */
  get shown(): Conversation | undefined {
    return this.#shown?.conversation;
  }

  get dialogs(): readonly Dialog[] {
    return [...this.#forks.values()].flatMap(({ session }) => dialogOf(session) ?? []);
  }

  progressed(message: IncomingResponseMessage, session: Session): void {
    const fork = this.#of(message.toTag, session);
    const { conversation } = fork;
    const before = this.#rank(fork);
    conversation.methods.learn(message);
    fork.status = message.statusCode ?? fork.status;
    fork.earlyMedia = earlyMediaAfter(fork.earlyMedia, message.getHeaders('p-early-media'));
    const rack = rackFor(message);
    const sdp = fork.isAnswerFinal ? undefined : sdpIn(message);
    if (sdp !== undefined) conversation.offers.took(sdp, false);
    if (rack !== undefined) this.#acknowledge(fork, rack, sdp !== undefined);
    if (fork !== this.#shown && this.#takesOver(fork, before)) this.#show(fork);
    else this.#tell(fork, sdp);
  }

  /** The dialog a 2xx confirms, and the description that is its answer. */
  confirm(
    message: IncomingResponseMessage,
    session: Session,
  ): { readonly conversation: Conversation; readonly sdp: string | undefined } {
    const fork = this.#of(message.toTag, session);
    const { conversation } = fork;
    conversation.methods.learn(message);
    const sdp = fork.isAnswerFinal ? undefined : sdpIn(message);
    if (sdp !== undefined) conversation.offers.took(sdp, false);
    return { conversation, sdp: conversation.offers.theirs };
  }

  /** The one that was answered first is the call. */
  retireAllBut(winner: Conversation): void {
    this.#isAnswered = true;
    for (const { conversation } of this.#forks.values())
      if (conversation !== winner) conversation.retire();
  }

  close(): void {
    for (const { conversation } of this.#forks.values()) conversation.close();
  }

  #of(tag: string, session: Session): Fork {
    const known = this.#forks.get(tag);
    if (known) return known;
    const own = new OwnSdp();
    own.write(this.#offer);
    const fork: Fork = {
      session,
      status: 180,
      earlyMedia: undefined,
      isAnswerFinal: false,
      isToldOurs: false,
      conversation: new Conversation(this.#context, this.#events, {
        ...{ session, own, ownsCallId: true, initial: 'ours-open' },
        hooks: {
          // Whoever changes its offer is the one we are talking to now.
          onOffered: () => {
            this.#shown = fork;
          },
          onBye: () => {
            this.#ended(tag);
          },
        },
      }),
    };
    this.#forks.set(tag, fork);
    return fork;
  }

  #acknowledge(fork: Fork, rack: string, hasAnswer: boolean): void {
    const { offers, requests } = fork.conversation;
    fork.isAnswerFinal ||= hasAnswer;
    const asked = fork.isToldOurs ? undefined : offers.preconditions;
    const offer = asked && isOwedOurs(asked) ? withoutPreconditions(this.#offer) : undefined;
    const heard = (sdp: string): void => {
      this.#reanswered(fork, sdp);
    };
    if (offer !== undefined && !fork.conversation.methods.allows('UPDATE')) {
      fork.isToldOurs = true;
      offers.offerInPrack(rack, offer, heard);
      return;
    }
    const nothing = (): void => undefined;
    requests.send({
      ...{ method: 'PRACK', headers: [rack], onReject: nothing },
      // RFC 3312 §6: what it waits for is confirmed once it has our acknowledgement.
      onAccept: () => {
        if (offer === undefined || fork.isToldOurs) return;
        fork.isToldOurs = true;
        offers.offer({ sdp: offer, onAnswer: heard });
      },
    });
  }

  #reanswered(fork: Fork, sdp: string): void {
    if (fork === this.#shown) this.#events.push(this.#event(fork, sdp, 183));
  }

  #show(fork: Fork): void {
    this.#shown = fork;
    this.#events.push(this.#event(fork, fork.conversation.offers.theirs));
  }

  /** What another one plays is heard again. */
  #ended(tag: string): void {
    const ended = this.#forks.get(tag);
    if (this.#isAnswered || !ended) return;
    this.#forks.delete(tag);
    if (ended !== this.#shown) return;
    this.#shown = undefined;
    for (const fork of [...this.#forks.values()].reverse())
      if (this.#takesOver(fork, this.#rank(fork))) this.#shown = fork;
    if (this.#shown) this.#show(this.#shown);
  }

  #tell(fork: Fork, sdp: string | undefined): void {
    const { status } = fork;
    if (fork !== this.#shown && this.#shown) this.#events.push({ kind: 'sip-progressed', status });
    else this.#events.push(this.#event(fork, sdp));
  }

  /**
   * Nothing is mixed (RFC 3960 §3.1 leaves the choice to us): who may be heard goes before who may not, and
   * among equals who came to it last, as calls are sent on oftener than they reach two at once.
   */
  #takesOver(fork: Fork, before: number): boolean {
    const rank = this.#rank(fork);
    if (rank === RANKS.undescribed) return false;
    const shown = this.#shown ? this.#rank(this.#shown) : RANKS.undescribed;
    return rank > shown || (rank === shown && rank > before);
  }

  #rank(fork: Fork): number {
    if (fork.conversation.offers.theirs === undefined) return RANKS.undescribed;
    return RANKS[this.#earlyMediaOf(fork) ?? 'unsaid'];
  }

  #earlyMediaOf({ conversation, earlyMedia }: Fork): EarlyMedia | undefined {
    const isConditional = conversation.offers.preconditions !== undefined;
    return underPolicy(earlyMedia, this.#context.policy, isConditional);
  }

  #event(fork: Fork, sdp: string | undefined, status = fork.status): SipLegEvent {
    const earlyMedia = this.#earlyMediaOf(fork);
    return {
      ...{ kind: 'sip-progressed', status },
      ...(sdp !== undefined && { sdp }),
      ...(earlyMedia !== undefined && { earlyMedia }),
    };
  }
}

import type { CallEffect, CallEvent } from '../../core/call/call-types.ts';
import { MOVED_TEMPORARILY } from '../../core/call/forwarding.ts';
import type { Clock } from '../../ports/clock.ts';
import type { IncomingInvite } from '../../ports/sip-accounts.ts';
import type {
  Dialog,
  OutgoingInvite,
  Redirection,
  SipLeg,
  SipLegEvent,
} from '../../ports/sip-leg.ts';
import type { IncomingRefer } from '../../ports/sip-refer.ts';

export type Invited = Pick<OutgoingInvite, 'target' | 'sdp' | 'replaces' | 'referredBy'>;
export type Invite = (invited: Invited, onEvent: (event: SipLegEvent) => void) => SipLeg;

export interface ImsLineDeps {
  readonly clock: Clock;
  readonly invite: Invite;
  /** Where the tenant's rules let somebody send us; undefined: nowhere. */
  readonly allowReferral: (target: string) => string | undefined;
  /** Where a call goes that is refused now. */
  readonly divert: () => Redirection | undefined;
  readonly dispatch: (event: CallEvent) => void;
}

/** Who handed us on hangs up himself, as a rule; our BYE is not to overtake the news (RFC 5589 §6). */
const FORMER_MS = 2_000;
const DECLINED = 603;
const GONE = 480;
const REQUEST_PENDING = 491;

export interface ImsFacts {
  /** Absent where no INVITE left. */
  readonly sipCallId: string | undefined;
  readonly redirectedTo?: string;
  /** Whom it went on with, in order. */
  readonly laterPeers?: string[];
  /** To whom we last wanted the other side to go. */
  readonly referredTo?: string;
}

/** What of a call's effects is this line's. */
export type SipEffect =
  | 'send-early-answer'
  | 'send-answer'
  | 'send-reject'
  | 'send-cancel'
  | 'send-bye'
  | 'send-reoffer-answer'
  | 'send-reoffer-refusal'
  | 'send-offer'
  | 'send-digit'
  | 'send-refer'
  | 'accept-referral'
  | 'refuse-referral'
  | 'tell-referrer'
  | 'cancel-next'
  | 'answer-successor'
  | 'refuse-successor'
  | 'become-next';

type SipPerformer = {
  readonly [Kind in SipEffect]: (effect: CallEffect & { readonly kind: Kind }) => void;
};

interface Former {
  readonly leg: SipLeg;
  readonly stopWaiting: () => void;
}

/** The IMS side of one call: the leg it is on, and the one that is to take its place. */
export class ImsLine {
  readonly #deps: ImsLineDeps;
  #leg: SipLeg | undefined;
  #next: SipLeg | undefined;
  #referral: IncomingRefer | undefined;
  /** Of who handed us on, until he or we hang up. */
  #former: Former | undefined;
  /** Of the first leg: by it the call is found in IMS. */
  #callId: string | undefined;
  #redirectedTo: string | undefined;
  #referredTo: string | undefined;
  #nextPeer: string | undefined;
  readonly #laterPeers: string[] = [];

  constructor(deps: ImsLineDeps) {
    this.#deps = deps;
  }

  /** For the call's record. */
  get facts(): ImsFacts {
    return {
      sipCallId: this.#callId,
      ...(this.#redirectedTo !== undefined && { redirectedTo: this.#redirectedTo }),
      ...(this.#laterPeers.length > 0 && { laterPeers: [...this.#laterPeers] }),
      ...(this.#referredTo !== undefined && { referredTo: this.#referredTo }),
    };
  }

  get dialog(): Dialog | undefined {
    return this.#leg?.dialog;
  }

  get earlyDialogs(): readonly Dialog[] {
    return this.#leg?.earlyDialogs ?? [];
  }

  ring(): void {
    this.#leg?.ring();
  }

  invite(invited: Invited): void {
    const leg = this.#deps.invite(invited, (event) => {
      this.#heard(leg, event);
    });
    this.#use(leg);
  }

  take(invite: IncomingInvite): void {
    const leg = invite.listen((event) => {
      this.#heard(leg, event);
    });
    this.#use(leg);
  }

  /** To whom we were sent. */
  inviteNext({ target, sdp }: Pick<Invited, 'target' | 'sdp'>): void {
    const { replaces, referredBy } = this.#referral ?? {};
    const leg = this.#deps.invite(
      {
        ...{ target, sdp },
        ...(replaces !== undefined && { replaces }),
        ...(referredBy !== undefined && { referredBy }),
      },
      (event) => {
        this.#heard(leg, event);
      },
    );
    this.#next = leg;
    this.#nextPeer = target;
  }

  /** An INVITE that is to take this call's place. */
  takeNext(invite: IncomingInvite): void {
    const leg = invite.listen((event) => {
      this.#heard(leg, event);
    });
    // One is on the way already; forgotten, he would be left in a call with nobody.
    if (this.#next) {
      leg.reject(REQUEST_PENDING);
      return;
    }
    this.#next = leg;
    this.#nextPeer = invite.from.uri;
    this.#deps.dispatch({ kind: 'ims-replaced', from: invite.from, sdp: invite.sdp });
  }

  /** Waits no longer for who handed us on; the call that took that one's place has its own end. */
  release(): void {
    const leg = this.#former?.leg;
    this.#forgetFormer();
    leg?.bye();
  }

  readonly performer: SipPerformer = {
    'send-early-answer': ({ sdp }) => this.#leg?.answerEarly(sdp),
    'send-answer': ({ sdp }) => this.#leg?.answer(sdp),
    'send-reject': ({ status }) => {
      const redirection = this.#deps.divert();
      this.#redirectedTo = redirection?.contact;
      if (redirection === undefined) this.#leg?.reject(status);
      else this.#leg?.reject(MOVED_TEMPORARILY, redirection);
    },
    'send-cancel': () => this.#leg?.cancel(),
    'send-bye': () => this.#leg?.bye(),
    'send-reoffer-answer': ({ sdp }) => this.#leg?.answerReoffer(sdp),
    'send-reoffer-refusal': () => this.#leg?.refuseReoffer(488),
    'send-offer': ({ sdp }) => this.#leg?.offer(sdp),
    'send-digit': ({ kind: _, ...digit }) => this.#leg?.sendDigit(digit),
    'send-refer': ({ refer }) => {
      this.#referredTo = refer.target;
      this.#leg?.refer(refer);
    },
    'accept-referral': () => this.#referral?.accept(),
    'refuse-referral': ({ status }) => this.#referral?.refuse(status),
    'tell-referrer': ({ status }) => this.#referral?.tell(status),
    'cancel-next': () => {
      this.#next?.cancel();
      this.#next = undefined;
    },
    'answer-successor': ({ sdp }) => this.#next?.answer(sdp),
    'refuse-successor': ({ status }) => {
      this.#next?.reject(status);
      this.#next = undefined;
    },
    'become-next': () => {
      this.#becomeNext();
    },
  };

  #use(leg: SipLeg): void {
    this.#leg = leg;
    this.#callId ??= leg.callId;
  }

  /** Of a leg that was let go nothing matters any more. */
  #heard(leg: SipLeg, event: SipLegEvent): void {
    if (leg === this.#next) this.#heardOfNext(event);
    if (leg === this.#former?.leg && event.kind === 'sip-hung-up') this.#forgetFormer();
    if (leg !== this.#leg) return;
    if (event.kind === 'sip-referred') this.#referred(event.refer);
    else this.#deps.dispatch(event);
  }

  #heardOfNext(event: SipLegEvent): void {
    const { dispatch } = this.#deps;
    switch (event.kind) {
      case 'sip-progressed':
        dispatch({ kind: 'next-progressed', status: event.status });
        return;
      case 'sip-answered':
        dispatch({ kind: 'next-answered', sdp: event.sdp });
        return;
      case 'sip-rejected':
        this.#next = undefined;
        dispatch({ ...event, kind: 'next-rejected' });
        return;
      case 'sip-hung-up':
        this.#next = undefined;
        dispatch({ kind: 'next-rejected', status: GONE });
        return;
      default:
    }
  }

  #referred(refer: IncomingRefer): void {
    const target = this.#deps.allowReferral(refer.target);
    if (target === undefined) {
      refer.refuse(DECLINED);
      return;
    }
    this.#referral = refer;
    this.#deps.dispatch({ kind: 'ims-referred', target });
  }

  #becomeNext(): void {
    const former = this.#leg;
    if (this.#next) this.#leg = this.#next;
    if (this.#nextPeer !== undefined) this.#laterPeers.push(this.#nextPeer);
    this.#nextPeer = undefined;
    this.#next = undefined;
    const isToldFirst = this.#referral !== undefined;
    this.#referral = undefined;
    this.release();
    if (!former) return;
    if (isToldFirst) this.#leaveSoon(former);
    else {
      former.cancel();
      former.bye();
    }
  }

  #leaveSoon(leg: SipLeg): void {
    const stopWaiting = this.#deps.clock.after(FORMER_MS, () => {
      this.release();
    });
    this.#former = { leg, stopWaiting };
  }

  #forgetFormer(): void {
    this.#former?.stopWaiting();
    this.#former = undefined;
  }
}

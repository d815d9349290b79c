import type { Impu } from '@isthmus/shared/domain/ids';
import type { CallDialog } from '@isthmus/shared/store/call-records';
import type { Replaces } from '../core/sip/refer.ts';
import type { IncomingRefer, OutgoingRefer } from './sip-refer.ts';

export interface OutgoingInvite {
  /** P-Preferred-Identity and From; one of the account's implicit set (SES-6). */
  readonly identity: Impu;
  /** Request-URI, a SIP or tel URI. */
  readonly target: string;
  readonly sdp: string;
  /** RFC 3323: true hides who calls, false asks that nothing be hidden. */
  readonly privacy?: boolean;
  /** Whole header lines, checked and encoded. */
  readonly headers?: readonly string[];
  /** P-Access-Network-Info; `none` for no such header. */
  readonly accessNetworkInfo?: string;
  /** Of a call that we were asked to make: the dialog it replaces, and who asked (RFC 3891, 3892). */
  readonly replaces?: Replaces;
  readonly referredBy?: string;
  /** What the tenant's rules make of a contact a 3xx names; undefined: it is not to be called. */
  readonly redirectTarget?: (contact: string) => string | undefined;
}

/** What the IMS side of one call tells us. */
export type SipLegEvent =
  | {
      readonly kind: 'sip-progressed';
      readonly status: number;
      readonly sdp?: string;
      /** What the network and the tenant's policy say of hearing early media; absent: nothing. */
      readonly earlyMedia?: 'authorized' | 'refused';
    }
  /** 2xx to our INVITE; the ACK is already sent. */
  | { readonly kind: 'sip-answered'; readonly sdp: string }
  | {
      readonly kind: 'sip-rejected';
      readonly status: number;
      readonly reason: string;
      /** ITU-T Q.850 cause of its Reason header. */
      readonly q850?: number;
    }
  /** Who called has all that it waited for: ring now. */
  | { readonly kind: 'sip-ready' }
  /** Our 2xx was acknowledged, or our early offer answered; SDP where ours was the offer. */
  | { readonly kind: 'sip-acknowledged'; readonly sdp?: string }
  /** CANCEL of an INVITE we had not answered; the 487 is already sent. */
  | { readonly kind: 'sip-cancelled'; readonly isAnsweredElsewhere?: true }
  /** BYE, or a dialog that died: no ACK in 64·T1, flow lost, 481. */
  | { readonly kind: 'sip-hung-up'; readonly reason?: string; readonly q850?: number }
  /** re-INVITE or UPDATE: `answerReoffer` or `refuseReoffer` is due. */
  | { readonly kind: 'sip-reoffered'; readonly sdp?: string }
  /** Our `offer` was answered; the one made last where several were wanted meanwhile. */
  | { readonly kind: 'sip-offer-answered'; readonly sdp: string }
  /** Whom we talk to asks us to talk to somebody else. */
  | { readonly kind: 'sip-referred'; readonly refer: IncomingRefer }
  /** How the call goes that we asked for; 100 where it was only accepted. */
  | { readonly kind: 'sip-refer-progressed'; readonly status: number }
  /** A status of 300 and more: there is no such call. 202: accepted, and no news will come. */
  | { readonly kind: 'sip-refer-settled'; readonly status: number }
  /** The session stays as it was before our `offer` (RFC 3261 §14.1). */
  | { readonly kind: 'sip-offer-refused'; readonly status: number }
  /** A key of the other side, by INFO. */
  | { readonly kind: 'sip-digit'; readonly digit: string; readonly durationMs: number };

/** Where a 302 sends the caller, and what whoever follows it says of why. */
export interface Redirection {
  readonly contact: string;
  /** A value of Diversion (RFC 5806), which networks of before RFC 7044 go by. */
  readonly diversion: string;
}

/** One call as both of its sides know it. */
export interface Dialog {
  /** As the other side is to be named to a third. */
  readonly replaces: Replaces;
  /** Contact of the other side. */
  readonly remoteTarget: string;
  /** For another node, should this one die. */
  readonly saved: CallDialog;
}

/** The IMS side of one call. Calling out of turn does nothing. */
export interface SipLeg {
  /** SIP Call-ID, by which the call is found in IMS. */
  readonly callId: string;
  /** Under which its messages are traced. */
  readonly traceId: string;
  /** Of the answered call, for others to take its place; undefined where there is none yet. */
  readonly dialog: Dialog | undefined;
  /** Of a call of ours that rings: one for each phone that does. */
  readonly earlyDialogs: readonly Dialog[];
  refer(refer: OutgoingRefer): void;
  /** 180 to an incoming INVITE. */
  ring(): void;
  /** Reliable 183 with SDP, before anyone is told of the call; `sip-ready` follows (RFC 3312 §6). */
  answerEarly(sdp: string): void;
  /**
   * 200 with SDP to an incoming INVITE. Where another description was given early, this one is offered
   * first, or behind it where the caller takes no UPDATE; its answer comes as `sip-acknowledged`.
   */
  answer(sdp: string): void;
  reject(status: number, redirection?: Redirection): void;
  /** CANCEL of our INVITE, kept back until a provisional response came (RFC 3261 §9.1). */
  cancel(): void;
  bye(): void;
  /** A new offer of ours, as soon as none is open; the last one wanted is the one that goes. */
  offer(sdp: string): void;
  answerReoffer(sdp: string): void;
  refuseReoffer(status: number): void;
  /** By INFO, where the tenant's network wants that; RTP is the media's. */
  sendDigit(digit: { readonly digit: string; readonly durationMs: number }): void;
}

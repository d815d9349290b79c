import type { RegInfo } from './reg-info.ts';
import type { OwnContact, RegView, Verdict } from './reg-view.ts';

/** What a subscription remembers whatever it is doing. */
export interface Memory {
  readonly view: RegView;
  /** Attempts that failed in a row. */
  readonly failures: number;
  /** How often in a row the network ended what we had just registered. */
  readonly upsets: number;
  /** Full state was asked for because of a gap, and has not come yet. */
  readonly hasAsked: boolean;
  /** That the network refuses subscriptions is noted once. */
  readonly isNoted: boolean;
  /** What the latest NOTIFY said is left. */
  readonly leftS?: number;
}

/** One SUBSCRIBE with its challenges, until its final response. */
export interface Asking {
  readonly dialog: DialogChoice;
  readonly expiresS: number;
  /** Challenges answered so far. */
  readonly answered: number;
}

/** `same`: within the dialog that the first NOTIFY made (RFC 6665 §4.4.1). */
export type DialogChoice = 'new' | 'same';

export type SubscriptionState =
  /** Not registered. */
  | { readonly kind: 'idle'; readonly memory: Memory }
  | { readonly kind: 'asking'; readonly memory: Memory; readonly asking: Asking }
  | { readonly kind: 'subscribed'; readonly memory: Memory }
  /** Between two attempts. */
  | { readonly kind: 'waiting'; readonly memory: Memory; readonly dialog: DialogChoice }
  /** The network will not have it; the registration does without. */
  | { readonly kind: 'refused'; readonly memory: Memory }
  | { readonly kind: 'leaving'; readonly answered: number }
  | { readonly kind: 'ended' };

export interface SubscribeAnswer {
  readonly kind: 'subscribe-answered';
  readonly status: number;
  /** 401 or 407 with a challenge of our realm that can be answered. */
  readonly isAnswerable: boolean;
  readonly expiresS?: number;
  readonly minExpiresS?: number;
  readonly retryAfterS?: number;
}

export interface Notified {
  readonly kind: 'notified';
  readonly state: 'pending' | 'active' | 'terminated';
  /** Why it was terminated (RFC 6665 §4.1.3). */
  readonly reason?: string;
  readonly expiresS?: number;
  readonly retryAfterS?: number;
  readonly info?: RegInfo;
  readonly own: OwnContact;
}

export type SubscriptionEvent =
  /** `isNew`: no refresh, but a registration from the beginning. */
  | { readonly kind: 'registered'; readonly isNew: boolean }
  | { readonly kind: 'registration-lost' }
  | { readonly kind: 'leave-wanted' }
  | SubscribeAnswer
  /** Timer F, or the transport refused the request. */
  | { readonly kind: 'subscribe-missed' }
  /** The dialog is over: no NOTIFY came within Timer N, or it was unknown to the notifier. */
  | { readonly kind: 'dialog-gone' }
  | Notified
  | { readonly kind: 'timer-fired' };

export type SubscriptionEffect =
  | {
      readonly kind: 'send-subscribe';
      readonly dialog: DialogChoice;
      readonly expiresS: number;
      /** `answer` repeats the request with its last challenge answered. */
      readonly authorization: 'fresh' | 'answer';
    }
  /** Drop the dialog without a word. */
  | { readonly kind: 'forget' }
  | { readonly kind: 'report-verdict'; readonly verdict: Verdict }
  /** Contacts of our instance that are not ours. */
  | { readonly kind: 'report-strays'; readonly strays: readonly string[] }
  /** Identities that have ended while others go on; empty where all are back. */
  | { readonly kind: 'report-ended'; readonly identities: readonly string[] }
  | { readonly kind: 'note-refusal'; readonly why: number | string }
  /** There is never more than one timer. */
  | { readonly kind: 'start-timer'; readonly ms: number }
  | { readonly kind: 'stop-timer' };

export interface SubscriptionStep {
  readonly state: SubscriptionState;
  readonly effects: readonly SubscriptionEffect[];
}

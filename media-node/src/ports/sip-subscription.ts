import type { Impu } from '@isthmus/shared/domain/ids';
import type { SubscribeAnswer } from '../core/registration/reg-event/subscription-types.ts';
import type { SubscriptionStateValue } from '../core/sip/event-headers.ts';

/** SUBSCRIBE to the registration events of our own identity. */
export interface SubscribeRequest {
  /** Request-URI, From and To. */
  readonly identity: Impu;
  readonly expiresS: number;
  /** Within the dialog there is, or with one of its own. */
  readonly dialog: 'new' | 'same';
  /** `answer` repeats the request with its last challenge answered. */
  readonly authorization: 'fresh' | 'answer';
}

export type SubscriptionNews =
  | SubscribeAnswer
  | { readonly kind: 'subscribe-missed' }
  | { readonly kind: 'dialog-gone' };

export interface Notification extends SubscriptionStateValue {
  /** Media type, lower case; empty where there is no body. */
  readonly type: string;
  readonly body: string;
}

export interface SubscriptionListener {
  onNews(news: SubscriptionNews): void;
  /** False refuses the NOTIFY with 400. It is answered before anything that follows from it. */
  onNotify(notification: Notification): boolean;
}

import type { Impu } from '@isthmus/shared/domain/ids';
import type { CallDialog } from '@isthmus/shared/store/call-records';
import type { IncomingMessage, MessageFate, OutgoingMessage } from './pager-message.ts';
import type { IncomingInvite, SipAccountOptions } from './sip-accounts.ts';
import type { OutgoingInvite, SipLeg, SipLegEvent } from './sip-leg.ts';
import type { SubscribeRequest, SubscriptionListener } from './sip-subscription.ts';

export interface RegisterRequest {
  readonly expiresS: number;
  /** `answer` repeats the REGISTER with its last challenge answered. */
  readonly authorization: 'fresh' | 'answer';
  /** Contact URIs of others that are removed by the same REGISTER. */
  readonly withdraw?: readonly string[];
}

export type RegisterOutcome =
  | {
      readonly kind: 'response-received';
      readonly status: number;
      readonly reason: string;
      /** Of a 401 or 407; `foreign` is not to be answered. */
      readonly challenge?: 'new' | 'stale' | 'resync' | 'foreign';
      /** Of our own contact. */
      readonly expiresS?: number;
      readonly minExpiresS?: number;
      readonly retryAfterS?: number;
      readonly associated: readonly Impu[];
      readonly serviceRoute: readonly string[];
      readonly gruus: Gruus;
    }
  | { readonly kind: 'response-missed' };

/** Names for this very instance of us that reach it from anywhere (RFC 5627). */
export interface Gruus {
  readonly public?: string;
  readonly temporary?: string;
}

export interface NextProxyRequest {
  /** For how long nothing may go to the present P-CSCF; 0 where it may be the turn's again. */
  readonly holdOffMs: number;
  /** The list of P-CSCFs itself is to be found anew (3GPP TS 24.229 §5.1.1.2.1, 305). */
  readonly rediscover: boolean;
}

export type SipUserAgentEvent =
  | { readonly kind: 'flow-up' }
  | { readonly kind: 'flow-lost'; readonly reason: string }
  /** A 504 of those that serve us, with XML that says what to do instead (3GPP TS 24.229 §5.1.2A.1.6). */
  | { readonly kind: 'alternative-offered'; readonly document: string }
  /** There is none that `useNextProxy` could go to now: the flow stays as it is. */
  | { readonly kind: 'no-other-proxy' }
  | { readonly kind: 'incoming'; readonly invite: IncomingInvite }
  | { readonly kind: 'message'; readonly message: IncomingMessage };

/** SIP for one identity, without any policy of when to register. */
export interface SipUserAgent {
  register(request: RegisterRequest, onOutcome: (outcome: RegisterOutcome) => void): void;
  /** For every later request, behind the P-CSCF (REG-7). */
  useServiceRoute(route: readonly string[]): void;
  /** Our Contact in calls from now on; none: the address of the flow. */
  useGruus(gruus: Gruus): void;
  /** Leaves the P-CSCF for another: `flow-lost` and a `flow-up` follow, or `no-other-proxy`. */
  useNextProxy(request: NextProxyRequest): void;
  invite(invite: OutgoingInvite, onEvent: (event: SipLegEvent) => void): SipLeg;
  message(message: OutgoingMessage): Promise<MessageFate>;
  /** Ends a call of a node that died. */
  release(dialog: CallDialog): void;
  /** Of our Contact, as it is now. */
  readonly contactUri: string;
  /** Of our own registration; there is at most one. */
  subscribe(request: SubscribeRequest, listener: SubscriptionListener): void;
  /** Drops it without a word. */
  forgetSubscription(): void;
  /** Ends its legs and forgets its transactions. */
  close(): void;
}

export interface SipUserAgents {
  /** Events come later, never during the call. */
  open(options: SipAccountOptions, onEvent: (event: SipUserAgentEvent) => void): SipUserAgent;
  close(): Promise<void>;
}

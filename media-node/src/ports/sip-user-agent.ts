import type { Impu } from '@isthmus/shared/domain/ids';
import type { IncomingInvite, SipAccountOptions } from './sip-accounts.ts';
import type { OutgoingInvite, SipLeg, SipLegEvent } from './sip-leg.ts';

export interface RegisterRequest {
  readonly expiresS: number;
  /** `answer` repeats the REGISTER with its last challenge answered. */
  readonly authorization: 'fresh' | 'answer';
}

export type RegisterOutcome =
  | {
      readonly kind: 'response-received';
      readonly status: number;
      readonly reason: string;
      /** 401 or 407 with a challenge of our realm that can be answered. */
      readonly isAnswerable: boolean;
      /** Of our own contact. */
      readonly expiresS?: number;
      readonly minExpiresS?: number;
      readonly retryAfterS?: number;
      readonly associated: readonly Impu[];
      readonly serviceRoute: readonly string[];
    }
  | { readonly kind: 'response-missed' };

export type SipUserAgentEvent =
  | { readonly kind: 'flow-up' }
  | { readonly kind: 'flow-lost'; readonly reason: string }
  | { readonly kind: 'incoming'; readonly invite: IncomingInvite };

/** SIP for one identity, without any policy of when to register. */
export interface SipUserAgent {
  register(request: RegisterRequest, onOutcome: (outcome: RegisterOutcome) => void): void;
  /** For every later request, behind the P-CSCF (REG-7). */
  useServiceRoute(route: readonly string[]): void;
  invite(invite: OutgoingInvite, onEvent: (event: SipLegEvent) => void): SipLeg;
  /** Ends its legs and forgets its transactions. */
  close(): void;
}

export interface SipUserAgents {
  /** Events come later, never during the call. */
  open(options: SipAccountOptions, onEvent: (event: SipUserAgentEvent) => void): SipUserAgent;
  close(): Promise<void>;
}

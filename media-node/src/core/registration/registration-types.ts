import type { Impu } from '@isthmus/shared/domain/ids';

/** One REGISTER with its challenges, until its final response. */
export interface Attempt {
  readonly expiresS: number;
  /** Challenges answered so far. */
  readonly answered: number;
  /** Attempts that failed in a row before this one. */
  readonly failures: number;
}

export type RegistrationState =
  | { readonly kind: 'idle' }
  /** Wanted, but there is no flow to the P-CSCF. */
  | { readonly kind: 'offline'; readonly failures: number; readonly expiresS: number }
  | { readonly kind: 'registering'; readonly attempt: Attempt; readonly isRefresh: boolean }
  | { readonly kind: 'registered'; readonly expiresS: number }
  /** Between two attempts. */
  | { readonly kind: 'waiting'; readonly failures: number; readonly expiresS: number }
  /** De-registration is wanted, and a REGISTER has no final response yet. */
  | { readonly kind: 'withdrawing' }
  | { readonly kind: 'deregistering'; readonly answered: number }
  | { readonly kind: 'ended' };

export interface RegisterResponse {
  readonly kind: 'response-received';
  readonly status: number;
  readonly reason: string;
  /** A challenge of our realm that can be answered; its absence in a 401 is final. */
  readonly isAnswerable: boolean;
  readonly expiresS?: number;
  readonly minExpiresS?: number;
  readonly retryAfterS?: number;
  readonly associated: readonly Impu[];
  readonly serviceRoute: readonly string[];
}

export type RegistrationEvent =
  | { readonly kind: 'register-wanted' }
  | { readonly kind: 'deregister-wanted' }
  | { readonly kind: 'flow-up' }
  | { readonly kind: 'flow-lost'; readonly reason: string }
  | RegisterResponse
  /** Timer F, or the transport refused the request. */
  | { readonly kind: 'response-missed' }
  | { readonly kind: 'timer-fired'; readonly timer: RegistrationTimer };

/** `next`: refresh or retry, whichever is due; there is never more than one. */
export type RegistrationTimer = 'next' | 'farewell';

export type RegistrationEffect =
  | {
      readonly kind: 'send-register';
      readonly expiresS: number;
      readonly authorization: AuthorizationKind;
    }
  | { readonly kind: 'use-service-route'; readonly route: readonly string[] }
  | { readonly kind: 'report-registered'; readonly associated: readonly Impu[] }
  | { readonly kind: 'report-refused'; readonly status: number; readonly reason: string }
  | { readonly kind: 'report-lost'; readonly reason: string }
  | { readonly kind: 'report-end' }
  | { readonly kind: 'start-timer'; readonly timer: RegistrationTimer; readonly ms: number }
  | { readonly kind: 'stop-timer'; readonly timer: RegistrationTimer };

/** `fresh` opens an attempt; `answer` repeats it with the challenge answered. */
export type AuthorizationKind = 'fresh' | 'answer';

export interface RegistrationStep {
  readonly state: RegistrationState;
  readonly effects: readonly RegistrationEffect[];
}

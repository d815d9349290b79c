import type { Impu } from '@isthmus/shared/domain/ids';

/** One REGISTER with its challenges, until its final response. */
export interface Attempt {
  readonly expiresS: number;
  readonly answered: Answered;
  /** Attempts that failed in a row before this one. */
  readonly failures: number;
  /** A refresh that also takes strays back: its failure changes nothing. */
  readonly tidying?: Tidying;
}

export interface Tidying {
  /** Contact URIs. */
  readonly strays: readonly string[];
  /** What we were granted before, and keep. */
  readonly grantedS: number;
}

/** Challenges answered so far, by who made them and why. */
export interface Answered {
  readonly registrar: number;
  readonly proxy: number;
  /** Whose nonce was too old: no sign of bad credentials, and no reason to go on forever. */
  readonly stale: number;
  readonly resync: number;
}

export type RegistrationState =
  | { readonly kind: 'idle' }
  /** Wanted, but there is no flow to the P-CSCF. */
  | { readonly kind: 'offline'; readonly failures: number; readonly expiresS: number }
  | {
      readonly kind: 'registering';
      readonly attempt: Attempt;
      /** IMS holds our binding of an earlier 200, which has not expired. */
      readonly isBound: boolean;
    }
  | { readonly kind: 'registered'; readonly expiresS: number }
  | Waiting
  /** De-registration is wanted, and a REGISTER has no final response yet. */
  | { readonly kind: 'withdrawing'; readonly isBound: boolean }
  | { readonly kind: 'deregistering'; readonly answered: Answered }
  | { readonly kind: 'ended' };

/** Between two attempts. */
export interface Waiting {
  readonly kind: 'waiting';
  readonly failures: number;
  readonly expiresS: number;
  readonly isBound: boolean;
  readonly isFlowUp: boolean;
  /** Another P-CSCF was asked for; how long to wait once we are there. */
  readonly elsewhereMs?: number;
  /** What is left of the present P-CSCF's wish to be left alone, should we leave it. */
  readonly holdOffMs: number;
}

/**
 * What a 401 or 407 is to us. `stale`: our answer was right, its nonce too old (RFC 7616 §3.3).
 * `resync`: the sequence number of an AKA challenge is behind ours (RFC 3310 §3.4). `foreign`: of
 * another realm, or by an algorithm we do not know or are not to use.
 */
export type ChallengeKind = 'new' | 'stale' | 'resync' | 'foreign';

export interface Gruus {
  readonly public?: string;
  readonly temporary?: string;
}

export interface RegisterResponse {
  readonly kind: 'response-received';
  readonly status: number;
  readonly reason: string;
  /** Of a 401 or 407. */
  readonly challenge?: ChallengeKind;
  readonly expiresS?: number;
  readonly minExpiresS?: number;
  readonly retryAfterS?: number;
  readonly associated: readonly Impu[];
  readonly serviceRoute: readonly string[];
  readonly gruus: Gruus;
}

/** RFC 3680 §5.3, as a NOTIFY of the reg event package says it of our own contact. */
export type TerminationCause =
  | 'deactivated'
  | 'probation'
  | 'rejected'
  | 'unregistered'
  | 'expired';

export type RegistrationEvent =
  | { readonly kind: 'register-wanted' }
  | { readonly kind: 'deregister-wanted' }
  | { readonly kind: 'flow-up' }
  | { readonly kind: 'flow-lost'; readonly reason: string }
  /** The answer to `use-next-proxy` where there is none that may be tried now. */
  | { readonly kind: 'no-other-proxy' }
  | RegisterResponse
  /** Timer F, or the transport refused the request. */
  | { readonly kind: 'response-missed' }
  /** The network wants us back sooner (3GPP TS 24.229 §5.1.1.5A). */
  | { readonly kind: 'expiry-shortened'; readonly expiresS: number }
  | {
      readonly kind: 'terminated-by-network';
      readonly cause: TerminationCause;
      readonly retryAfterS?: number;
    }
  /**
   * IMS holds contacts of our instance that nobody answers for any more: of a node that died, of a
   * flow that was lost. A registrar that knows instances replaces them itself (RFC 5626 §6).
   */
  | { readonly kind: 'strays-found'; readonly strays: readonly string[] }
  /** Its S-CSCF has forgotten us (3GPP TS 24.229 §5.1.2A.1.6). */
  | { readonly kind: 'restoration-wanted' }
  | { readonly kind: 'timer-fired'; readonly timer: RegistrationTimer };

/**
 * `next`: refresh or retry, whichever is due; there is never more than one. `expiry`: our binding
 * is gone by itself.
 */
export type RegistrationTimer = 'next' | 'expiry' | 'farewell';

export type RegistrationEffect =
  | {
      readonly kind: 'send-register';
      readonly expiresS: number;
      readonly authorization: AuthorizationKind;
      /** Contacts besides our own, to be removed (RFC 3261 §10.2.2). */
      readonly withdraw?: readonly string[];
    }
  | { readonly kind: 'use-service-route'; readonly route: readonly string[] }
  | { readonly kind: 'use-gruus'; readonly gruus: Gruus }
  | NextProxy
  | { readonly kind: 'report-registered'; readonly associated: readonly Impu[] }
  | { readonly kind: 'report-refused'; readonly status: number; readonly reason: string }
  | { readonly kind: 'report-lost'; readonly reason: string }
  /** The network ended it for good; `report-end` follows. */
  | { readonly kind: 'report-unregistered' }
  | { readonly kind: 'report-end' }
  | { readonly kind: 'start-timer'; readonly timer: RegistrationTimer; readonly ms: number }
  | { readonly kind: 'stop-timer'; readonly timer: RegistrationTimer };

/** Leave this P-CSCF for another; `flow-lost` and `flow-up` follow, or `no-other-proxy`. */
export interface NextProxy {
  readonly kind: 'use-next-proxy';
  /** For how long nothing may go to the present one. */
  readonly holdOffMs: number;
  /** 305: the list itself is to be found anew. */
  readonly rediscover: boolean;
}

/** `fresh` opens an attempt; `answer` repeats it with the challenge answered. */
export type AuthorizationKind = 'fresh' | 'answer';

export interface RegistrationStep {
  readonly state: RegistrationState;
  readonly effects: readonly RegistrationEffect[];
}

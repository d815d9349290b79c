/** Why a user was not let in: for our log alone, the wire never tells (SEC-1). */
export type LoginRefusal =
  | 'wrong-password'
  | 'foreign-tenant'
  | 'not-an-identity'
  | 'malformed'
  | 'algorithm'
  | 'issuer'
  | 'audience'
  | 'key'
  | 'signature'
  | 'expired'
  | 'not-yet-valid'
  | 'subject'
  | 'replayed'
  | 'unmapped';

/** Every failure this system names, with the facts a log line needs. Codes are never renamed. */
export interface IwfErrorDetails {
  'wire.malformed': { readonly path: string; readonly reason: string };
  'wire.unknown-action': { readonly action: string };
  'wire.too-large': { readonly sizeBytes: number; readonly limitBytes: number };
  'login.refused': { readonly reason?: LoginRefusal };
  'login.unavailable': { readonly issuer: string };
  'login.throttled': { readonly retryAfterS: number };
  'tenant.unknown': { readonly tenant: string };
  'option.disabled': { readonly option: string };
  'token.refused': { readonly reason: 'expired' | 'used' | 'unknown' | 'foreign' | 'revoked' };
  'session.none': Record<string, never>;
  'session.foreign': { readonly sessionId: string };
  'session.ended': { readonly sessionId: string };
  'registration.absent': { readonly sessionId: string };
  'registration.pending': { readonly sessionId: string };
  'registration.elsewhere': { readonly nodeId: string };
  'registration.refused': { readonly status: number; readonly reason: string };
  'registration.trunk-down': { readonly trunkId: string };
  'registration.no-identity-left': { readonly trunkId: string };
  'registration.identity-barred': { readonly trunkId: string; readonly impu: string };
  'registration.quota-used-up': Record<string, never>;
  'call.not-found': { readonly callId: string };
  'call.exists': { readonly callId: string };
  'call.wrong-state': { readonly callId: string; readonly state: string };
  'call.stale-command': { readonly callId: string; readonly seq: number };
  'call.bad-target': { readonly reason: string };
  'call.emergency-refused': Record<string, never>;
  'call.destination-barred': { readonly rule: string };
  'call.trace-refused': Record<string, never>;
  'call.too-many': { readonly limit: number };
  'call.quota-used-up': { readonly what: 'calls' | 'minutes' };
  'call.header-refused': { readonly name: string };
  'sdp.malformed': { readonly reason: string };
  'sdp.no-common-codec': { readonly offered: readonly string[] };
  'sdp.no-common-security': Record<string, never>;
  'node.at-capacity': { readonly activeCalls: number; readonly limit: number };
  /** `mayHaveTaken`: it got the command, but gave no answer. */
  'node.unavailable': { readonly nodeId: string; readonly mayHaveTaken?: true };
  'node.draining': { readonly nodeId: string };
  'control.unauthenticated': { readonly reason: string };
  'store.failed': { readonly operation: string };
  internal: { readonly reason: string };
}

export type IwfErrorCode = keyof IwfErrorDetails;

export class IwfError<C extends IwfErrorCode = IwfErrorCode> extends Error {
  override readonly name = 'IwfError';
  readonly code: C;
  readonly details: IwfErrorDetails[C];

  constructor(code: C, details: IwfErrorDetails[C], options?: ErrorOptions) {
    super(code, options);
    this.code = code;
    this.details = details;
  }
}

export function isIwfError<C extends IwfErrorCode>(error: unknown, code: C): error is IwfError<C> {
  return error instanceof IwfError && error.code === code;
}

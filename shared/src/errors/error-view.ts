import { IwfError, type IwfErrorCode } from './iwf-error.ts';

/** What a client is told of a failure: a stable code, a sentence for people, whether to retry. */
export interface ErrorView {
  readonly code: IwfErrorCode;
  readonly message: string;
  readonly retryable: boolean;
}

const SENTENCES: Readonly<Record<IwfErrorCode, readonly [message: string, retryable: boolean]>> = {
  'wire.malformed': ['The message is not of the form this action takes.', false],
  'wire.unknown-action': ['There is no such action.', false],
  'wire.too-large': ['The message is too large.', false],
  'login.refused': ['User name or password is not right.', false],
  'login.unavailable': ['Your sign-in service does not answer. Try again.', true],
  'login.throttled': ['Too many attempts. Wait a moment, then try again.', true],
  'tenant.unknown': ['User name or password is not right.', false],
  'option.disabled': ['This way of registering is not switched on here.', false],
  'token.refused': ['The token is not valid any more. Log in again.', false],
  'session.none': ['Log in first.', false],
  'session.foreign': ['There is no such session.', false],
  'session.ended': ['The session has ended. Log in again.', false],
  'registration.absent': ['Register first.', false],
  'registration.pending': ['You are being registered. Try again shortly.', true],
  'registration.elsewhere': ['Another media node has the registration. Try again.', true],
  'registration.refused': ['The telephone network refused the registration.', false],
  'registration.trunk-down': ['The telephone network is not reachable now.', true],
  'registration.no-identity-left': ['Every telephone identity is taken.', true],
  'registration.identity-barred': ['The telephone network does not grant your identity now.', true],
  'registration.quota-used-up': [
    'As many users as may have registered this month. Ask who runs this service.',
    false,
  ],
  'call.not-found': ['There is no such call.', false],
  'call.exists': ['There is such a call already.', false],
  'call.wrong-state': ['The call is past that.', false],
  'call.stale-command': ['The command came too late.', false],
  'call.bad-target': ['That is not a number or address that can be called.', false],
  'call.emergency-refused': [
    'Emergency calls cannot be made from here. Use a mobile or landline phone.',
    false,
  ],
  'call.destination-barred': ['Calls to this number are not allowed from here.', false],
  'call.trace-refused': ['The signalling of calls is not shown here.', false],
  'call.too-many': ['You have as many calls as you may. End one of them first.', false],
  'call.quota-used-up': ['The calls of this month are used up. Ask who runs this service.', false],
  'call.header-refused': ['The call carries a header that is not allowed here.', false],
  'sdp.malformed': ['The session description cannot be read.', false],
  'sdp.no-common-codec': ['Both sides share no codec.', false],
  'sdp.no-common-security': ['Both sides share no way to protect the call.', false],
  'node.at-capacity': ['All lines are in use. Try again shortly.', true],
  'node.unavailable': ['The media node does not answer. Try again.', true],
  'node.draining': ['The media node takes no new calls. Try again.', true],
  'control.unauthenticated': ['Something went wrong on our side.', false],
  'store.failed': ['Something went wrong on our side. Try again.', true],
  internal: ['Something went wrong on our side.', false],
};

export const ERROR_CODES = Object.keys(SENTENCES) as readonly IwfErrorCode[];

/** The view of one code, without the details: those are for our logs alone. */
export function viewOf(code: IwfErrorCode): ErrorView {
  const [message, retryable] = SENTENCES[code];
  return { code, message, retryable };
}

const codeOf = (thrown: unknown): IwfErrorCode =>
  thrown instanceof IwfError ? (thrown as IwfError).code : 'internal';

/** Any thrown value → what may be said of it. What is not an `IwfError` is `internal`. */
export const viewOfThrown = (thrown: unknown): ErrorView => viewOf(codeOf(thrown));

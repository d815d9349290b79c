/** A failure in a sentence for people; codes of the service come as they are. */
export class PhoneError extends Error {
  override readonly name = 'PhoneError';
  readonly code: string;
  readonly retryable: boolean;

  constructor(view: PhoneErrorView, options?: ErrorOptions) {
    super(view.message, options);
    this.code = view.code;
    this.retryable = view.retryable;
  }
}

export interface PhoneErrorView {
  readonly code: string;
  readonly message: string;
  readonly retryable: boolean;
}

const OWN_FAILURES = {
  'connection.failed': ['The service cannot be reached.', true],
  'connection.lost': ['The connection to the service was lost.', true],
  'request.unanswered': ['The service does not answer. Try again.', true],
  'request.abandoned': ['The session ended before this was done.', false],
  'phone.logged-out': ['Log in first.', false],
  'phone.logged-in': ['Log out first.', false],
  'conference.calls': ['A conference needs two calls that are on.', false],
  'call.microphone': [
    'The microphone cannot be used. Allow it in the browser, then try again.',
    true,
  ],
  'call.camera': ['The camera cannot be used. Allow it in the browser, then try again.', true],
  'device.unusable': ['This device cannot be used. Choose another.', true],
  'call.media': ['The browser cannot set up the audio of this call.', false],
} as const;

export type OwnFailure = keyof typeof OWN_FAILURES;

export function phoneError(code: OwnFailure, cause?: unknown): PhoneError {
  const [message, retryable] = OWN_FAILURES[code];
  return new PhoneError({ code, message, retryable }, cause === undefined ? {} : { cause });
}

export const asPhoneError = (thrown: unknown, otherwise: OwnFailure): PhoneError =>
  thrown instanceof PhoneError ? thrown : phoneError(otherwise, thrown);

import { IwfError } from '@isthmus/shared/errors/iwf-error';

const SECRET = '[secret]';
const SDP = '[sdp]';
const MAX_DEPTH = 6;

/** Fields whose value no log shows, whatever it is (SEC-2). */
const SECRET_FIELD = /^(?:.*password|.*authorization|.*secret|controlKey|resumeKey|token)$/i;
const SDP_FIELD = /sdp$/i;
const SDP_TEXT = /(?:^|\r?\n)v=0\r?\n/;
/** Credentials inside a SIP message that somebody logs as text. */
const AUTHORIZATION_LINE = /((?:proxy-)?authorization:)[^\r\n]*/gi;

/** A copy of a fact that is safe to write down: secrets, SDP and credentials are masked. */
export function masked(value: unknown, name = '', depth = 0): unknown {
  if (value === undefined || value === null) return value;
  if (SECRET_FIELD.test(name)) return SECRET;
  if (SDP_FIELD.test(name)) return SDP;
  if (typeof value === 'string') return maskedText(value);
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'object') return value;
  if (depth >= MAX_DEPTH) return '[deep]';
  if (value instanceof Error) return maskedError(value, depth);
  if (Array.isArray(value)) return value.map((one) => masked(one, '', depth + 1));
  if (hasJsonForm(value)) return value.toJSON();
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, masked(inner, key, depth + 1)]),
  );
}

const maskedText = (text: string): string =>
  SDP_TEXT.test(text) ? SDP : text.replaceAll(AUTHORIZATION_LINE, `$1 ${SECRET}`);

function maskedError(error: Error, depth: number): unknown {
  return {
    name: error.name,
    message: maskedText(error.message),
    ...(error instanceof IwfError && { details: masked(error.details, '', depth + 1) }),
    ...(error.cause !== undefined && { cause: masked(error.cause, '', depth + 1) }),
    stack: maskedText(error.stack ?? ''),
  };
}

const hasJsonForm = (value: object): value is { toJSON(): unknown } =>
  'toJSON' in value && typeof value.toJSON === 'function';

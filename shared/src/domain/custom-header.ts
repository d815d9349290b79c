/** RFC 3261 §25.1 token, shorter than any line limit. */
const TOKEN = /^[A-Za-z0-9][A-Za-z0-9-]{0,63}$/;

/** Header fields of the standards that neither route, nor identify, nor authenticate anybody. */
const HARMLESS: ReadonlySet<string> = new Set(['accept-language', 'subject', 'user-to-user']);

/** A name with one of these words in it may be believed by somebody to say who calls (SES-6). */
const TELLING: ReadonlySet<string> = new Set([
  'aor',
  'asserted',
  'asserter',
  'auth',
  'authentication',
  'authorization',
  'billing',
  'called',
  'caller',
  'callerid',
  'calling',
  'charge',
  'charging',
  'cli',
  'clip',
  'contact',
  'diversion',
  'forwarded',
  'from',
  'history',
  'identity',
  'impi',
  'impu',
  'party',
  'preferred',
  'privacy',
  'referred',
  'remote',
  'route',
  'served',
  'to',
  'trusted',
  'user',
  'via',
]);

/**
 * Whether a tenant may let its clients set this header field at all: `X-` and a few of the
 * standards. Never one that routes, or that anybody could take for an identity.
 */
export function isCustomHeaderName(name: string): boolean {
  const lower = name.toLowerCase();
  if (!TOKEN.test(name)) return false;
  if (HARMLESS.has(lower)) return true;
  const [first, ...words] = lower.split('-');
  return first === 'x' && words.length > 0 && words.every((it) => it !== '' && !TELLING.has(it));
}

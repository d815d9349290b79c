import { isCustomHeaderName } from '@isthmus/shared/domain/custom-header';
import { IwfError } from '@isthmus/shared/errors/iwf-error';
import { err, ok, type Result } from '@isthmus/shared/result';

/** Could end a header value, split it, or be no ASCII; `%` marks what was encoded. */
const UNSAFE = /[^A-Za-z0-9 ._~:/?@!*+=;-]/gu;

/** Percent-encoded UTF-8 (RFC 3986 §2.1), so that `decodeURIComponent` gives the value back. */
export const headerValue = (text: string): string =>
  text.replace(UNSAFE, percentEncoded).replace(/^ | $/g, '%20');

/** Half of a surrogate pair is no character; it stands as the one that says so. */
function percentEncoded(char: string): string {
  if (/^[\ud800-\udfff]$/.test(char)) return '%EF%BF%BD';
  // It leaves some of ASCII as it is.
  const encoded = encodeURIComponent(char);
  return encoded === char ? `%${char.charCodeAt(0).toString(16).toUpperCase()}` : encoded;
}

/** Header lines of a client, if the tenant allows every one of them and none could be an identity. */
export function customHeaders(
  asked: Readonly<Record<string, string>>,
  allowed: readonly string[],
): Result<readonly string[], IwfError> {
  const names = new Map(allowed.filter(isCustomHeaderName).map((it) => [it.toLowerCase(), it]));
  const lines: string[] = [];
  for (const [name, value] of Object.entries(asked)) {
    const known = names.get(name.toLowerCase());
    if (known === undefined) return err(new IwfError('call.header-refused', { name }));
    names.delete(name.toLowerCase());
    lines.push(`${known}: ${headerValue(value)}`);
  }
  return ok(lines);
}

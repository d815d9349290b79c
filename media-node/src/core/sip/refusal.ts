import { KNOWN_SCHEMES, schemeOf } from './uri.ts';

/** What a response repeats of its request (RFC 3261 §8.2.6.2); only Via may stand several times. */
const REPEATED = [
  ['Via', /^(?:via|v)$/i],
  ['From', /^(?:from|f)$/i],
  ['To', /^(?:to|t)$/i],
  ['Call-ID', /^(?:call-id|i)$/i],
  ['CSeq', /^cseq$/i],
] as const;

const VERSION = /^SIP\/\d+\.\d+$/i;
const HEADER = /^([^\s:]+)[ \t]*:[ \t]*(.*)$/;
/** A bare line break would be read as a line of its own by the next one. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for.
const UNPRINTABLE = /[\0-\x08\n-\x1f\x7f]/;

const REASONS = {
  400: 'Bad Request',
  416: 'Unsupported URI Scheme',
  505: 'Version Not Supported',
} as const;

/**
 * The answer to a request that cannot be read, made of what can be (RFC 4475 §3.1.2). Undefined
 * where none is due: to a response, to ACK, and where nothing tells whom to answer.
 */
export function refusalOf(head: string): string | undefined {
  const [startLine = '', ...lines] = head.replace(/\r\n[ \t]+/g, ' ').split('\r\n');
  const [method = '', ...rest] = startLine.trim().split(/\s+/);
  const version = rest.pop() ?? '';
  if (method === 'ACK' || VERSION.test(method) || !VERSION.test(version)) return undefined;
  const repeated = REPEATED.flatMap(([name, form]) => repeatedOf(name, valuesOf(lines, form)));
  if (!repeated.some((it) => it.startsWith('Via:'))) return undefined;
  const status = statusFor(rest.join(' '), version);
  return [
    `SIP/2.0 ${String(status)} ${REASONS[status]}`,
    ...repeated,
    'Content-Length: 0',
    '\r\n',
  ].join('\r\n');
}

function statusFor(uri: string, version: string): keyof typeof REASONS {
  if (version.toUpperCase() !== 'SIP/2.0') return 505;
  const scheme = schemeOf(uri);
  return scheme === undefined || KNOWN_SCHEMES.has(scheme) ? 400 : 416;
}

function valuesOf(lines: readonly string[], form: RegExp): readonly string[] {
  return lines
    .map((line) => HEADER.exec(line))
    .filter((it) => it !== null && form.test(it[1] ?? ''))
    .map((it) => it?.[2] ?? '')
    .filter((value) => !UNPRINTABLE.test(value));
}

function repeatedOf(name: string, values: readonly string[]): readonly string[] {
  if (name === 'Via') return values.map((it) => `${name}: ${it}`);
  const [value] = values;
  if (value === undefined) return [];
  const isTagged = name !== 'To' || /;\s*tag\s*=/i.test(value);
  return [`${name}: ${value}${isTagged ? '' : ';tag=unread'}`];
}

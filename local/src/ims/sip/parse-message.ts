import { parseNameAddr, parseVia, splitOutside } from './header-values.ts';
import {
  allHeaders,
  firstHeader,
  type SipHeader,
  type SipMessage,
  type SipRequest,
} from './message.ts';

export type ParseOutcome =
  | { readonly ok: true; readonly message: SipMessage }
  /** `answerable` where enough of a request was understood to send it a 400. */
  | { readonly ok: false; readonly reason: string; readonly answerable?: SipRequest };

/** Header names in short, RFC 3261 §7.3.3 and the registry that followed it. */
const LONG_NAMES: Readonly<Record<string, string>> = {
  v: 'Via',
  f: 'From',
  t: 'To',
  i: 'Call-ID',
  m: 'Contact',
  l: 'Content-Length',
  c: 'Content-Type',
  e: 'Content-Encoding',
  k: 'Supported',
  s: 'Subject',
  o: 'Event',
  x: 'Session-Expires',
};

const LISTS = new Set([
  'via',
  'route',
  'record-route',
  'contact',
  'path',
  'service-route',
  'supported',
  'require',
  'proxy-require',
  'p-asserted-identity',
  'p-preferred-identity',
  'p-associated-uri',
]);

const REQUEST_LINE = /^([A-Za-z0-9.!%*_+`'~-]+) ([^\s]+) SIP\/2\.0$/;
const STATUS_LINE = /^SIP\/2\.0 ([1-6]\d\d)(?: (.*))?$/;

/** Reads the head (without the empty line) and takes the body as given. */
export function parseMessage(head: string, body: Uint8Array): ParseOutcome {
  const [startLine = '', ...lines] = head.replace(/\r?\n[ \t]+/g, ' ').split(/\r?\n/);
  const headers = parseHeaders(lines);
  const message = startOf(startLine, headers, body);
  if (message === undefined) return { ok: false, reason: 'start line' };
  const reason = faultOf(message, lines.length);
  if (reason === undefined) return { ok: true, message };
  return { ok: false, reason, ...(isAnswerable(message) ? { answerable: message } : {}) };
}

function startOf(
  line: string,
  headers: readonly SipHeader[],
  body: Uint8Array,
): SipMessage | undefined {
  const [, status, reason = ''] = STATUS_LINE.exec(line) ?? [];
  if (status !== undefined) {
    return { kind: 'response', status: Number(status), reason, headers, body };
  }
  const [, method, uri] = REQUEST_LINE.exec(line) ?? [];
  if (method === undefined || uri === undefined) return undefined;
  return { kind: 'request', method, uri, headers, body };
}

function parseHeaders(lines: readonly string[]): readonly SipHeader[] {
  return lines.flatMap((line) => {
    const at = line.indexOf(':');
    if (at < 1) return [];
    const short = line.slice(0, at).trim();
    const name = LONG_NAMES[short.toLowerCase()] ?? short;
    const value = line.slice(at + 1).trim();
    if (!LISTS.has(name.toLowerCase())) return [{ name, value }];
    return splitOutside(value, ',').map((entry) => ({ name, value: entry }));
  });
}

const SINGLE = ['From', 'To', 'Call-ID', 'CSeq'] as const;
const CSEQ = /^(\d{1,10})\s+(\S+)$/;

/** What RFC 3261 §8.1.1 demands of every message, and a body as long as it claims. */
function faultOf(message: SipMessage, lineCount: number): string | undefined {
  if (lineCount > 300) return 'too many headers';
  const wrong = SINGLE.find((name) => allHeaders(message, name).length !== 1);
  if (wrong !== undefined) return wrong;
  if (parseVia(firstHeader(message, 'Via') ?? '') === undefined) return 'Via';
  const badAddress = ['From', 'To'].find(
    (name) => !parseNameAddr(firstHeader(message, name) ?? ''),
  );
  if (badAddress !== undefined) return badAddress;
  return cseqFault(message) ?? lengthFault(message);
}

function cseqFault(message: SipMessage): string | undefined {
  const [, number, method] = CSEQ.exec(firstHeader(message, 'CSeq') ?? '') ?? [];
  if (number === undefined || Number(number) >= 2 ** 31) return 'CSeq';
  return message.kind === 'request' && message.method !== method ? 'CSeq method' : undefined;
}

function lengthFault(message: SipMessage): string | undefined {
  const claimed = firstHeader(message, 'Content-Length');
  if (claimed === undefined) return undefined;
  return /^\d{1,8}$/.test(claimed) && Number(claimed) <= message.body.length
    ? undefined
    : 'Content-Length';
}

function isAnswerable(message: SipMessage): message is SipRequest {
  const isWhole = ['Via', ...SINGLE].every((name) => firstHeader(message, name) !== undefined);
  return message.kind === 'request' && message.method !== 'ACK' && isWhole;
}

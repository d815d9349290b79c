import { type NameAddr, parseNameAddr, parseParameters, splitList } from './name-addr.ts';
import { parseUri, type SipUri } from './uri.ts';

export interface SipHeader {
  /** Long form, lower case. */
  readonly name: string;
  readonly value: string;
}

export interface SipMessage {
  readonly start:
    | { readonly kind: 'request'; readonly method: string; readonly uri: SipUri }
    | { readonly kind: 'response'; readonly status: number; readonly reason: string };
  readonly headers: readonly SipHeader[];
  readonly from: NameAddr;
  readonly to: NameAddr;
  readonly callId: string;
  readonly cseq: { readonly number: number; readonly method: string };
  readonly via: {
    readonly host: string;
    readonly port: number | undefined;
    readonly branch: string;
  };
  readonly body: string;
}

/** RFC 3261 §7.3.3 and the extensions that took a letter since. */
const LONG_FORM: Readonly<Record<string, string>> = {
  a: 'accept-contact',
  b: 'referred-by',
  c: 'content-type',
  d: 'request-disposition',
  e: 'content-encoding',
  f: 'from',
  i: 'call-id',
  j: 'reject-contact',
  k: 'supported',
  l: 'content-length',
  m: 'contact',
  n: 'identity-info',
  o: 'event',
  r: 'refer-to',
  s: 'subject',
  t: 'to',
  u: 'allow-events',
  v: 'via',
  x: 'session-expires',
  y: 'identity',
};

/** Headers that mean one thing a value, so that a comma list becomes several headers. */
const LISTS = new Set(['via', 'route', 'record-route', 'contact', 'path', 'service-route']);
/** A second one of these lets two readers of a message disagree; such a message is refused. */
const SINGLE = new Set(['from', 'to', 'call-id', 'cseq', 'content-length']);

const REQUEST_LINE = /^([A-Za-z0-9.!%*_+`'~-]+) (\S+) SIP\/2\.0$/i;
const STATUS_LINE = /^SIP\/2\.0 ([1-6]\d\d)(?: (.*))?$/i;
const VIA =
  /^SIP\s*\/\s*2\.0\s*\/\s*\S+\s+(\[[^\]]+\]|[^:;\s]+)\s*(?::\s*(\d{1,5}))?\s*((?:;.*)?)$/is;
const VIA_PARAMETERS = /^(?:\s*;\s*[^\s;=]+(?:\s*=\s*(?:"(?:[^"\\]|\\.)*"|[^\s;="]+))?)*\s*$/s;
/** RFC 3261 §8.1.1.7: only what follows makes a branch unique. */
const BRANCH_COOKIE = 'z9hG4bK';
const CSEQ = /^(\d{1,10})\s+(\S+)$/;
/** Nothing honest is longer, and what reads it is not always linear. */
const MAX_LINE_CHARS = 8192;
/** RFC 3261 §8.1.1.5. */
const CSEQ_LIMIT = 2 ** 31;

/** Head without the empty line. Undefined: not a message we can do anything with. */
export function parseMessage(head: string, body: string): SipMessage | undefined {
  const [startLine = '', ...lines] = unfold(head).split('\r\n');
  const start = parseStart(startLine);
  const headers = parseHeaders(lines);
  if (!start || !headers) return undefined;
  const first = (name: string): string => headers.find((it) => it.name === name)?.value ?? '';
  const from = parseNameAddr(first('from'));
  const to = parseNameAddr(first('to'));
  const callId = first('call-id');
  const cseq = parseCseq(first('cseq'));
  const via = topVia(headers);
  if (!from || !to || callId === '' || !cseq || !via) return undefined;
  if (start.kind === 'request' && start.method !== cseq.method) return undefined;
  const branch = via.branch ?? oldBranch({ callId, number: cseq.number, from });
  return { start, headers, from, to, callId, cseq, via: { ...via, branch }, body };
}

/** RFC 3261 §17.2.3: without a branch to match by, these tell an old transaction from others. */
const oldBranch = (it: {
  readonly callId: string;
  readonly number: number;
  readonly from: NameAddr;
}): string => `rfc2543 ${it.callId} ${String(it.number)} ${it.from.parameters['tag'] ?? ''}`;

const unfold = (head: string): string => head.replace(/\r\n[ \t]+/g, ' ');

function parseStart(line: string): SipMessage['start'] | undefined {
  const status = STATUS_LINE.exec(line);
  if (status) return { kind: 'response', status: Number(status[1]), reason: status[2] ?? '' };
  const [, method, uriText] = REQUEST_LINE.exec(line) ?? [];
  if (method === undefined || uriText === undefined) return undefined;
  const uri = parseUri(uriText);
  // A Request-URI has no headers (RFC 3261 §19.1.1, table 1).
  if (uri?.headers !== '') return undefined;
  return { kind: 'request', method, uri };
}

function parseHeaders(lines: readonly string[]): readonly SipHeader[] | undefined {
  const headers: SipHeader[] = [];
  const seen = new Set<string>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon < 1 || line.length > MAX_LINE_CHARS) return undefined;
    const written = line.slice(0, colon).trim().toLowerCase();
    const name = LONG_FORM[written] ?? written;
    if (SINGLE.has(name) && seen.has(name)) return undefined;
    seen.add(name);
    const value = line.slice(colon + 1).trim();
    const values = LISTS.has(name) ? splitList(value) : [value];
    headers.push(...values.map((it) => ({ name, value: it })));
  }
  return headers;
}

function parseCseq(text: string): SipMessage['cseq'] | undefined {
  const [, number, method] = CSEQ.exec(text) ?? [];
  if (number === undefined || method === undefined || Number(number) >= CSEQ_LIMIT)
    return undefined;
  return { number: Number(number), method };
}

type Via = Omit<SipMessage['via'], 'branch'> & { readonly branch: string | undefined };

/** All are looked at: a response goes back by every one of them. */
function topVia(headers: readonly SipHeader[]): Via | undefined {
  const vias = headers.filter(({ name }) => name === 'via').map(({ value }) => parseVia(value));
  return vias.every((it) => it !== undefined) ? vias[0] : undefined;
}

function parseVia(text: string): Via | undefined {
  const [, host, port, rest = ''] = VIA.exec(text) ?? [];
  if (host === undefined || !VIA_PARAMETERS.test(rest)) return undefined;
  const written = parseParameters(rest)['branch'] ?? BRANCH_COOKIE;
  const branch = written === BRANCH_COOKIE ? undefined : written;
  return { host, port: port === undefined ? undefined : Number(port), branch };
}

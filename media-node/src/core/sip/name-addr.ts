import { parseAnyUri, type SipUri } from './uri.ts';

export type Parameters = Readonly<Record<string, string | null>>;

/** `"Display" <uri>;param=value`, the form of From, To, Contact, Route and P-Asserted-Identity. */
export interface NameAddr {
  readonly displayName: string;
  readonly uri: SipUri;
  readonly parameters: Parameters;
}

const PARAMETER = /;\s*([^=;\s]+)\s*(?:=\s*("(?:[^"\\]|\\.)*"|[^;\s]*))?/g;
/** No two repetitions may share white space: on 5,000 blanks their sharing takes minutes. */
const BRACKETED = /^(?:"((?:[^"\\]|\\.)*)"\s*|([^<"]*))<([^<>]+)>(.*)$/s;

export function parseParameters(text: string): Parameters {
  const found = [...text.matchAll(PARAMETER)].map(
    ([, name = '', value]) => [name.toLowerCase(), value ?? null] as const,
  );
  return Object.fromEntries(found);
}

export function parseNameAddr(text: string): NameAddr | undefined {
  const bracketed = BRACKETED.exec(text.trimStart());
  if (!bracketed) return parseAddrSpec(text);
  const [, quoted, bare, uriText = '', rest = ''] = bracketed;
  const uri = parseAnyUri(uriText);
  if (!uri) return undefined;
  const displayName = quoted === undefined ? (bare ?? '').trim() : unescapeQuoted(quoted);
  return { displayName, uri, parameters: parseParameters(rest) };
}

/**
 * Without brackets, parameters belong to the header, not to the URI, and a URI with headers of its
 * own is not allowed (RFC 3261 §20.10).
 */
function parseAddrSpec(text: string): NameAddr | undefined {
  const [uriText = ''] = text.split(';', 1);
  const uri = parseAnyUri(uriText.trim());
  if (uri?.headers !== '') return undefined;
  return { displayName: '', uri, parameters: parseParameters(text.slice(uriText.length)) };
}

const unescapeQuoted = (text: string): string => text.replace(/\\(.)/gs, '$1');

/** Splits a header value at its top-level commas; quotes and angle brackets keep theirs. */
export function splitList(text: string): readonly string[] {
  const items: string[] = [];
  let start = 0;
  while (start <= text.length) {
    const end = endOfItem(text, start);
    items.push(text.slice(start, end).trim());
    start = end + 1;
  }
  return items.filter((item) => item !== '');
}

function endOfItem(text: string, start: number): number {
  let enclosedBy = '';
  for (let at = start; at < text.length; at++) {
    const char = text.charAt(at);
    if (char === ',' && enclosedBy === '') return at;
    if (char === '\\' && enclosedBy === '"') at++;
    else enclosedBy = enclosureAfter(char, enclosedBy);
  }
  return text.length;
}

function enclosureAfter(char: string, enclosedBy: string): string {
  if (enclosedBy === '') return char === '"' || char === '<' ? char : '';
  const closing = enclosedBy === '"' ? '"' : '>';
  return char === closing ? '' : enclosedBy;
}

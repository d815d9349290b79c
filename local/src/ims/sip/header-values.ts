export interface NameAddr {
  readonly display?: string;
  readonly uri: string;
  readonly params: ReadonlyMap<string, string>;
}

export interface Via {
  readonly transport: string;
  readonly host: string;
  readonly port?: number;
  readonly params: ReadonlyMap<string, string>;
}

/** Cuts at a separator, but not inside a quoted string or angle brackets. */
export function splitOutside(text: string, separator: string): readonly string[] {
  const parts: string[] = [];
  let start = 0;
  let isQuoted = false;
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at];
    if (isQuoted && char === '\\') at += 1;
    else if (char === '"') isQuoted = !isQuoted;
    else if (!isQuoted && char === separator && depth === 0) {
      parts.push(text.slice(start, at).trim());
      start = at + 1;
    } else if (!isQuoted) depth = Math.max(0, depth + depthStep(char));
  }
  parts.push(text.slice(start).trim());
  return parts.filter((part) => part !== '');
}

function depthStep(char: string | undefined): number {
  if (char === '<') return 1;
  return char === '>' ? -1 : 0;
}

export function unquote(text: string): string {
  if (!/^".*"$/s.test(text)) return text;
  return text.slice(1, -1).replace(/\\(.)/gs, '$1');
}

/** `name=value` pairs; names in lower case, quotes taken off, a bare name has an empty value. */
export function parseParams(parts: readonly string[]): ReadonlyMap<string, string> {
  const params = new Map<string, string>();
  for (const part of parts) {
    const at = part.indexOf('=');
    const name = (at < 0 ? part : part.slice(0, at)).trim().toLowerCase();
    if (!params.has(name)) params.set(name, at < 0 ? '' : unquote(part.slice(at + 1).trim()));
  }
  return params;
}

/** Without angle brackets every parameter belongs to the header (RFC 3261 §20.10). */
export function parseNameAddr(value: string): NameAddr | undefined {
  const [address = '', ...params] = splitOutside(value, ';');
  const open = address.indexOf('<', address.startsWith('"') ? address.lastIndexOf('"') : 0);
  if (open < 0) return address === '' ? undefined : { uri: address, params: parseParams(params) };
  if (!address.endsWith('>')) return undefined;
  const display = unquote(address.slice(0, open).trim());
  const uri = address.slice(open + 1, -1).trim();
  if (uri === '') return undefined;
  return { ...(display === '' ? {} : { display }), uri, params: parseParams(params) };
}

const VIA = /^SIP\s*\/\s*2\.0\s*\/\s*([A-Za-z]+)\s+(\[[^\]]+\]|[^\s:;]+)(?:\s*:\s*(\d{1,5}))?$/i;

export function parseVia(value: string): Via | undefined {
  const [sentBy = '', ...params] = splitOutside(value, ';');
  const [, transport, host, port] = VIA.exec(sentBy) ?? [];
  if (transport === undefined || host === undefined) return undefined;
  return {
    transport: transport.toUpperCase(),
    host,
    ...(port === undefined ? {} : { port: Number(port) }),
    params: parseParams(params),
  };
}

export function tagOf(value: string | undefined): string | undefined {
  return value === undefined ? undefined : parseNameAddr(value)?.params.get('tag');
}

export function addressOf(value: string | undefined): string | undefined {
  return value === undefined ? undefined : parseNameAddr(value)?.uri;
}

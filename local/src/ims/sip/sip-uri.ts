import { parseParams, splitOutside } from './header-values.ts';

export interface SipUri {
  readonly scheme: 'sip' | 'sips';
  readonly user?: string;
  readonly host: string;
  readonly port?: number;
  readonly params: ReadonlyMap<string, string>;
}

export interface TelUri {
  readonly scheme: 'tel';
  /** Without visual separators. */
  readonly number: string;
  readonly params: ReadonlyMap<string, string>;
}

const SIP =
  /^(sips?):(?:([^@;?\s]*)@)?(\[[0-9a-f:.]+\]|[a-z0-9.-]+)(?::(\d{1,5}))?(;[^?]*)?(?:\?.*)?$/i;
const TEL = /^tel:([^;]+)(;.*)?$/i;
const NUMBER = /^\+?[0-9*#a-d]+$/i;

export function parseUri(text: string): SipUri | TelUri | undefined {
  return text.toLowerCase().startsWith('tel:') ? parseTel(text) : parseSip(text);
}

function parseSip(text: string): SipUri | undefined {
  const [, scheme, userInfo, host, port, rest = ''] = SIP.exec(escapeSemicolons(text)) ?? [];
  if (scheme === undefined || host === undefined) return undefined;
  const user = userInfo === undefined ? undefined : decode(userInfo.split(':')[0] ?? '');
  return {
    scheme: scheme.toLowerCase() === 'sips' ? 'sips' : 'sip',
    ...(user === undefined ? {} : { user }),
    host: host.toLowerCase(),
    ...(port === undefined ? {} : { port: Number(port) }),
    params: parseParams(splitOutside(rest, ';')),
  };
}

/** A user part may carry parameters of its own (`+49301;phone-context=x@d`, RFC 3261 §19.1.6). */
function escapeSemicolons(text: string): string {
  const at = text.indexOf('@');
  return at < 0 ? text : text.slice(0, at).replaceAll(';', '%3B') + text.slice(at);
}

function decode(text: string): string {
  return text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

function parseTel(text: string): TelUri | undefined {
  const [, digits, rest = ''] = TEL.exec(text) ?? [];
  const number = plainNumber(digits ?? '');
  if (number === undefined) return undefined;
  return { scheme: 'tel', number, params: parseParams(splitOutside(rest, ';')) };
}

/** A telephone number without its visual separators (RFC 3966 §5.1.1). */
export function plainNumber(text: string): string | undefined {
  const number = text.replace(/[-.()]/g, '');
  return NUMBER.test(number) ? number : undefined;
}

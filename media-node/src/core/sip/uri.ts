/** A SIP, SIPS, tel or urn URI. `text` is what was read, and what is written again. */
export interface SipUri {
  readonly text: string;
  readonly scheme: string;
  /** Of tel and urn: everything before the parameters. */
  readonly user: string | undefined;
  /** Empty for tel and urn. */
  readonly host: string;
  readonly port: number | undefined;
  readonly parameters: Readonly<Record<string, string | null>>;
  /** What stands behind `?`, as written; empty where nothing does. */
  readonly headers: string;
}

const SIP_URI =
  /^(sips?):(?:([^@\s<>]*)@)?(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::(\d{1,5}))?((?:;[^?\s<>]*)?)(?:\?([^\s<>]*))?$/i;
const OPAQUE_URI = /^(tel|urn):([^;\s<>]+)(;[^\s<>]*)?$/i;
const FOREIGN_URI = /^([a-z][a-z0-9+.-]*):[^\s<>]+$/i;
const MAX_PORT = 65_535;

export function parseUri(text: string): SipUri | undefined {
  const sip = SIP_URI.exec(text);
  if (sip) {
    const [, scheme = '', userInfo, host = '', portText, parameters = '', headers = ''] = sip;
    const port = portText === undefined ? undefined : Number(portText);
    if (port !== undefined && port > MAX_PORT) return undefined;
    const user = userOf(userInfo);
    return { ...{ text, user, host, port, headers }, ...schemed(scheme, parameters) };
  }
  const opaque = OPAQUE_URI.exec(text);
  if (!opaque) return undefined;
  const [, scheme = '', user, parameters = ''] = opaque;
  return { ...opaquely(text), user, ...schemed(scheme, parameters) };
}

/** Also of a scheme nobody calls: From and To may name anyone by any (RFC 3261 §25.1). */
export function parseAnyUri(text: string): SipUri | undefined {
  const known = parseUri(text);
  const scheme = schemeOf(text);
  if (known || scheme === undefined || KNOWN_SCHEMES.has(scheme)) return known;
  return { ...opaquely(text), user: undefined, ...schemed(scheme, '') };
}

/** Lower case; undefined where the text is no URI of any kind. */
export const schemeOf = (text: string): string | undefined =>
  FOREIGN_URI.exec(text)?.[1]?.toLowerCase();

export const KNOWN_SCHEMES: ReadonlySet<string> = new Set(['sip', 'sips', 'tel', 'urn']);

const opaquely = (text: string): Pick<SipUri, 'text' | 'host' | 'port' | 'headers'> => ({
  ...{ text, host: '', port: undefined, headers: '' },
});

const schemed = (scheme: string, parameters: string): Pick<SipUri, 'scheme' | 'parameters'> => ({
  scheme: scheme.toLowerCase(),
  parameters: uriParameters(parameters),
});

/** Without the password. */
function userOf(userInfo: string | undefined): string | undefined {
  const [user] = userInfo?.split(':', 1) ?? [];
  return user === undefined ? undefined : unescaped(user);
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // Only a malformed escape lands here, and the raw text is then the name.
    return text;
  }
}

function uriParameters(text: string): SipUri['parameters'] {
  const pairs = text
    .split(';')
    .filter((it) => it !== '')
    .map((it): readonly [string, string | null] => {
      const [name = '', value] = it.split('=', 2);
      return [unescaped(name).toLowerCase(), value === undefined ? null : unescaped(value)];
    });
  return Object.fromEntries(pairs);
}

/** RFC 5627 §3.2. */
export const isGruu = (text: string): boolean => 'gr' in (parseUri(text)?.parameters ?? {});

/** Equal for the same subscriber, whatever the parameters: scheme, user and host. */
export const addressKey = ({ host, scheme, user = '' }: Pick<SipUri, 'host' | 'scheme' | 'user'>) =>
  `${scheme}:${user}@${host.toLowerCase()}`;

/** Same subscriber, whatever the parameters. */
export const sameAddress = (a: SipUri, b: SipUri): boolean => addressKey(a) === addressKey(b);

const MASK = '***';

/** Credentials, and what credentials are made of (RFC 7616; RFC 8224). */
const SECRET_HEADER =
  /^((?:proxy-)?authorization|(?:www|proxy)-authenticate|(?:proxy-)?authentication-info|identity|y)([ \t]*:).*$/gim;
/** RFC 3261 §7.3.1: a value may go on in the next line. */
const FOLD = /\r?\n[ \t]+/g;
const URI_PASSWORD = /(sips?:[^\s:@<>;]+):[^\s@<>]*@/gi;
/** SDES keys (RFC 4568), ICE passwords (RFC 8839), DTLS fingerprints, old keys (RFC 8866 §5.12). */
const SECRET_SDP =
  /^(a=(?:crypto|key-mgmt|ice-ufrag|ice-pwd|fingerprint|identity|tls-id)[ \t]*:|k=).*$/gim;
const CANDIDATE_UFRAG = /(\bufrag )\S+/gi;

const SECRET_FIELDS: ReadonlySet<string> = new Set([
  'password',
  'token',
  'idToken',
  'resumeKey',
  'usernameFragment',
]);

export const withoutSdpSecrets = (sdp: string): string =>
  sdp.replace(SECRET_SDP, `$1${MASK}`).replace(CANDIDATE_UFRAG, `$1${MASK}`);

/** A SIP message that may be shown to whoever takes part in the call. */
export function withoutSipSecrets(text: string): string {
  const end = text.search(/\r?\n\r?\n/);
  const [head, body] = end < 0 ? [text, ''] : [text.slice(0, end), text.slice(end)];
  const shown = head
    .replace(FOLD, ' ')
    .replace(SECRET_HEADER, `$1$2 ${MASK}`)
    .replace(URI_PASSWORD, `$1:${MASK}@`);
  return shown + withoutSdpSecrets(body);
}

/** A message of the wire, its SDP below as lines of its own. */
export function wireText(message: Readonly<Record<string, unknown>>): string {
  const { sdp, ...rest } = message;
  const json = JSON.stringify(
    rest,
    (name, value: unknown) => (SECRET_FIELDS.has(name) ? MASK : value),
    2,
  );
  const text = json.replace(CANDIDATE_UFRAG, `$1${MASK}`);
  return typeof sdp === 'string' ? `${text}\n\n${withoutSdpSecrets(sdp)}` : text;
}

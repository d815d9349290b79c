import type { Challenge } from './challenge.ts';

/** Lower-case hex of the hash of the UTF-8 of a text. */
export type HashText = (algorithm: 'md5' | 'sha256', text: string) => string;

export interface DigestRequest {
  readonly method: string;
  readonly uri: string;
  readonly body: string;
}

export interface DigestAnswer {
  readonly challenge: Challenge;
  readonly username: string;
  readonly password: string;
  readonly request: DigestRequest;
  /** How often this nonce has been used, this time included (RFC 7616 §3.4). */
  readonly nonceCount: number;
  readonly clientNonce: string;
}

const NONCE_COUNT_DIGITS = 8;

/** The value of the (Proxy-)Authorization header that answers a challenge (RFC 7616 §3.4). */
export function answerChallenge(answer: DigestAnswer, hash: HashText): string {
  const { challenge, username, request, clientNonce } = answer;
  const count = answer.nonceCount.toString(16).padStart(NONCE_COUNT_DIGITS, '0');
  const { qop, opaque, writtenAlgorithm } = challenge;
  return [
    `Digest username=${quoted(username)}`,
    `realm="${challenge.realm}"`,
    `nonce="${challenge.nonce}"`,
    `uri="${request.uri}"`,
    `response="${responseOf(answer, count, hash)}"`,
    ...(writtenAlgorithm === undefined ? [] : [`algorithm=${writtenAlgorithm}`]),
    ...(qop ? [`qop=${qop}`, `nc=${count}`] : []),
    ...(qop || isSession(challenge) ? [`cnonce="${clientNonce}"`] : []),
    ...(opaque === undefined ? [] : [`opaque="${opaque}"`]),
  ].join(', ');
}

/** What the first REGISTER carries before any challenge (3GPP TS 24.229 §5.1.1.2.2). */
export function emptyAuthorization(username: string, realm: string, uri: string): string {
  return `Digest username=${quoted(username)}, realm="${realm}", nonce="", uri="${uri}", response=""`;
}

const isSession = ({ algorithm }: Challenge): boolean => algorithm.endsWith('-sess');

function responseOf(answer: DigestAnswer, count: string, hash: HashText): string {
  const { challenge, username, password, request, clientNonce } = answer;
  const name = challenge.algorithm.startsWith('SHA-256') ? 'sha256' : 'md5';
  const h = (...parts: readonly string[]): string => hash(name, parts.join(':'));
  const secret = h(username, challenge.realm, password);
  const a1 = isSession(challenge) ? h(secret, challenge.nonce, clientNonce) : secret;
  const what = [request.method, request.uri];
  if (!challenge.qop) return h(a1, challenge.nonce, h(...what));
  const a2 = challenge.qop === 'auth-int' ? h(...what, h(request.body)) : h(...what);
  return h(a1, challenge.nonce, count, clientNonce, challenge.qop, a2);
}

const quoted = (text: string): string => `"${text.replace(/["\\]/g, '\\$&')}"`;

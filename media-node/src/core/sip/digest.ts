import type { Challenge } from './challenge.ts';

/** Lower-case hex of the hash of all pieces one after another, text as UTF-8. */
export type Hash = (
  algorithm: 'md5' | 'sha256',
  ...pieces: readonly (string | Uint8Array)[]
) => string;

export interface DigestRequest {
  readonly method: string;
  readonly uri: string;
  readonly body: string;
}

/** What is shown for having been challenged. */
export type Proof =
  | { readonly kind: 'password'; readonly password: string | Uint8Array }
  /** The sequence number of an AKA challenge was behind ours (RFC 3310 §3.4). */
  | { readonly kind: 'resync'; readonly auts: string }
  /** An AKA challenge of somebody else's: an empty response (3GPP TS 24.229 §5.1.1.5.3). */
  | { readonly kind: 'none' };

export interface DigestAnswer {
  readonly challenge: Challenge;
  readonly username: string;
  readonly proof: Proof;
  readonly request: DigestRequest;
  /** How often this nonce has been used, this time included (RFC 7616 §3.4). */
  readonly nonceCount: number;
  readonly clientNonce: string;
}

const NONCE_COUNT_DIGITS = 8;

/** The value of the (Proxy-)Authorization header that answers a challenge (RFC 7616 §3.4). */
export function answerChallenge(answer: DigestAnswer, hash: Hash): string {
  const { challenge, username, proof, request, clientNonce } = answer;
  const { qop, opaque, writtenAlgorithm } = challenge;
  const { method, uri } = request;
  const response = proof.kind === 'none' ? '' : responseOf(answer, [method, uri], hash);
  return [
    `Digest username=${quoted(username)}`,
    `realm="${challenge.realm}"`,
    `nonce="${challenge.nonce}"`,
    `uri="${uri}"`,
    `response="${response}"`,
    ...(writtenAlgorithm === undefined ? [] : [`algorithm=${writtenAlgorithm}`]),
    ...(qop ? [`qop=${qop}`, `nc=${countOf(answer)}`] : []),
    ...(qop || isSession(challenge) ? [`cnonce="${clientNonce}"`] : []),
    ...(opaque === undefined ? [] : [`opaque="${opaque}"`]),
    ...(proof.kind === 'resync' ? [`auts="${proof.auts}"`] : []),
  ].join(', ');
}

/** What `rspauth` has to be after this answer, where the 2xx has this body (RFC 7616 §3.5). */
export const responseAuthOf = (answer: DigestAnswer, body: string, hash: Hash): string =>
  responseOf({ ...answer, request: { ...answer.request, body } }, ['', answer.request.uri], hash);

/** What the first REGISTER carries before any challenge (3GPP TS 24.229 §5.1.1.2.2). */
export function emptyAuthorization(username: string, realm: string, uri: string): string {
  return `Digest username=${quoted(username)}, realm="${realm}", nonce="", uri="${uri}", response=""`;
}

const countOf = ({ nonceCount }: DigestAnswer): string =>
  nonceCount.toString(16).padStart(NONCE_COUNT_DIGITS, '0');

const isSession = ({ algorithm }: Challenge): boolean => algorithm.endsWith('-sess');

function responseOf(answer: DigestAnswer, what: readonly string[], hash: Hash): string {
  const { challenge, username, proof, request, clientNonce } = answer;
  const name = challenge.algorithm.startsWith('SHA-256') ? 'sha256' : 'md5';
  const h = (...parts: readonly (string | Uint8Array)[]): string =>
    hash(name, ...parts.flatMap((part, at) => (at === 0 ? [part] : [':', part])));
  // With AUTS the password is empty (RFC 3310 §3.4).
  const password = proof.kind === 'password' ? proof.password : '';
  const secret = h(username, challenge.realm, password);
  const a1 = isSession(challenge) ? h(secret, challenge.nonce, clientNonce) : secret;
  if (!challenge.qop) return h(a1, challenge.nonce, h(...what));
  const a2 = challenge.qop === 'auth-int' ? h(...what, h(request.body)) : h(...what);
  return h(a1, challenge.nonce, countOf(answer), clientNonce, challenge.qop, a2);
}

const quoted = (text: string): string => `"${text.replace(/["\\]/g, '\\$&')}"`;

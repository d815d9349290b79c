import type { Clock } from '../clock.ts';
import type { ImsSubscriber } from '../ims-types.ts';
import { randomToken } from '../sip/tokens.ts';
import { type DigestAlgorithm, type DigestParams, digestResponse, isSameDigest } from './digest.ts';

export type Verdict =
  | { readonly kind: 'authentic' }
  | { readonly kind: 'challenge'; readonly header: string }
  | { readonly kind: 'forbidden'; readonly reason: string };

export interface Authenticator {
  check(subscriber: ImsSubscriber, uri: string, digest: DigestParams | undefined): Verdict;
}

export interface AuthenticatorOptions {
  readonly algorithm: DigestAlgorithm;
}

interface Nonce {
  readonly impi: string;
  readonly issuedAtMs: number;
  lastCount: number;
}

const NONCE_LIFE_MS = 600_000;
/** Wrong answers in a row before the core stops challenging (TS 24.229 §5.4.1.2.3B). */
const MAX_FAILURES = 2;

export function createAuthenticator(
  clock: Clock,
  { algorithm }: AuthenticatorOptions,
): Authenticator {
  const nonces = new Map<string, Nonce>();
  const failures = new Map<string, number>();

  function challenge(subscriber: ImsSubscriber, isStale: boolean): Verdict {
    for (const [nonce, { issuedAtMs }] of nonces) {
      if (clock.nowMs() - issuedAtMs > NONCE_LIFE_MS) nonces.delete(nonce);
    }
    const nonce = randomToken();
    nonces.set(nonce, { impi: subscriber.impi, issuedAtMs: clock.nowMs(), lastCount: 0 });
    const stale = isStale ? ', stale=true' : '';
    const header = `Digest realm="${subscriber.domain}", nonce="${nonce}", algorithm=${algorithm}, qop="auth"${stale}`;
    return { kind: 'challenge', header };
  }

  function wrongPassword(subscriber: ImsSubscriber): Verdict {
    const count = (failures.get(subscriber.impi) ?? 0) + 1;
    failures.set(subscriber.impi, count);
    if (count < MAX_FAILURES) return challenge(subscriber, false);
    failures.delete(subscriber.impi);
    return { kind: 'forbidden', reason: 'Authentication failed' };
  }

  /** A count must be exactly one more than the last (RFC 7616 §3.4.5 asks for no less). */
  function isNextCount(nonce: Nonce, count: string): boolean {
    if (!/^[0-9a-f]{8}$/i.test(count)) return false;
    if (Number.parseInt(count, 16) !== nonce.lastCount + 1) return false;
    nonce.lastCount += 1;
    return true;
  }

  /** The password is right; the nonce must be ours, fresh and counted on by one. */
  function counted(subscriber: ImsSubscriber, digest: DigestParams): Verdict {
    const nonce = nonces.get(fieldOf(digest, 'nonce'));
    const isFresh = nonce?.impi === subscriber.impi && isNextCount(nonce, fieldOf(digest, 'nc'));
    if (!isFresh) return challenge(subscriber, true);
    failures.delete(subscriber.impi);
    return { kind: 'authentic' };
  }

  return {
    check(subscriber, uri, digest) {
      // An empty response only names the IMPI (3GPP TS 24.229 §5.1.1.2.2).
      if (digest === undefined || fieldOf(digest, 'response') === '') {
        return challenge(subscriber, false);
      }
      const reason = malformation(subscriber, uri, digest);
      if (reason !== undefined) return { kind: 'forbidden', reason };
      const { impi: username, domain: realm, password } = subscriber;
      const expected = digestResponse({ algorithm, username, realm, password }, 'REGISTER', digest);
      const isRight = isSameDigest(expected, fieldOf(digest, 'response'));
      return isRight ? counted(subscriber, digest) : wrongPassword(subscriber);
    },
  };
}

function fieldOf(digest: DigestParams, name: string): string {
  return digest.get(name) ?? '';
}

function malformation(
  subscriber: ImsSubscriber,
  uri: string,
  digest: DigestParams,
): string | undefined {
  if (digest.get('realm') !== subscriber.domain) return 'Foreign realm';
  if (digest.get('uri') !== uri) return 'Digest uri differs from the Request-URI';
  if (digest.get('qop') !== 'auth') return 'qop=auth is required';
  return fieldOf(digest, 'cnonce') === '' ? 'cnonce is required' : undefined;
}

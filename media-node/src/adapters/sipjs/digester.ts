import type { ChallengeKind } from '../../core/registration/registration-types.ts';
import {
  type Challenge,
  chooseChallenge,
  parseAuthenticationInfo,
} from '../../core/sip/challenge.ts';
import {
  answerChallenge,
  type DigestAnswer,
  type DigestRequest,
  type Proof,
  responseAuthOf,
} from '../../core/sip/digest.ts';
import type { Ids } from '../../ports/ids.ts';
import { hash } from './digest-crypto.ts';
import type { DigestSecret } from './digest-secret.ts';

export interface Credentials {
  readonly username: string;
  readonly secret: DigestSecret;
  /** The only realm we answer (REG-6). */
  readonly realm: string;
}

const CLIENT_NONCE_BITS = 128;

/** Keeps the challenge of one server and counts how often its nonce was used. */
export class Digester {
  readonly #ids: Ids;
  readonly #credentials: Credentials;
  #challenge: Challenge | undefined;
  #proof: Proof = { kind: 'none' };
  #uses = 0;
  #last: DigestAnswer | undefined;

  constructor(ids: Ids, credentials: Credentials) {
    this.#ids = ids;
    this.#credentials = credentials;
  }

  /** Takes the challenges of a 401 or 407. */
  challenged(values: readonly string[]): ChallengeKind {
    const { realm, secret } = this.#credentials;
    const challenge = chooseChallenge(values, { realm, algorithms: secret.algorithms });
    if (!challenge) return 'foreign';
    this.#take(challenge);
    if (this.#proof.kind === 'resync') return 'resync';
    return challenge.isStale ? 'stale' : 'new';
  }

  /**
   * Authentication-Info of a 2xx: may move us on to another nonce, and may prove that the server
   * knows our secret too (RFC 7616 §3.5). False where it tries to and cannot.
   */
  accepted(authenticationInfo: string | undefined, body: string): boolean {
    const { nextNonce, responseAuth } = parseAuthenticationInfo(authenticationInfo ?? '');
    const last = this.#last;
    // Without qop there is no such proof (RFC 2069), and it would be another one.
    const isProven =
      !last?.challenge.qop || !responseAuth || responseAuth === responseAuthOf(last, body, hash);
    if (isProven && nextNonce !== undefined && this.#challenge) {
      this.#take({ ...this.#challenge, nonce: nextNonce });
    }
    return isProven;
  }

  /** Undefined before the first challenge. */
  answer(request: DigestRequest): string | undefined {
    if (!this.#challenge) return undefined;
    this.#uses += 1;
    this.#last = {
      ...{ challenge: this.#challenge, proof: this.#proof, request, nonceCount: this.#uses },
      username: this.#credentials.username,
      clientNonce: this.#ids.random(CLIENT_NONCE_BITS),
    };
    return answerChallenge(this.#last, hash);
  }

  #take(challenge: Challenge): void {
    if (challenge.nonce !== this.#challenge?.nonce) this.#uses = 0;
    this.#challenge = challenge;
    this.#proof = this.#credentials.secret.prove(challenge);
  }
}

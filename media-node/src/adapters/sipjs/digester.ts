import { hash } from 'node:crypto';
import type { Secret } from '@isthmus/shared/domain/secret';
import type { ChallengeKind } from '../../core/registration/registration-types.ts';
import { type Challenge, chooseChallenge, nextNonceOf } from '../../core/sip/challenge.ts';
import { answerChallenge, type DigestRequest, type HashText } from '../../core/sip/digest.ts';
import type { Ids } from '../../ports/ids.ts';

export interface Credentials {
  readonly username: string;
  readonly password: Secret;
  /** The only realm we answer (REG-6). */
  readonly realm: string;
}

const CLIENT_NONCE_BITS = 128;

export const hashText: HashText = (algorithm, text) => hash(algorithm, text, 'hex');

/** Keeps the challenge of one server and counts how often its nonce was used. */
export class Digester {
  readonly #ids: Ids;
  readonly #credentials: Credentials;
  #challenge: Challenge | undefined;
  #uses = 0;

  constructor(ids: Ids, credentials: Credentials) {
    this.#ids = ids;
    this.#credentials = credentials;
  }

  /** Takes the challenges of a 401 or 407. */
  challenged(values: readonly string[]): ChallengeKind {
    const challenge = chooseChallenge(values, this.#credentials.realm);
    if (!challenge) return 'foreign';
    if (challenge.nonce !== this.#challenge?.nonce) this.#uses = 0;
    this.#challenge = challenge;
    return challenge.isStale ? 'stale' : 'new';
  }

  /** Authentication-Info of a 2xx may move us on to another nonce (RFC 7616 §3.5). */
  accepted(authenticationInfo: string | undefined): void {
    const nonce = nextNonceOf(authenticationInfo ?? '');
    if (nonce === undefined || !this.#challenge) return;
    this.#challenge = { ...this.#challenge, nonce };
    this.#uses = 0;
  }

  /** Undefined before the first challenge. */
  answer(request: DigestRequest): string | undefined {
    if (!this.#challenge) return undefined;
    this.#uses += 1;
    const { username, password } = this.#credentials;
    return answerChallenge(
      {
        ...{ challenge: this.#challenge, username, request, nonceCount: this.#uses },
        password: password.reveal(),
        clientNonce: this.#ids.random(CLIENT_NONCE_BITS),
      },
      hashText,
    );
  }
}

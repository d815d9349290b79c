import type { Secret } from '@isthmus/shared/domain/secret';

export interface TurnCredential {
  readonly username: string;
  readonly credential: string;
}

/** Credentials that a TURN server believes by itself, until they expire. */
export interface TurnCredentials {
  issue(
    secret: Secret,
    use: { readonly name: string; readonly expiresAtS: number },
  ): TurnCredential;
}

import type { Secret } from '@isthmus/shared/domain/secret';
import type { LoginRefusal } from '@isthmus/shared/errors/iwf-error';
import type { Result } from '@isthmus/shared/result';
import type { OidcIssuer } from '@isthmus/shared/store/items';

/** What an ID token says, once its issuer is known to have said it. */
export interface VerifiedIdToken {
  readonly issuer: string;
  readonly subject: string;
  readonly jti: string | undefined;
  /** No verifier takes the token from this moment on, tolerance included. */
  readonly deadFromS: number;
  /** The user that the claim named by the tenant stands for; undefined where no claim is trusted. */
  readonly claimedUserName: string | undefined;
}

export interface IdTokenVerifier {
  /** Throws `login.unavailable` when the keys of the issuer are not to be had. */
  verify(
    idToken: Secret,
    issuers: readonly OidcIssuer[],
  ): Promise<Result<VerifiedIdToken, LoginRefusal>>;
}

import type { Secret } from '@isthmus/shared/domain/secret';
import { IwfError, type LoginRefusal } from '@isthmus/shared/errors/iwf-error';
import { err, ok, type Result } from '@isthmus/shared/result';
import type { OidcIssuer } from '@isthmus/shared/store/items';
import type {
  IdTokenVerifier,
  VerifiedIdToken,
} from '../../functions/src/ports/id-token-verifier.ts';

/** Tokens whose text is what they say; the real ones are proven where real keys are. */
export class MemoryIdTokenVerifier implements IdTokenVerifier {
  verified = 0;
  isDown = false;

  verify(
    idToken: Secret,
    issuers: readonly OidcIssuer[],
  ): Promise<Result<VerifiedIdToken, LoginRefusal>> {
    this.verified += 1;
    const { claimed, iss, jti, sub } = JSON.parse(idToken.reveal()) as Record<string, string>;
    const found = issuers.find(({ issuer }) => issuer === iss);
    if (!found || sub === undefined) return Promise.resolve(err('issuer'));
    if (this.isDown) {
      return Promise.reject(new IwfError('login.unavailable', { issuer: found.issuer }));
    }
    const claimedUserName = found.userNameClaim === undefined ? undefined : claimed;
    const deadFromS = Number.MAX_SAFE_INTEGER;
    const { issuer } = found;
    return Promise.resolve(ok({ issuer, subject: sub, jti, deadFromS, claimedUserName }));
  }
}

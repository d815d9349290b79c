import { IwfError, type LoginRefusal } from '@isthmus/shared/errors/iwf-error';
import { err, ok, type Result } from '@isthmus/shared/result';
import type { OidcIssuer } from '@isthmus/shared/store/items';
import { MAX_ID_TOKEN_CHARS } from '@isthmus/shared/wire/limits';
import { decodeJwt, errors, type JWTPayload, jwtVerify } from 'jose';
import type { Clock } from '../ports/clock.ts';
import type { IdTokenVerifier, VerifiedIdToken } from '../ports/id-token-verifier.ts';
import type { KeysOf } from './json-web-keys.ts';

export interface JwksIdTokenVerifierDeps {
  readonly keysOf: KeysOf;
  readonly clock: Clock;
}

/** OpenID Connect Core §2 for the subject; the same is more than enough for a token id. */
const MAX_ID_CHARS = 255;
const MAX_USER_NAME_CHARS = 256;

/** ID tokens as OpenID Connect Core §3.1.3.7 and RFC 8725 want them verified. */
export const createJwksIdTokenVerifier = ({
  clock,
  keysOf,
}: JwksIdTokenVerifierDeps): IdTokenVerifier => ({
  async verify(idToken, issuers) {
    const token = idToken.reveal();
    if (token.length > MAX_ID_TOKEN_CHARS) return err('malformed');
    const issuer = issuerOf(token, issuers);
    if (!issuer.ok) return issuer;
    try {
      const { payload, protectedHeader } = await jwtVerify(token, keysOf(issuer.value), {
        algorithms: issuer.value.algorithms,
        audience: issuer.value.audience,
        issuer: issuer.value.issuer,
        clockTolerance: issuer.value.clockToleranceS,
        currentDate: new Date(clock.nowMs()),
        requiredClaims: ['exp', 'iat', 'sub'],
      });
      return isIdToken(protectedHeader.typ) ? read(payload, issuer.value) : err('malformed');
    } catch (thrown) {
      if (thrown instanceof IwfError) throw thrown;
      return err(refusalOf(thrown));
    }
  },
});

/** Chosen by what the token claims, so that no stranger can make us ask an issuer for its keys. */
function issuerOf(token: string, issuers: readonly OidcIssuer[]): Result<OidcIssuer, LoginRefusal> {
  try {
    const { aud = [], iss } = decodeJwt(token);
    const ofIssuer = issuers.filter(({ issuer }) => issuer === iss);
    const chosen = ofIssuer.find(({ audience }) => [aud].flat().includes(audience));
    if (chosen) return ok(chosen);
    return err(ofIssuer.length > 0 ? 'audience' : 'issuer');
  } catch {
    return err('malformed');
  }
}

/** The issuer signs other tokens with the same keys: access tokens (RFC 9068), log-out tokens. */
const isIdToken = (typ: string | undefined): boolean =>
  typ === undefined || typ.toLowerCase() === 'jwt';

function read(
  payload: JWTPayload,
  { audience, clockToleranceS, issuer, userNameClaim }: OidcIssuer,
): Result<VerifiedIdToken, LoginRefusal> {
  const { aud, exp = 0, jti, sub } = payload;
  if (typeof sub !== 'string' || sub === '' || sub.length > MAX_ID_CHARS) return err('subject');
  if (jti !== undefined && !isId(jti)) return err('malformed');
  // A token for several is ours only if it was issued to us (OpenID Connect Core §3.1.3.7).
  if (Array.isArray(aud) && aud.length > 1 && payload['azp'] !== audience) return err('audience');
  const claimedUserName = userNameClaim === undefined ? undefined : named(payload, userNameClaim);
  // Expiry may be in fractions of a second; the store counts whole ones.
  const deadFromS = Math.ceil(exp) + clockToleranceS + 1;
  return ok({ issuer, subject: sub, jti, deadFromS, claimedUserName });
}

const isId = (value: unknown): boolean =>
  typeof value === 'string' && value !== '' && value.length <= MAX_ID_CHARS;

/** An address that the issuer has not verified is whatever somebody typed. */
function named(payload: JWTPayload, claim: string): string | undefined {
  const value = payload[claim];
  if (claim === 'email' && payload['email_verified'] !== true) return undefined;
  const isName = typeof value === 'string' && value !== '' && value.length <= MAX_USER_NAME_CHARS;
  return isName ? value : undefined;
}

const OF_CLAIM: Readonly<Record<string, LoginRefusal>> = {
  aud: 'audience',
  iss: 'issuer',
  nbf: 'not-yet-valid',
  sub: 'subject',
};

function refusalOf(thrown: unknown): LoginRefusal {
  if (thrown instanceof errors.JWTExpired) return 'expired';
  if (thrown instanceof errors.JOSEAlgNotAllowed) return 'algorithm';
  if (thrown instanceof errors.JWSSignatureVerificationFailed) return 'signature';
  if (thrown instanceof errors.JWTClaimValidationFailed) {
    return OF_CLAIM[thrown.claim] ?? 'malformed';
  }
  const isKey =
    thrown instanceof errors.JWKSNoMatchingKey || thrown instanceof errors.JWKSMultipleMatchingKeys;
  return isKey ? 'key' : 'malformed';
}

import { type TenantId, tenantId } from '@isthmus/shared/domain/ids';
import { err, ok } from '@isthmus/shared/result';
import type { UserItem } from '@isthmus/shared/store/items';
import type { Authenticator, IdTokenProof } from '../ports/authenticator.ts';
import type { TenantStore, UserStore } from '../ports/directory.ts';
import type { IdTokenVerifier, VerifiedIdToken } from '../ports/id-token-verifier.ts';
import type { IdentityStore } from '../ports/identity-store.ts';

export interface OidcAuthenticatorDeps {
  readonly tenants: TenantStore;
  readonly users: UserStore;
  readonly identities: IdentityStore;
  readonly verifier: IdTokenVerifier;
}

/** Users of a tenant's own issuers, by ID token; only the tenant's issuers are believed. */
export const createOidcAuthenticator = (
  deps: OidcAuthenticatorDeps,
): Authenticator<IdTokenProof> => ({
  async authenticate(tenant, { idToken }) {
    const issuers = (await deps.tenants.get(tenant))?.oidc ?? [];
    const verified = await deps.verifier.verify(idToken, issuers);
    if (!verified.ok) return verified;
    const user = await userOf(deps, tenant, verified.value);
    if (!user) return err('unmapped');
    // Last of all: a token is used up by letting somebody in, not by a refusal.
    const isFresh = await isFirstUse(deps.identities, tenant, verified.value);
    return isFresh ? ok(user) : err('replayed');
  },
});

async function userOf(
  deps: OidcAuthenticatorDeps,
  tenant: TenantId,
  token: VerifiedIdToken,
): Promise<UserItem | undefined> {
  const known = await deps.identities.userNameOf(tenant, token);
  if (known !== undefined) return deps.users.get(tenant, known);
  const { claimedUserName: userName, issuer, subject } = token;
  const user = userName === undefined ? undefined : await deps.users.get(tenant, userName);
  if (!user) return undefined;
  // A claim may be given to somebody else one day, as addresses are; the subject never is
  // (OpenID Connect Core §5.7). So whoever came first stays the user.
  const identity = { tenantId: tenantId(tenant), issuer, subject, userName: user.userName };
  return (await deps.identities.bind(identity)) ? user : undefined;
}

/** Without a `jti` an ID token is as good until it expires as it was at first. */
async function isFirstUse(
  identities: IdentityStore,
  tenant: TenantId,
  token: VerifiedIdToken,
): Promise<boolean> {
  const { deadFromS: ttl, jti } = token;
  return jti === undefined || identities.useOnce(tenant, token, { jti, ttl });
}

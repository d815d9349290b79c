import { type TenantId, tenantId } from '@isthmus/shared/domain/ids';
import { IwfError } from '@isthmus/shared/errors/iwf-error';
import type { UserItem } from '@isthmus/shared/store/items';
import type { UserStore } from '../ports/directory.ts';
import type { KeyMint } from '../ports/key-mint.ts';
import type { Log } from '../ports/log.ts';
import type { Metrics } from '../ports/metrics.ts';
import type { TokenRefusal, TokenStore } from '../ports/token-store.ts';

export interface RedeemTokenDeps {
  readonly tokens: TokenStore;
  readonly users: UserStore;
  readonly mint: KeyMint;
  readonly log: Log;
  readonly metrics: Metrics;
}

export type CredentialedUser = UserItem & { readonly vault: NonNullable<UserItem['vault']> };

/** Dereferences a token to the IMS credentials of its user, still sealed (REG-3). */
export async function redeemToken(
  deps: RedeemTokenDeps,
  { tenant, token }: { readonly tenant: string; readonly token: string },
): Promise<CredentialedUser> {
  const owner: TenantId = tenantId(tenant);
  const redeemed = await deps.tokens.redeem(deps.mint.sha256(token), owner);
  if (!redeemed.ok) throw refusal(deps, redeemed.error);
  const { issuedAtMs, userName } = redeemed.value;
  const user = await deps.users.get(owner, userName);
  const isRevoked = user?.tokensFromMs !== undefined && issuedAtMs < user.tokensFromMs;
  if (!user?.vault || isRevoked) throw refusal(deps, 'revoked');
  return { ...user, vault: user.vault };
}

/** The reason is for our log; the wire says only that the token is not valid. */
function refusal({ log, metrics }: RedeemTokenDeps, reason: TokenRefusal): IwfError {
  log.warn('token refused', { reason });
  // Without dimensions, for an alarm looks at one metric alone.
  metrics.count('tokens_refused');
  return new IwfError('token.refused', { reason });
}

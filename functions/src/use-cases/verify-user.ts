import { type TenantId, tenantId } from '@isthmus/shared/domain/ids';
import { Secret } from '@isthmus/shared/domain/secret';
import { IwfError } from '@isthmus/shared/errors/iwf-error';
import type { ConnectionItem, TenantItem, UserItem } from '@isthmus/shared/store/items';
import { sourceNetworkOf } from '../policy/source-network.ts';
import type { AttemptCounter } from '../ports/attempt-counter.ts';
import type { Authenticator, IdTokenProof, PasswordProof } from '../ports/authenticator.ts';
import type { Clock } from '../ports/clock.ts';
import type { TenantStore } from '../ports/directory.ts';

export interface VerifyUserDeps {
  readonly tenants: TenantStore;
  readonly attempts: AttemptCounter;
  readonly directory: Authenticator<PasswordProof>;
  readonly oidc: Authenticator<IdTokenProof>;
  readonly clock: Clock;
}

export interface LoginLimits {
  readonly perUser: number;
  readonly perAddress: number;
  readonly windowS: number;
}

export type Claim = { readonly tenant: string } & (PasswordProof | IdTokenProof);

export interface VerifiedUser {
  readonly tenant: TenantItem;
  readonly user: UserItem;
}

/** What a request of the wire brings forward to show who sends it. */
export const proofIn = (
  request: { readonly userName: string; readonly password: string } | { readonly idToken: string },
): PasswordProof | IdTokenProof =>
  'idToken' in request
    ? { idToken: new Secret(request.idToken) }
    : { userName: request.userName, password: new Secret(request.password) };

/**
 * Who the claimant is, or `login.refused`, which looks the same whatever was wrong, and for a
 * password costs the same, too (SEC-1).
 */
export async function verifyUser(
  deps: VerifyUserDeps,
  limits: LoginLimits,
  { connection, claim }: { readonly connection: ConnectionItem; readonly claim: Claim },
): Promise<VerifiedUser> {
  // The socket was let in for the origin of one tenant: it cannot log in at another.
  const own = tenantId(connection.tenantId);
  const userName = 'userName' in claim ? claim.userName : undefined;
  const forgive = await throttle(deps, limits, { own, userName, from: connection.sourceIp });
  const [tenant, authenticated] = await Promise.all([
    deps.tenants.get(own),
    'idToken' in claim
      ? deps.oidc.authenticate(own, claim)
      : deps.directory.authenticate(own, claim),
  ]);
  if (!authenticated.ok) throw new IwfError('login.refused', { reason: authenticated.error });
  if (!tenant || claim.tenant !== connection.tenantId) {
    throw new IwfError('login.refused', { reason: 'foreign-tenant' });
  }
  await forgive();
  return { tenant, user: authenticated.value };
}

interface Attempt {
  readonly own: TenantId;
  /** Not known before an ID token is verified: then only the address is counted. */
  readonly userName: string | undefined;
  readonly from: string;
}

/**
 * Counted before the proof is looked at, so that parallel guesses cannot slip through; the result
 * takes the attempt back, for it is guessing that is throttled and not a user with many devices.
 */
async function throttle(
  deps: VerifyUserDeps,
  limits: LoginLimits,
  attempt: Attempt,
): Promise<() => Promise<unknown>> {
  const { attempts, clock } = deps;
  const windowMs = limits.windowS * 1000;
  const nowMs = clock.nowMs();
  const window = Math.floor(nowMs / windowMs);
  const endsMs = (window + 1) * windowMs;
  const ttl = Math.ceil(endsMs / 1000) + limits.windowS;
  const { from, own, userName } = attempt;
  const counted = [{ subject: `ADDRESS#${sourceNetworkOf(from)}`, limit: limits.perAddress }];
  if (userName !== undefined) {
    counted.push({ subject: `USER#${own}#${userName}`, limit: limits.perUser });
  }
  const isOver = await Promise.all(
    counted.map(async ({ limit, subject }) => (await attempts.count(subject, window, ttl)) > limit),
  );
  if (isOver.includes(true)) {
    throw new IwfError('login.throttled', { retryAfterS: Math.ceil((endsMs - nowMs) / 1000) });
  }
  return () => Promise.all(counted.map(({ subject }) => attempts.forgive(subject, window)));
}

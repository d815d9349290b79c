import type { TenantId } from '@isthmus/shared/domain/ids';
import type { BindingPolicy } from '@isthmus/shared/store/items';
import type { BindingStore } from '../ports/binding-store.ts';
import type { Clock } from '../ports/clock.ts';
import type { SessionStore } from '../ports/session-store.ts';

export interface ReclaimDeps {
  readonly bindings: BindingStore;
  readonly sessions: SessionStore;
  readonly clock: Clock;
}

interface Holder {
  readonly tenant: TenantId;
  readonly userName: string;
  readonly policy: BindingPolicy;
}

/**
 * Gives up the binding of a user who has not come for longer than the tenant grants, the rest
 * included; there is no clock that does so by itself, only somebody who needs the identity.
 */
export async function reclaimIdle(
  { bindings, clock, sessions }: ReclaimDeps,
  { policy, tenant, userName }: Holder,
): Promise<boolean> {
  const { idleReleaseS, restS } = policy;
  if (idleReleaseS === undefined) return false;
  const binding = await bindings.ofUser(tenant, userName);
  if (binding?.usedAtMs === undefined) return false;
  const nowMs = clock.nowMs();
  if (nowMs < binding.usedAtMs + (idleReleaseS + restS) * 1000) return false;
  // A session may last longer than the time of idleness: who is there is not idle.
  if ((await sessions.liveOf(tenant, userName)).length > 0) return false;
  return bindings.release(binding, nowMs);
}

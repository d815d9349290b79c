import { sessionId, tenantId, trunkId } from '@isthmus/shared/domain/ids';
import { bindingPolicyOf } from '../policy/binding-policy.ts';
import type { BindingStore } from '../ports/binding-store.ts';
import type { Clock } from '../ports/clock.ts';
import type { TenantStore, TrunkStore } from '../ports/directory.ts';
import type { SessionStore } from '../ports/session-store.ts';

export interface ReleaseBindingDeps {
  readonly tenants: TenantStore;
  readonly trunks: Pick<TrunkStore, 'noteRelease'>;
  readonly bindings: BindingStore;
  readonly sessions: SessionStore;
  readonly clock: Clock;
}

export interface Release {
  readonly tenantId: string;
  readonly userName: string;
  /** Ends the sessions of a user who is there; else such a user keeps the identity. */
  readonly evenInUse?: boolean | undefined;
}

export type ReleaseOutcome = 'released' | 'none' | 'in-use';

/** An operator takes an identity of a trunk from a user; it rests before another may have it. */
export async function releaseBinding(
  { bindings, clock, sessions, tenants, trunks }: ReleaseBindingDeps,
  { evenInUse = false, tenantId: of, userName }: Release,
): Promise<ReleaseOutcome> {
  const tenant = tenantId(of);
  const binding = await bindings.ofUser(tenant, userName);
  if (!binding) return 'none';
  const live = (await sessions.liveOf(tenant, userName)).filter(
    ({ option }) => option === 'ip-pbx',
  );
  if (live.length > 0 && !evenInUse) return 'in-use';
  for (const session of live) await sessions.end(sessionId(session.sessionId));
  const { restS } = bindingPolicyOf(await tenants.get(tenant));
  const isReleased = await bindings.release(binding, clock.nowMs() + restS * 1000);
  if (!isReleased) return 'in-use';
  if (live.length > 0) await trunks.noteRelease(tenant, trunkId(binding.trunkId), clock.nowMs());
  return 'released';
}

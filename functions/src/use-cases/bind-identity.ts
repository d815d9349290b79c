import type { BoundIdentity } from '@isthmus/shared/control/commands';
import { type Impu, type TenantId, tenantId } from '@isthmus/shared/domain/ids';
import { IwfError } from '@isthmus/shared/errors/iwf-error';
import type { BindingItem, TrunkItem } from '@isthmus/shared/store/items';
import { identitiesFor, isInSet } from '../policy/impu-allocation.ts';
import { rotated, spread } from '../policy/spread.ts';
import type { BindingStore } from '../ports/binding-store.ts';
import type { TrunkStore } from '../ports/directory.ts';

export interface BindIdentityDeps {
  readonly trunks: TrunkStore;
  readonly bindings: BindingStore;
}

export interface BoundUser {
  readonly subscriber: BoundIdentity;
  /** The node that registers the trunk: calls of the user live there. */
  readonly nodeId: string;
}

interface Claimant {
  readonly tenant: TenantId;
  readonly userName: string;
}

/** One read of the store tells which of so many identities are taken. */
const IDENTITIES_AT_ONCE = 50;
/** Ends the search in a wildcard that is as good as full. */
const MAX_IDENTITIES = 5_000;

/** Option 1: the user's identity of the implicit set, allocated on the first registration. */
export async function bindIdentity(deps: BindIdentityDeps, claimant: Claimant): Promise<BoundUser> {
  const trunks = await deps.trunks.ofTenant(claimant.tenant);
  const existing = await deps.bindings.ofUser(claimant.tenant, claimant.userName);
  if (existing) return bound(existing, trunks);
  const up = trunks.filter(isUp);
  if (up.length === 0) throw trunkDown(trunks[0]?.trunkId);
  for (const trunk of rotated(up, spread(claimant.userName))) {
    const binding = await allocate(deps.bindings, claimant, trunk);
    if (binding) return bound(binding, trunks);
  }
  throw new IwfError('registration.no-identity-left', { trunkId: up[0]?.trunkId ?? '' });
}

const isUp = (trunk: TrunkItem): boolean => trunk.state === 'up' && trunk.owner !== undefined;

const trunkDown = (trunkId = 'none'): IwfError =>
  new IwfError('registration.trunk-down', { trunkId });

/** A binding is only as good as its trunk: while that is down, log-in is refused (REG-1). */
function bound(binding: BindingItem, trunks: readonly TrunkItem[]): BoundUser {
  const { impu, trunkId } = binding;
  const trunk = trunks.find((candidate) => candidate.trunkId === trunkId);
  if (!trunk?.owner || !isUp(trunk)) throw trunkDown(trunkId);
  if (!isInSet(trunk.implicitSet, impu)) {
    throw new IwfError('registration.refused', { status: 403, reason: 'identity barred' });
  }
  return { subscriber: { kind: 'bound', impu, trunkId }, nodeId: trunk.owner };
}

/** Undefined when every identity of the trunk is somebody's. */
async function allocate(
  bindings: BindingStore,
  { tenant, userName }: Claimant,
  trunk: TrunkItem,
): Promise<BindingItem | undefined> {
  const set = { entries: trunk.implicitSet, own: trunk.impu };
  for (const batch of batches(identitiesFor(set, userName))) {
    const taken = await bindings.taken(tenant, batch);
    for (const impu of batch.filter((identity) => !taken.has(identity))) {
      const binding = { tenantId: tenantId(tenant), userName, impu, trunkId: trunk.trunkId };
      const outcome = await bindings.bind(binding);
      if (outcome === 'bound') return binding;
      // The user's other device was first: what it was given is this device's, too.
      if (outcome === 'user-has-one') return bindings.ofUser(tenant, userName);
    }
  }
  return undefined;
}

function* batches(identities: Iterable<Impu>): Generator<readonly Impu[]> {
  let batch: Impu[] = [];
  let total = 0;
  for (const identity of identities) {
    batch.push(identity);
    total += 1;
    if (total === MAX_IDENTITIES) break;
    if (batch.length < IDENTITIES_AT_ONCE) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

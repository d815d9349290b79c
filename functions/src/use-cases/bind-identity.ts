import type { BoundIdentity } from '@isthmus/shared/control/commands';
import type { Impu, TenantId } from '@isthmus/shared/domain/ids';
import { isInSet } from '@isthmus/shared/domain/wildcard-impu';
import { IwfError } from '@isthmus/shared/errors/iwf-error';
import type { BindingItem, BindingPolicy, TrunkItem } from '@isthmus/shared/store/items';
import { bindingPolicyOf } from '../policy/binding-policy.ts';
import { identitiesFor } from '../policy/impu-allocation.ts';
import { rotated, spread } from '../policy/spread.ts';
import type { BindingStore } from '../ports/binding-store.ts';
import type { Clock } from '../ports/clock.ts';
import type { TenantStore, TrunkStore } from '../ports/directory.ts';
import { type ReclaimDeps, reclaimIdle } from './reclaim-idle.ts';

export interface BindIdentityDeps extends ReclaimDeps {
  readonly tenants: TenantStore;
  readonly trunks: TrunkStore;
  readonly bindings: BindingStore;
  readonly clock: Clock;
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

interface Claim extends Claimant {
  readonly trunks: readonly TrunkItem[];
  readonly policy: BindingPolicy;
}

/** One read of the store tells which of so many identities are taken. */
const IDENTITIES_AT_ONCE = 50;
/** Ends the search in a wildcard that is as good as full. */
const MAX_IDENTITIES = 5_000;
/** What was found may be given up at that very moment; twice in a row is no accident. */
const TRIES = 3;

/** Option 1: the user's identity of the implicit set, allocated on the first registration. */
export async function bindIdentity(deps: BindIdentityDeps, claimant: Claimant): Promise<BoundUser> {
  const { tenant, userName } = claimant;
  const [trunks, item] = await Promise.all([
    deps.trunks.ofTenant(tenant),
    deps.tenants.get(tenant),
  ]);
  const claim = { ...claimant, trunks, policy: bindingPolicyOf(item) };
  for (let tryNo = 1; tryNo <= TRIES; tryNo += 1) {
    const existing = await deps.bindings.ofUser(tenant, userName);
    if (!existing) return allocate(deps, claim);
    const isKept = await keep(deps, claim, existing);
    if (isKept) return bound(existing, trunks);
  }
  throw new IwfError('store.failed', { operation: 'bind an identity that is given up each time' });
}

const isUp = (trunk: TrunkItem): boolean => trunk.state === 'up' && trunk.owner !== undefined;

const trunkDown = (trunkId = 'none'): IwfError =>
  new IwfError('registration.trunk-down', { trunkId });

/** False: the binding is no more, be it that the network took the identity from us (REG-1). */
async function keep(
  { bindings, clock }: BindIdentityDeps,
  { policy, trunks }: Claim,
  binding: BindingItem,
): Promise<boolean> {
  const { impu, trunkId } = binding;
  if (!isLost(binding, trunks)) return bindings.touch(binding, clock.nowMs());
  if (policy.onIdentityLost === 'refuse') {
    throw new IwfError('registration.identity-barred', { trunkId, impu });
  }
  await bindings.release(binding, clock.nowMs() + policy.restS * 1000);
  return false;
}

/** Only a trunk that is up can tell; one that the operator removed grants nothing for good. */
function isLost({ impu, trunkId }: BindingItem, trunks: readonly TrunkItem[]): boolean {
  const trunk = trunks.find((candidate) => candidate.trunkId === trunkId);
  return trunk ? isUp(trunk) && !isInSet(trunk.implicitSet, impu) : true;
}

/** A binding is only as good as its trunk: while that is down, log-in is refused (REG-1). */
function bound({ impu, trunkId }: BindingItem, trunks: readonly TrunkItem[]): BoundUser {
  const trunk = trunks.find((candidate) => candidate.trunkId === trunkId);
  if (!trunk?.owner || !isUp(trunk)) throw trunkDown(trunkId);
  return { subscriber: { kind: 'bound', impu, trunkId }, nodeId: trunk.owner };
}

async function allocate(deps: BindIdentityDeps, claim: Claim): Promise<BoundUser> {
  const up = claim.trunks.filter(isUp);
  const [first] = up;
  if (!first) throw trunkDown(claim.trunks[0]?.trunkId);
  const inTurn = rotated(up, spread(claim.userName));
  for (const from of [freeOne, idleOne]) {
    for (const trunk of inTurn) {
      const binding = await from(deps, claim, trunk);
      if (binding) return bound(binding, claim.trunks);
    }
  }
  throw new IwfError('registration.no-identity-left', { trunkId: first.trunkId });
}

/** Undefined when every identity of the trunk is somebody's. */
async function freeOne(
  deps: BindIdentityDeps,
  claim: Claim,
  trunk: TrunkItem,
): Promise<BindingItem | undefined> {
  for (const batch of batchesOf(claim, trunk)) {
    const holders = await deps.bindings.holders(claim.tenant, batch);
    for (const impu of batch) {
      const holder = holders.get(impu);
      // What rests was this user's own, and is so again.
      const isOthers = holder && holder.userName !== claim.userName;
      const binding = isOthers ? undefined : await take(deps, claim, { impu, trunk });
      if (binding) return binding;
    }
  }
  return undefined;
}

/** One that its user has left alone for as long as the tenant says, if it says so. */
async function idleOne(
  deps: BindIdentityDeps,
  claim: Claim,
  trunk: TrunkItem,
): Promise<BindingItem | undefined> {
  const { policy, tenant } = claim;
  if (policy.idleReleaseS === undefined) return undefined;
  for (const batch of batchesOf(claim, trunk)) {
    const holders = await deps.bindings.holders(tenant, batch);
    for (const { impu, userName } of holders.values()) {
      if (!(await reclaimIdle(deps, { tenant, userName, policy }))) continue;
      const binding = await take(deps, claim, { impu, trunk });
      if (binding) return binding;
    }
  }
  return undefined;
}

async function take(
  { bindings, clock }: BindIdentityDeps,
  { tenant, userName }: Claim,
  { impu, trunk }: { readonly impu: string; readonly trunk: TrunkItem },
): Promise<BindingItem | undefined> {
  const { trunkId } = trunk;
  const binding = { tenantId: tenant, userName, impu, trunkId, usedAtMs: clock.nowMs() };
  const outcome = await bindings.bind(binding);
  if (outcome === 'bound') return binding;
  // The user's other device was first: what it was given is this device's, too.
  return outcome === 'user-has-one' ? bindings.ofUser(tenant, userName) : undefined;
}

function* batchesOf({ userName }: Claim, trunk: TrunkItem): Generator<readonly Impu[]> {
  let batch: Impu[] = [];
  let total = 0;
  const set = { entries: trunk.implicitSet, own: trunk.impu };
  for (const identity of identitiesFor(set, userName)) {
    batch.push(identity);
    total += 1;
    if (total === MAX_IDENTITIES) break;
    if (batch.length < IDENTITIES_AT_ONCE) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

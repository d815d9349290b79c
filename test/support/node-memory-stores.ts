import { impu, nodeId, tenantId } from '@isthmus/shared/domain/ids';
import { IwfError } from '@isthmus/shared/errors/iwf-error';
import { expiryOf } from '@isthmus/shared/store/accounting-policy';
import {
  type CallItem,
  type CallRecord,
  callRecord,
  sumOfUsage,
  type Usage,
  usageOf,
} from '@isthmus/shared/store/call-records';
import type {
  BindingItem,
  NodeItem,
  SessionItem,
  TenantItem,
  TrunkItem,
} from '@isthmus/shared/store/items';
import { shardOf } from '@isthmus/shared/store/keys';
import type { MemberItem, RegistrationItem } from '@isthmus/shared/store/registration-items';
import type { ForwardingSettings } from '@isthmus/shared/wire/forwarding';
import type { NodeStores } from '../../media-node/src/adapters/dynamo/dynamo-stores.ts';
import type { Clock } from '../../media-node/src/ports/clock.ts';
import type {
  HandOver,
  RegistrationName,
  Subscriber,
  Tenure,
  TrunkName,
} from '../../media-node/src/ports/stores.ts';

/** What the functions write and the node only reads; and a look at what the node wrote. */
export interface NodeWorld {
  putTenant(tenant: TenantItem): Promise<void>;
  putTrunk(trunk: TrunkItem): Promise<void>;
  putBinding(binding: BindingItem): Promise<void>;
  putSession(session: SessionItem): Promise<void>;
  session(sessionId: string): Promise<Partial<SessionItem> | undefined>;
  events(sessionId: string): Promise<readonly string[]>;
  call(tenantId: string, attemptId: string): Promise<Partial<CallRecord> | undefined>;
  /** What an operator reads of a month. */
  records(tenantId: string, month: string): Promise<readonly CallRecord[]>;
  usage(tenantId: string, month: string): Promise<Usage>;
  /** Ids of the nodes that take work, least used first, as placement finds them. */
  nodesUp(): Promise<readonly string[]>;
}

const id = (...parts: readonly string[]): string => parts.join('|');
const padded = (value: number): string => String(value).padStart(10, '0');

const trunkIdOf = (name: TrunkName): string => id(name.tenantId, name.trunkId);
const userIdOf = ({ option, tenantId, userName }: Subscriber): string =>
  id(tenantId, option, userName);
const registrationIdOf = (name: RegistrationName): string => id(name.tenantId, name.impu);

interface Keepable {
  readonly owner?: string | undefined;
  readonly ownerEpoch?: number | undefined;
  readonly isOffered?: boolean | undefined;
  readonly successor?: string | undefined;
}

const isOwner = ({ owner, ownerEpoch }: Keepable, by: Tenure): boolean =>
  owner === by.nodeId && ownerEpoch === by.epoch;

function given<T extends Keepable>(item: T, to: Tenure): T {
  const { isOffered: _, successor: __, ...rest } = item;
  return { ...rest, owner: to.nodeId, ownerEpoch: to.epoch } as unknown as T;
}

function handOver<Name, T extends Keepable>(
  items: Map<string, T>,
  keyOf: (name: Name) => string,
  keyOfItem: (item: T) => string,
): HandOver<Name, T> {
  const ifOwned = (name: Name, by: Tenure, change: (item: T) => T): Promise<boolean> => {
    const item = items.get(keyOf(name));
    const isOwned = item !== undefined && isOwner(item, by);
    if (isOwned) items.set(keyOf(name), change(item));
    return Promise.resolve(isOwned);
  };
  const onOffer = (seen: T): T | undefined => {
    const item = items.get(keyOfItem(seen));
    const isSame = item?.owner === seen.owner && item?.ownerEpoch === seen.ownerEpoch;
    return isSame && item?.isOffered === true ? item : undefined;
  };
  return {
    isOwned: (name, by) => ifOwned(name, by, (item) => item),
    noteSequence: (name, by, accepted) =>
      ifOwned(name, by, (item) => ({ ...item, cardSequence: accepted })),
    offer: (name, by) => ifOwned(name, by, (item) => ({ ...item, isOffered: true })),
    recall: (name, by) => ifOwned(name, by, ({ isOffered: _, ...item }) => item as unknown as T),
    succeed(seen, by) {
      const item = onOffer(seen);
      const isFree = item && (item.successor ?? by.nodeId) === by.nodeId;
      if (isFree) items.set(keyOfItem(seen), { ...item, successor: by.nodeId });
      return Promise.resolve(isFree === true);
    },
    complete(seen, by) {
      const item = onOffer(seen);
      const isNext = item?.successor === by.nodeId;
      if (item && isNext) items.set(keyOfItem(seen), given(item, by));
      return Promise.resolve(isNext);
    },
  };
}

/** The stores of a media node in memory; the same contract suite runs on them and on DynamoDB. */
export function createNodeMemoryStores(clock: Pick<Clock, 'nowMs'>): {
  readonly stores: NodeStores;
  readonly world: NodeWorld;
} {
  const tenants = new Map<string, TenantItem>();
  const trunks = new Map<string, TrunkItem>();
  const bindings = new Map<string, BindingItem>();
  const forwardings = new Map<string, ForwardingSettings>();
  const sessions = new Map<string, Partial<SessionItem>>();
  const events = new Map<string, Map<number, string>>();
  const calls = new Map<string, Partial<CallRecord> & Pick<CallItem, 'dialog'>>();
  const nodes = new Map<string, NodeItem>();
  const quotas = new Map<string, number>();

  const registrations = new Map<string, RegistrationItem>();
  const members = new Map<string, Map<string, MemberItem>>();
  const writers = new Map<string, string>();

  const recordsOf = (tenant: string, month: string): readonly CallRecord[] =>
    [...calls.values()]
      .filter((it): it is CallRecord => it.tenantId === tenant && it.endedAtMs !== undefined)
      .filter((it) => new Date(it.startedAtMs).toISOString().startsWith(month))
      .map((it) => callRecord.parse(it))
      .sort((a, b) => a.startedAtMs - b.startedAtMs);

  const ownedTrunk = (name: TrunkName, by: Tenure): TrunkItem => {
    const item = trunks.get(trunkIdOf(name));
    if (item && isOwner(item, by)) return item;
    throw new IwfError('store.failed', { operation: 'report a trunk that another node owns' });
  };
  const bury = ({ epoch, nodeId }: Tenure): boolean => {
    const item = nodes.get(nodeId);
    if (item?.epoch !== epoch) return true;
    if (item.leaseUntilMs > clock.nowMs()) return false;
    nodes.set(nodeId, { ...item, state: 'dead' });
    return true;
  };

  const stores: NodeStores = {
    tenants: {
      get(tenant) {
        const found = tenants.get(tenant);
        return found
          ? Promise.resolve(found)
          : Promise.reject(new IwfError('tenant.unknown', { tenant }));
      },
    },
    trunks: {
      ...handOver(trunks, trunkIdOf, (item) => id(item.tenantId, item.trunkId)),
      list: () => Promise.resolve([...trunks.values()]),
      claim(name, by, instanceId) {
        const item = trunks.get(trunkIdOf(name));
        if (!item) return Promise.resolve(undefined);
        const { owner, ownerEpoch = 0 } = item;
        const isOwn = owner === by.nodeId && ownerEpoch === by.epoch;
        if (owner !== undefined && owner !== by.nodeId) {
          if (!bury({ nodeId: nodeId(owner), epoch: ownerEpoch }))
            return Promise.resolve(undefined);
        }
        const { isOffered: _, successor: __, ...rest } = item;
        const state = isOwn ? item.state : 'down';
        const given = { instanceId: item.instanceId ?? instanceId, state } as const;
        const taken = { ...rest, ...given, owner: by.nodeId, ownerEpoch: by.epoch };
        trunks.set(trunkIdOf(name), taken);
        return Promise.resolve(taken);
      },
      async reportUp(name, by, implicitSet) {
        const item = await Promise.resolve().then(() => ownedTrunk(name, by));
        trunks.set(trunkIdOf(name), { ...item, state: 'up', implicitSet: [...implicitSet] });
      },
      async reportDown(name, by) {
        const item = await Promise.resolve().then(() => ownedTrunk(name, by));
        trunks.set(trunkIdOf(name), { ...item, state: 'down' });
      },
      release(name, by) {
        const item = trunks.get(trunkIdOf(name));
        if (item && isOwner(item, by)) {
          const { owner: _, ownerEpoch: __, isOffered: ___, successor: ____, ...free } = item;
          trunks.set(trunkIdOf(name), { ...free, state: 'down' });
        }
        return Promise.resolve();
      },
    },
    registrations: {
      ...handOver(registrations, registrationIdOf, (item) => id(item.tenantId, item.impu)),
      get: (name) => Promise.resolve(registrations.get(registrationIdOf(name))),
      create(item) {
        const known = registrations.get(id(item.tenantId, item.impu));
        const isOthers =
          known && (known.owner !== item.owner || known.ownerEpoch !== item.ownerEpoch);
        if (!isOthers) registrations.set(id(item.tenantId, item.impu), item);
        return Promise.resolve(!isOthers);
      },
      claim(item, by) {
        const key = id(item.tenantId, item.impu);
        const known = registrations.get(key);
        const isSame = known?.owner === item.owner && known.ownerEpoch === item.ownerEpoch;
        if (known && isSame) registrations.set(key, given(known, by));
        return Promise.resolve(known !== undefined && isSame);
      },
      ownedBy(node, shard) {
        const found = [...registrations.values()].filter(
          (it) => it.owner === node && shardOf(tenantId(it.tenantId), impu(it.impu)) === shard,
        );
        return Promise.resolve(found);
      },
      end(name, by) {
        const known = registrations.get(registrationIdOf(name));
        const isIt = known?.instanceId === name.instanceId && isOwner(known, by);
        if (isIt) registrations.delete(registrationIdOf(name));
        return Promise.resolve();
      },
    },
    members: {
      add(of, member) {
        const known = members.get(JSON.stringify(of)) ?? new Map<string, MemberItem>();
        members.set(JSON.stringify(of), known.set(member.sessionId, member));
        return Promise.resolve();
      },
      remove(of, session) {
        members.get(JSON.stringify(of))?.delete(session);
        return Promise.resolve();
      },
      list: (of) => Promise.resolve([...(members.get(JSON.stringify(of))?.values() ?? [])]),
    },
    bindings: {
      byImpu(tenant, impu) {
        const binding = bindings.get(id(tenant, impu));
        return Promise.resolve(binding?.restsUntilMs === undefined ? binding : undefined);
      },
      touch(tenant, userName, atMs) {
        for (const [key, binding] of bindings) {
          if (binding.tenantId !== tenant || binding.userName !== userName) continue;
          bindings.set(key, { ...binding, usedAtMs: atMs });
        }
        return Promise.resolve();
      },
    },
    forwardings: {
      get: (user) => Promise.resolve(forwardings.get(userIdOf(user))),
      put(user, targets) {
        if (Object.keys(targets).length === 0) forwardings.delete(userIdOf(user));
        else forwardings.set(userIdOf(user), targets);
        return Promise.resolve();
      },
    },
    sessions: {
      appendEvent({ json, owner: { sessionId }, seq, writer }) {
        const kept = events.get(sessionId) ?? new Map<number, string>();
        const name = `${writer.nodeId}#${String(writer.epoch)}`;
        const at = id(sessionId, String(seq));
        if (kept.has(seq) && writers.get(at) !== name) return Promise.resolve(false);
        writers.set(at, name);
        events.set(sessionId, kept.set(seq, json));
        return Promise.resolve(true);
      },
      adopt(session, from, to) {
        const item = sessions.get(session);
        if (item?.state !== 'live' || item.nodeId !== from) return Promise.resolve(undefined);
        const moved = { ...item, nodeId: to.nodeId, nodeEpoch: to.epoch };
        sessions.set(session, moved);
        return Promise.resolve(moved as SessionItem);
      },
      lastSeq: (session) => Promise.resolve(Math.max(0, ...(events.get(session)?.keys() ?? []))),
      detach(session, connection) {
        const { connectionId, ...rest } = sessions.get(session) ?? {};
        if (connectionId === connection) sessions.set(session, rest);
        return Promise.resolve();
      },
      end(session, by) {
        const { connectionId: _, ...rest } = sessions.get(session) ?? {};
        const isEpoch = rest.nodeEpoch === undefined || rest.nodeEpoch === by.epoch;
        const isOurs = rest.nodeId === by.nodeId && isEpoch;
        if (isOurs) sessions.set(session, { ...rest, state: 'ended' });
        return Promise.resolve();
      },
    },
    registry: {
      announce(node) {
        nodes.set(node.nodeId, node);
        return Promise.resolve();
      },
      renew({ epoch, nodeId: node }, facts) {
        const item = nodes.get(node);
        const isSame = item?.epoch === epoch && item.state !== 'dead';
        if (isSame) nodes.set(node, { ...item, ...facts });
        const failure = new IwfError('store.failed', { operation: 'renew' });
        return isSame ? Promise.resolve() : Promise.reject(failure);
      },
      list: () => Promise.resolve([...nodes.values()]),
      bury: (node) => Promise.resolve(bury(node)),
      forget({ epoch, nodeId: node }) {
        const item = nodes.get(node);
        if (item?.epoch === epoch && item.state === 'dead') nodes.delete(node);
        return Promise.resolve();
      },
      withdraw({ epoch, nodeId: node }) {
        if (nodes.get(node)?.epoch === epoch) nodes.delete(node);
        return Promise.resolve();
      },
    },
    calls: {
      admit(tenant, { callsPerMonth = Infinity, minutesPerMonth = Infinity }) {
        const key = id(tenant, new Date(clock.nowMs()).toISOString().slice(0, 7));
        const used = quotas.get(key) ?? 0;
        const { seconds } = sumOfUsage(
          recordsOf(tenant, new Date(clock.nowMs()).toISOString().slice(0, 7)).map(usageOf),
        );
        if (used >= callsPerMonth) return Promise.resolve('calls');
        if (seconds >= minutesPerMonth * 60) return Promise.resolve('minutes');
        quotas.set(key, used + 1);
        return Promise.resolve('admitted');
      },
      begin(call) {
        const key = id(call.tenantId, call.attemptId);
        if (calls.get(key)?.startedAtMs === undefined) calls.set(key, call);
        return Promise.resolve();
      },
      answered(call) {
        const key = id(call.tenantId, call.attemptId);
        const known = calls.get(key);
        if (known?.endedAtMs === undefined) calls.set(key, { ...known, ...call });
        return Promise.resolve();
      },
      end(record) {
        const key = id(record.tenantId, record.attemptId);
        const known = calls.get(key);
        if (known?.endedAtMs !== undefined) return Promise.resolve(false);
        const { recordsKeptDays } = tenants.get(record.tenantId)?.accounting ?? {};
        const ttl = expiryOf(record.endedAtMs, recordsKeptDays);
        const { dialog: _, ...before } = known ?? {};
        calls.set(key, { ...before, ...record, ...(ttl !== undefined && { ttl }) });
        return Promise.resolve(true);
      },
      liveOn(node) {
        const live = [...calls.values()].filter(
          (it) => it.nodeId === node && it.endedAtMs === undefined,
        );
        return Promise.resolve(live as CallItem[]);
      },
    },
  };
  const world: NodeWorld = {
    putTenant: (item) => Promise.resolve(void tenants.set(item.tenantId, item)),
    putTrunk: (item) => Promise.resolve(void trunks.set(id(item.tenantId, item.trunkId), item)),
    putBinding: (item) => Promise.resolve(void bindings.set(id(item.tenantId, item.impu), item)),
    putSession: (item) => Promise.resolve(void sessions.set(item.sessionId, item)),
    session: (session) => Promise.resolve(sessions.get(session)),
    events(session) {
      const bySeq = [...(events.get(session) ?? [])].sort(([a], [b]) => a - b);
      return Promise.resolve(bySeq.map(([, json]) => json));
    },
    call: (tenant, attempt) => Promise.resolve(calls.get(id(tenant, attempt))),
    records: (tenant, month) => Promise.resolve(recordsOf(tenant, month)),
    usage: (tenant, month) => Promise.resolve(sumOfUsage(recordsOf(tenant, month).map(usageOf))),
    nodesUp() {
      const up = [...nodes.values()].filter(({ state }) => state === 'up');
      const keyed = up.map(
        (it) =>
          [`${padded(it.used)}#${padded(it.registrations ?? 0)}#${it.nodeId}`, it.nodeId] as const,
      );
      return Promise.resolve(keyed.sort().map(([, node]) => node));
    },
  };
  return { stores, world };
}

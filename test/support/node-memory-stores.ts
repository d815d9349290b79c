import { IwfError } from '@isthmus/shared/errors/iwf-error';
import type {
  BindingItem,
  CallItem,
  NodeItem,
  SessionItem,
  TenantItem,
  TrunkItem,
} from '@isthmus/shared/store/items';
import type { NodeStores } from '../../media-node/src/adapters/dynamo/dynamo-stores.ts';
import type { Clock } from '../../media-node/src/ports/clock.ts';

/** What the functions write and the node only reads; and a look at what the node wrote. */
export interface NodeWorld {
  putTenant(tenant: TenantItem): Promise<void>;
  putTrunk(trunk: TrunkItem): Promise<void>;
  putBinding(binding: BindingItem): Promise<void>;
  putSession(session: SessionItem): Promise<void>;
  session(sessionId: string): Promise<Partial<SessionItem> | undefined>;
  events(sessionId: string): Promise<readonly string[]>;
  call(tenantId: string, callId: string): Promise<Partial<CallItem> | undefined>;
  /** Ids of the nodes that take work, least used first, as placement finds them. */
  nodesUp(): Promise<readonly string[]>;
}

const id = (...parts: readonly string[]): string => parts.join('|');
const padded = (value: number): string => String(value).padStart(10, '0');

/** The stores of a media node in memory; the same contract suite runs on them and on DynamoDB. */
export function createNodeMemoryStores(clock: Pick<Clock, 'nowMs'>): {
  readonly stores: NodeStores;
  readonly world: NodeWorld;
} {
  const tenants = new Map<string, TenantItem>();
  const trunks = new Map<string, TrunkItem>();
  const bindings = new Map<string, BindingItem>();
  const sessions = new Map<string, Partial<SessionItem>>();
  const events = new Map<string, Map<number, string>>();
  const calls = new Map<string, Partial<CallItem>>();
  const nodes = new Map<string, NodeItem>();

  const ownedBy = (tenant: string, trunk: string, node: string): TrunkItem => {
    const item = trunks.get(id(tenant, trunk));
    if (item?.owner === node) return item;
    throw new IwfError('store.failed', { operation: 'report a trunk that another node owns' });
  };
  const hasLapsed = (node: string): boolean =>
    (nodes.get(node)?.leaseUntilMs ?? 0) <= clock.nowMs();
  const mergeCall = (key: string, once: keyof CallItem, facts: Partial<CallItem>): void => {
    const known = calls.get(key);
    if (known?.[once] === undefined) calls.set(key, { ...known, ...facts });
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
      list: () => Promise.resolve([...trunks.values()]),
      claim(tenant, trunk, node) {
        const item = trunks.get(id(tenant, trunk));
        if (!item) return Promise.resolve(false);
        const { owner } = item;
        const isOthers = owner !== undefined && owner !== node;
        if (isOthers && !hasLapsed(owner)) return Promise.resolve(false);
        const state = isOthers ? 'down' : item.state;
        trunks.set(id(tenant, trunk), { ...item, owner: node, state });
        return Promise.resolve(true);
      },
      async reportUp(tenant, trunk, node, implicitSet) {
        const item = await Promise.resolve().then(() => ownedBy(tenant, trunk, node));
        trunks.set(id(tenant, trunk), { ...item, state: 'up', implicitSet: [...implicitSet] });
      },
      async reportDown(tenant, trunk, node) {
        const item = await Promise.resolve().then(() => ownedBy(tenant, trunk, node));
        trunks.set(id(tenant, trunk), { ...item, state: 'down' });
      },
      release(tenant, trunk, node) {
        const item = trunks.get(id(tenant, trunk));
        if (item?.owner === node) {
          const { owner: _, ...free } = item;
          trunks.set(id(tenant, trunk), { ...free, state: 'down' });
        }
        return Promise.resolve();
      },
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
    sessions: {
      appendEvent({ sessionId }, seq, json) {
        const kept = events.get(sessionId) ?? new Map<number, string>();
        events.set(sessionId, kept.set(seq, json));
        return Promise.resolve();
      },
      lastSeq: (session) => Promise.resolve(Math.max(0, ...(events.get(session)?.keys() ?? []))),
      detach(session, connection) {
        const { connectionId, ...rest } = sessions.get(session) ?? {};
        if (connectionId === connection) sessions.set(session, rest);
        return Promise.resolve();
      },
      end(session) {
        const { connectionId: _, ...rest } = sessions.get(session) ?? {};
        if (sessions.has(session)) sessions.set(session, { ...rest, state: 'ended' });
        return Promise.resolve();
      },
    },
    registry: {
      announce(node) {
        nodes.set(node.nodeId, node);
        return Promise.resolve();
      },
      renew(node, facts) {
        const item = nodes.get(node);
        if (item) nodes.set(node, { ...item, ...facts });
        const failure = new IwfError('store.failed', { operation: 'renew' });
        return item ? Promise.resolve() : Promise.reject(failure);
      },
      withdraw(node) {
        nodes.delete(node);
        return Promise.resolve();
      },
    },
    calls: {
      begin(call) {
        mergeCall(id(call.tenantId, call.callId), 'startedAtMs', call);
        return Promise.resolve();
      },
      answered(tenant, call, answeredAtMs) {
        mergeCall(id(tenant, call), 'answeredAtMs', { answeredAtMs });
        return Promise.resolve();
      },
      end(tenant, call, end) {
        mergeCall(id(tenant, call), 'endedAtMs', end);
        return Promise.resolve();
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
    call: (tenant, call) => Promise.resolve(calls.get(id(tenant, call))),
    nodesUp() {
      const up = [...nodes.values()].filter(({ state }) => state === 'up');
      const keyed = up.map(({ used, nodeId }) => [`${padded(used)}#${nodeId}`, nodeId] as const);
      return Promise.resolve(keyed.sort().map(([, nodeId]) => nodeId));
    },
  };
  return { stores, world };
}

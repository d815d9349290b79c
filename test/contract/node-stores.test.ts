import { randomUUID } from 'node:crypto';
import {
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
} from '@aws-sdk/lib-dynamodb';
import {
  connectionId,
  type Impu,
  impu,
  nodeId,
  sessionId,
  tenantId,
  trunkId,
} from '@isthmus/shared/domain/ids';
import { type CallItem, type CallRecord, callItem } from '@isthmus/shared/store/call-records';
import type { NodeItem, SessionItem, TrunkItem } from '@isthmus/shared/store/items';
import {
  callKey,
  GSI1,
  impuKey,
  type Key,
  NODES_UP_GSI1PK,
  sessionKey,
  shardOf,
  TRUNKS_GSI1PK,
  tenantKey,
  trunkGsi1sk,
  trunkKey,
} from '@isthmus/shared/store/keys';
import type { RegistrationItem } from '@isthmus/shared/store/registration-items';
import { DynamoTable } from '../../functions/src/adapters/dynamo-table.ts';
import { createDynamoUsageReader } from '../../functions/src/adapters/dynamo-usage-reader.ts';
import { systemClock as functionsClock } from '../../functions/src/adapters/system-clock.ts';
import { createTable } from '../../local/src/dynamo/adapters/create-table.ts';
import {
  createDynamoStores,
  type NodeStores,
} from '../../media-node/src/adapters/dynamo/dynamo-stores.ts';
import type { Tenure } from '../../media-node/src/ports/stores.ts';
import { aTenant } from '../support/a-tenant.ts';
import { clientOf, DYNAMO_ENGINES, type DynamoEngine } from '../support/dynamo-engines.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { createNodeMemoryStores, type NodeWorld } from '../support/node-memory-stores.ts';

interface Opened {
  readonly stores: NodeStores;
  readonly world: NodeWorld;
  close(): Promise<void>;
}

const tableName = 'node-stores';

function worldIn(db: DynamoDBDocumentClient): NodeWorld {
  const put = async (key: Key, item: object) => {
    await db.send(new PutCommand({ TableName: tableName, Item: { ...item, ...key } }));
  };
  const get = async (Key: Key) =>
    (await db.send(new GetCommand({ TableName: tableName, Key: { ...Key }, ConsistentRead: true })))
      .Item;
  const query = async (where: string, values: Record<string, string>, IndexName?: string) => {
    const { Items = [] } = await db.send(
      new QueryCommand({
        TableName: tableName,
        KeyConditionExpression: where,
        ExpressionAttributeValues: values,
        ...(IndexName !== undefined && { IndexName }),
      }),
    );
    return Items;
  };
  const reader = createDynamoUsageReader(
    new DynamoTable({ client: db, tableName, clock: functionsClock }),
  );
  return {
    putTenant: (item) => put(tenantKey(tenantId(item.tenantId)), item),
    putTrunk(item) {
      const [tenant, trunk] = [tenantId(item.tenantId), trunkId(item.trunkId)] as const;
      const index = { gsi1pk: TRUNKS_GSI1PK, gsi1sk: trunkGsi1sk(tenant, trunk) };
      return put(trunkKey(tenant, trunk), { ...item, ...index });
    },
    putBinding: (item) => put(impuKey(tenantId(item.tenantId), impu(item.impu)), item),
    putSession: (item) => put(sessionKey(sessionId(item.sessionId)), item),
    session: (id) => get(sessionKey(sessionId(id))),
    async events(id) {
      const values = { ':pk': sessionKey(sessionId(id)).pk, ':sk': 'EVENT#' };
      const found = await query('pk = :pk AND begins_with(sk, :sk)', values);
      return found.map(({ json }) => String(json));
    },
    call: (tenant, attempt) => get(callKey(tenantId(tenant), attempt)),
    async records(tenant, month) {
      const found: CallRecord[] = [];
      for await (const record of reader.records(tenantId(tenant), month)) found.push(record);
      return found;
    },
    usage: (tenant, month) => reader.usage(tenantId(tenant), month),
    async nodesUp() {
      const found = await query('gsi1pk = :pk', { ':pk': NODES_UP_GSI1PK }, GSI1);
      return found.map(({ nodeId: id }) => String(id));
    },
  };
}

type Open = (clock: FakeClock) => Promise<Opened>;

const SUBJECTS: readonly (readonly [string, Open])[] = [
  [
    'in memory',
    (clock) =>
      Promise.resolve({ ...createNodeMemoryStores(clock), close: () => Promise.resolve() }),
  ],
  ...DYNAMO_ENGINES.map(([name, start]) => {
    const open: Open = async (clock) => {
      const engine: DynamoEngine = await start();
      const client = clientOf(engine.endpoint);
      await createTable(client, tableName);
      const { endpoint } = engine;
      const stores = createDynamoStores({ clock }, { endpoint, region: 'us-east-1', tableName });
      return {
        stores,
        world: worldIn(DynamoDBDocumentClient.from(client)),
        async close() {
          client.destroy();
          await engine.close();
        },
      };
    };
    return [`on ${name}`, open] as const;
  }),
];

const fresh = (): string => randomUUID();
const aTrunk = (tenant: string, more: Partial<TrunkItem> = {}): TrunkItem => ({
  tenantId: tenant,
  trunkId: 'main',
  impu: 'sip:pbx@ims.example',
  impi: 'pbx@ims.example',
  sealedPassword: 'kf1.x',
  state: 'down',
  implicitSet: [],
  ...more,
});
const aNode = (id: string, clock: FakeClock, more: Partial<NodeItem> = {}): NodeItem => ({
  nodeId: id,
  address: '127.0.0.1',
  port: 8443,
  certificatePem: 'pem',
  controlKey: 'key',
  epoch: 1,
  leaseUntilMs: clock.nowMs() + 20_000,
  capacity: 10,
  used: 0,
  state: 'up',
  ...more,
});
const aSession = (id: string, clock: FakeClock): SessionItem => ({
  sessionId: id,
  tenantId: 'acme',
  userName: 'dora',
  option: 'token',
  resumeKeySha256: 'hash',
  connectionId: 'conn-1',
  nodeId: 'n-1',
  state: 'live',
  ttl: Math.floor(clock.nowMs() / 1000) + 3_600,
});
const aCall = (attemptId: string, more: Partial<CallItem> = {}): CallItem => ({
  attemptId,
  callId: 'call-1',
  tenantId: 'acme',
  sessionId: 's-1',
  nodeId: 'n-1',
  userName: 'dora',
  direction: 'outgoing',
  peer: 'sip:echo@ims.example',
  startedAtMs: 1_000,
  ...more,
});
const traffic = {
  ...{ packetsReceived: 100, octetsReceived: 16_000, packetsLost: 1 },
  ...{ packetsSent: 99, octetsSent: 15_840 },
};
const aRecord = (call: CallItem, more: Partial<CallRecord> = {}): CallRecord => ({
  ...call,
  endedAtMs: 3_000,
  cause: 'hung-up',
  blame: 'user',
  ...more,
});

/** Of `aSession` and `aNode`. */
const N1 = { nodeId: nodeId('n-1'), epoch: 1 };
const at = (node: ReturnType<typeof nodeId>) => ({ nodeId: node, epoch: 1 });

describe.each(SUBJECTS)('OPS-2: the stores of a media node %s', (_name, open) => {
  const clock = new FakeClock();
  clock.advance(Date.now());
  let opened: Opened;
  let stores: NodeStores;
  let world: NodeWorld;

  beforeAll(async () => {
    opened = await open(clock);
    ({ stores, world } = opened);
  });
  afterAll(() => opened.close());

  it('know a tenant, and say that another is unknown', async () => {
    const id = fresh();
    await world.putTenant(aTenant(id));

    expect(await stores.tenants.get(tenantId(id))).toEqual(aTenant(id));
    await expect(stores.tenants.get(tenantId('nobody'))).rejects.toMatchObject({
      code: 'tenant.unknown',
    });
  });

  it('find the user of an IMPU within one tenant only', async () => {
    const [tenant, identity] = [fresh(), 'sip:dora@ims.example'] as const;
    const binding = { tenantId: tenant, userName: 'dora', impu: identity, trunkId: 'main' };
    await world.putBinding(binding);

    expect(await stores.bindings.byImpu(tenantId(tenant), impu(identity))).toEqual(binding);
    expect(await stores.bindings.byImpu(tenantId('other'), impu(identity))).toBeUndefined();
  });

  it('REG-1: find nobody behind an IMPU that rests', async () => {
    const [tenant, identity] = [fresh(), 'sip:dora@ims.example'] as const;
    const binding = { tenantId: tenant, userName: 'dora', impu: identity, trunkId: 'main' };
    await world.putBinding({ ...binding, restsUntilMs: 9_000_000_000_000 });

    expect(await stores.bindings.byImpu(tenantId(tenant), impu(identity))).toBeUndefined();
  });

  describe('REG-1: keep a trunk that', () => {
    let tenant: ReturnType<typeof tenantId>;
    const trunk = trunkId('main');
    let nodes: { a: ReturnType<typeof nodeId>; b: ReturnType<typeof nodeId> };
    const by = (node: 'a' | 'b') => ({ nodeId: nodes[node], epoch: 1 });
    const name = () => ({ tenantId: tenant, trunkId: trunk });
    const claim = async (node: 'a' | 'b') =>
      (await stores.trunks.claim(name(), by(node), `urn:uuid:${node}`)) !== undefined;
    const stored = async () =>
      (await stores.trunks.list()).find(({ tenantId: owner }) => owner === tenant);

    beforeEach(async () => {
      tenant = tenantId(fresh());
      nodes = { a: nodeId(fresh()), b: nodeId(fresh()) };
      await world.putTrunk(aTrunk(tenant));
      await stores.registry.announce(aNode(nodes.a, clock));
      await stores.registry.announce(aNode(nodes.b, clock));
    });

    it('one node owns, which may claim it again, and no other', async () => {
      expect(await claim('a')).toBe(true);
      expect(await claim('a')).toBe(true);
      expect(await claim('b')).toBe(false);
      expect(await stored()).toMatchObject({ owner: nodes.a });
    });

    it('REG-6: remembers what its card has accepted, as its owner says', async () => {
      await claim('a');

      expect(await stores.trunks.noteSequence(name(), by('a'), { 1: 33 })).toBe(true);
      expect(await stores.trunks.noteSequence(name(), by('b'), {})).toBe(false);

      expect((await stored())?.cardSequence).toEqual({ 1: 33 });
    });

    it('exactly one of many claimants gets', async () => {
      const many = Array.from({ length: 8 }, () => nodeId(fresh()));
      for (const node of many) await stores.registry.announce(aNode(node, clock));

      const claims = await Promise.all(
        many.map((node) => stores.trunks.claim(name(), { nodeId: node, epoch: 1 }, 'urn:uuid:x')),
      );

      expect(claims.filter(Boolean)).toHaveLength(1);
    });

    it('another node takes over, down, when the lease of its owner has lapsed', async () => {
      await claim('a');
      await stores.trunks.reportUp(name(), by('a'), []);
      const facts = { leaseUntilMs: clock.nowMs(), used: 0, state: 'up' as const };
      await stores.registry.renew(by('a'), facts);

      expect(await claim('b')).toBe(true);
      expect(await stored()).toMatchObject({ owner: nodes.b, state: 'down' });
      expect(await claim('a')).toBe(false);
    });

    it('another node takes over when its owner has left the registry', async () => {
      await claim('a');
      await stores.registry.withdraw(by('a'));

      expect(await claim('b')).toBe(true);
    });

    it('stays with an owner that renewed its lease in time', async () => {
      await claim('a');
      const facts = { leaseUntilMs: clock.nowMs() + 1, used: 3, state: 'draining' as const };
      await stores.registry.renew(by('a'), facts);

      expect(await claim('b')).toBe(false);
    });

    it('only its owner reports on', async () => {
      await claim('a');
      await stores.trunks.reportUp(name(), by('a'), [impu('sip:one@ims.example')]);
      const refused = { code: 'store.failed' };

      await expect(stores.trunks.reportUp(name(), by('b'), [])).rejects.toMatchObject(refused);
      await expect(stores.trunks.reportDown(name(), by('b'))).rejects.toMatchObject(refused);
      expect(await stored()).toMatchObject({ state: 'up', implicitSet: ['sip:one@ims.example'] });
      await stores.trunks.reportDown(name(), by('a'));
      expect(await stored()).toMatchObject({ state: 'down', owner: nodes.a });
    });

    it('is free again once its owner, and nobody else, has released it', async () => {
      await claim('a');
      await stores.trunks.release(name(), by('b'));
      expect(await stored()).toMatchObject({ owner: nodes.a });

      await stores.trunks.release(name(), by('a'));
      expect((await stored())?.owner).toBeUndefined();
      expect(await claim('b')).toBe(true);
    });

    it('never was, for nobody', async () => {
      const absent = { tenantId: tenant, trunkId: trunkId('absent') };
      expect(await stores.trunks.claim(absent, by('a'), 'urn:uuid:x')).toBeUndefined();
    });
  });

  it('SES-5: keep where calls of a user go, by tenant, option and name', async () => {
    const { forwardings } = stores;
    const user = { tenantId: tenantId('coast'), option: 'ip-pbx', userName: fresh() } as const;
    const box = { whenOffline: '+4930123400', whenBusy: 'box' };
    await forwardings.put(user, box);

    expect(await forwardings.get(user)).toEqual(box);
    expect(await forwardings.get({ ...user, option: 'token' })).toBeUndefined();
    expect(await forwardings.get({ ...user, tenantId: tenantId('harbour') })).toBeUndefined();
    await forwardings.put(user, { whenUnanswered: 'box', ringS: 20 });
    expect(await forwardings.get(user)).toEqual({ whenUnanswered: 'box', ringS: 20 });
    await forwardings.put(user, {});
    expect(await forwardings.get(user)).toBeUndefined();
  });

  describe('SES-8: keep events of a session', () => {
    it('in their order, each once', async () => {
      const session = sessionId(fresh());
      expect(await stores.sessions.lastSeq(session)).toBe(0);

      for (const seq of [1, 10, 9, 2, 2]) {
        const owner = { tenantId: tenantId('coast'), sessionId: session };
        const event = { owner, seq, json: `{"seq":${String(seq)}}`, writer: N1 };
        expect(await stores.sessions.appendEvent(event)).toBe(true);
      }

      expect(await stores.sessions.lastSeq(session)).toBe(10);
      expect(await world.events(session)).toEqual([
        '{"seq":1}',
        '{"seq":2}',
        '{"seq":9}',
        '{"seq":10}',
      ]);
    });
  });

  describe('keep a session that', () => {
    it('loses its connection, but not a newer one', async () => {
      const session = sessionId(fresh());
      await world.putSession(aSession(session, clock));

      await stores.sessions.detach(session, connectionId('conn-0'));
      expect(await world.session(session)).toMatchObject({ connectionId: 'conn-1' });
      await stores.sessions.detach(session, connectionId('conn-1'));
      expect(await world.session(session)).not.toHaveProperty('connectionId');
    });

    it('ends, and stays ended', async () => {
      const session = sessionId(fresh());
      await world.putSession(aSession(session, clock));

      await stores.sessions.end(session, N1);
      await stores.sessions.end(session, N1);

      expect(await world.session(session)).toMatchObject({ state: 'ended', userName: 'dora' });
      expect(await world.session(session)).not.toHaveProperty('connectionId');
    });

    it('never was, and is not made by ending it', async () => {
      const session = sessionId(fresh());
      await stores.sessions.end(session, N1);
      await stores.sessions.detach(session, connectionId('conn-1'));

      expect(await world.session(session)).toBeUndefined();
    });
  });

  describe('REG-10: keep a registration that', () => {
    let name: { readonly tenantId: ReturnType<typeof tenantId>; readonly impu: Impu };
    let a: Tenure;
    let b: Tenure;
    const item = (owner: Tenure, instanceId = 'urn:uuid:1'): RegistrationItem => ({
      ...name,
      impi: 'dora@ims.example',
      sealedPassword: 'kf1.x',
      instanceId,
      owner: owner.nodeId,
      ownerEpoch: owner.epoch,
    });
    const found = () => stores.registrations.get(name);
    const of = async (node: Tenure) =>
      (await stores.registrations.ownedBy(node.nodeId, shardOf(name.tenantId, name.impu))).length;

    beforeEach(() => {
      name = { tenantId: tenantId(fresh()), impu: impu('sip:dora@ims.example') };
      [a, b] = [at(nodeId(fresh())), at(nodeId(fresh()))];
    });

    it('one node makes, which may make it anew, and no other', async () => {
      expect(await stores.registrations.create(item(a))).toBe(true);
      expect(await stores.registrations.create(item(a, 'urn:uuid:2'))).toBe(true);
      expect(await stores.registrations.create(item(b))).toBe(false);
      expect(await stores.registrations.create(item({ ...a, epoch: 2 }))).toBe(false);
      expect(await found()).toEqual(item(a, 'urn:uuid:2'));
      expect(await of(a)).toBe(1);
    });

    it('exactly one of many survivors gets, and with it its place in the index', async () => {
      await stores.registrations.create(item(a));
      const survivors = Array.from({ length: 8 }, () => at(nodeId(fresh())));

      const claims = await Promise.all(
        survivors.map((node) => stores.registrations.claim(item(a), node)),
      );

      const winner = survivors[claims.indexOf(true)] ?? a;
      expect(claims.filter(Boolean)).toHaveLength(1);
      expect(await found()).toEqual(item(winner));
      expect([await of(a), await of(winner)]).toEqual([0, 1]);
    });

    it('only its owner ends, in the epoch and under the instance it has', async () => {
      await stores.registrations.create(item(a));

      await stores.registrations.end({ ...name, instanceId: 'urn:uuid:1' }, b);
      await stores.registrations.end({ ...name, instanceId: 'urn:uuid:1' }, { ...a, epoch: 2 });
      await stores.registrations.end({ ...name, instanceId: 'urn:uuid:2' }, a);
      expect(await found()).toBeDefined();
      await stores.registrations.end({ ...name, instanceId: 'urn:uuid:1' }, a);
      expect(await found()).toBeUndefined();
    });

    it('is handed over in steps, each of which needs the one before', async () => {
      await stores.registrations.create(item(a));
      expect(await stores.registrations.succeed(item(a), b)).toBe(false);
      expect(await stores.registrations.offer(name, b)).toBe(false);

      expect(await stores.registrations.offer(name, a)).toBe(true);
      expect(await stores.registrations.complete(item(a), b)).toBe(false);
      expect(await stores.registrations.succeed(item(a), b)).toBe(true);
      expect(await stores.registrations.succeed(item(a), at(nodeId(fresh())))).toBe(false);
      expect(await stores.registrations.isOwned(name, a)).toBe(true);
      expect(await stores.registrations.complete(item(a), b)).toBe(true);

      expect(await found()).toEqual(item(b));
      expect(await stores.registrations.isOwned(name, b)).toBe(true);
      expect(await stores.registrations.recall(name, a)).toBe(false);
    });

    it('REG-6: remembers what its card has accepted, as its owner says, and takes it along', async () => {
      await stores.registrations.create(item(a));

      expect(await stores.registrations.noteSequence(name, a, { 1: 33, 31: 2 ** 48 - 1 })).toBe(
        true,
      );
      expect(await stores.registrations.noteSequence(name, b, {})).toBe(false);
      expect(await stores.registrations.claim(item(a), b)).toBe(true);

      expect((await found())?.cardSequence).toEqual({ 1: 33, 31: 2 ** 48 - 1 });
    });

    it('stays where an offer was taken back, until it is made again', async () => {
      await stores.registrations.create(item(a));
      await stores.registrations.offer(name, a);
      await stores.registrations.succeed(item(a), b);

      expect(await stores.registrations.recall(name, a)).toBe(true);
      expect(await stores.registrations.complete(item(a), b)).toBe(false);
      await stores.registrations.offer(name, a);
      expect(await stores.registrations.complete(item(a), b)).toBe(true);
    });

    it.each([
      ['a client shares with its devices', () => name],
      ['is a trunk', () => ({ tenantId: name.tenantId, trunkId: trunkId('main') })],
    ])('%s, and knows the sessions on it', async (_what, shared) => {
      const member = (session: string) => ({ ...name, sessionId: session });
      await stores.members.add(shared(), member('s-1'));
      await stores.members.add(shared(), member('s-2'));
      await stores.members.add(shared(), member('s-2'));
      await stores.members.remove(shared(), sessionId('s-1'));

      expect(await stores.members.list(shared())).toEqual([member('s-2')]);
    });
  });

  describe('REG-10: bury a node', () => {
    const lapsed = (node: Tenure, more: Partial<NodeItem> = {}) =>
      stores.registry.announce(
        aNode(node.nodeId, clock, { leaseUntilMs: clock.nowMs(), epoch: node.epoch, ...more }),
      );
    const stateOf = async ({ nodeId: id }: Tenure) =>
      (await stores.registry.list()).find((it) => it.nodeId === id)?.state;

    it('whose lease has lapsed, and that can never renew it again', async () => {
      const node = at(nodeId(fresh()));
      await lapsed(node);

      expect(await stores.registry.bury(node)).toBe(true);
      expect(await stores.registry.bury(node)).toBe(true);
      const facts = { leaseUntilMs: clock.nowMs() + 20_000, used: 0, state: 'up' as const };
      await expect(stores.registry.renew(node, facts)).rejects.toMatchObject({
        code: 'store.failed',
      });
      expect(await stateOf(node)).toBe('dead');
      expect(await world.nodesUp()).not.toContain(node.nodeId);
      await stores.registry.forget(node);
      expect(await stateOf(node)).toBeUndefined();
    });

    it('never while its lease lives', async () => {
      const node = at(nodeId(fresh()));
      await lapsed(node, { leaseUntilMs: clock.nowMs() + 1 });

      expect(await stores.registry.bury(node)).toBe(false);
      expect(await stateOf(node)).toBe('up');
    });

    it('in one epoch only: it may be back in the next', async () => {
      const node = at(nodeId(fresh()));
      const next = { ...node, epoch: 2 };
      await lapsed(next, { leaseUntilMs: clock.nowMs() + 20_000 });

      expect(await stores.registry.bury(node)).toBe(true);
      await stores.registry.forget(node);
      await stores.registry.withdraw(node);
      expect(await stateOf(next)).toBe('up');
    });
  });

  describe('SES-8: move a session', () => {
    const n2 = { nodeId: nodeId('n-2'), epoch: 7 };

    it('from the node that had it, once, after which the former node ends nothing', async () => {
      const session = sessionId(fresh());
      await world.putSession(aSession(session, clock));

      const moved = await stores.sessions.adopt(session, N1.nodeId, n2);
      await stores.sessions.end(session, N1);
      await stores.sessions.end(session, { ...n2, epoch: 6 });

      expect(moved).toMatchObject({ nodeId: 'n-2', nodeEpoch: 7, connectionId: 'conn-1' });
      expect(await stores.sessions.adopt(session, N1.nodeId, n2)).toBeUndefined();
      expect(await world.session(session)).toMatchObject({ state: 'live' });
      await stores.sessions.end(session, n2);
      expect(await world.session(session)).toMatchObject({ state: 'ended' });
    });

    it('and give a number to one event only, whoever writes it', async () => {
      const owner = { tenantId: tenantId('coast'), sessionId: sessionId(fresh()) };
      const event = { owner, seq: 4, json: '{"of":"n-1"}', writer: N1 };

      expect(await stores.sessions.appendEvent(event)).toBe(true);
      expect(await stores.sessions.appendEvent({ ...event, json: '{}', writer: n2 })).toBe(false);

      expect(await world.events(owner.sessionId)).toEqual(['{"of":"n-1"}']);
    });

    it('and find the calls of its former node that have not ended', async () => {
      const node = nodeId(fresh());
      const [live, over] = [fresh(), fresh()].map((id) => aCall(id, { nodeId: node }));
      for (const call of [live, over]) if (call) await stores.calls.begin(call);
      if (over) await stores.calls.end(aRecord(over));

      expect(await stores.calls.liveOn(node)).toEqual([live]);
    });
  });

  describe('OPS-4: keep the registry, in which a node', () => {
    it('of those with as many calls comes first that has fewer registrations', async () => {
      const [many, few] = [nodeId(fresh()), nodeId(fresh())];
      const facts = { leaseUntilMs: clock.nowMs() + 20_000, used: 0, state: 'up' as const };
      for (const id of [many, few]) await stores.registry.announce(aNode(id, clock));
      await stores.registry.renew(at(many), { ...facts, registrations: 12 });
      await stores.registry.renew(at(few), { ...facts, registrations: 9 });

      const up = await world.nodesUp();
      expect(up.filter((id) => id === many || id === few)).toEqual([few, many]);
    });

    it('is found by how much it has to do, until it drains or leaves', async () => {
      const [a, b, c] = [nodeId(fresh()), nodeId(fresh()), nodeId(fresh())] as const;
      const mine = async () => {
        const up = await world.nodesUp();
        return up.filter((id) => [a, b, c].some((one) => one === id));
      };
      await stores.registry.announce(aNode(a, clock, { used: 7 }));
      await stores.registry.announce(aNode(b, clock, { used: 2 }));
      await stores.registry.announce(aNode(c, clock, { used: 10 }));
      expect(await mine()).toEqual([b, a, c]);

      const leaseUntilMs = clock.nowMs() + 20_000;
      await stores.registry.renew(at(b), { leaseUntilMs, used: 8, state: 'up' });
      expect(await mine()).toEqual([a, b, c]);
      await stores.registry.renew(at(a), { leaseUntilMs, used: 7, state: 'draining' });
      await stores.registry.withdraw(at(c));
      expect(await mine()).toEqual([b]);
    });

    it('cannot renew what it never announced', async () => {
      const facts = { leaseUntilMs: clock.nowMs(), used: 0, state: 'up' as const };

      await expect(stores.registry.renew(at(nodeId(fresh())), facts)).rejects.toMatchObject({
        code: 'store.failed',
      });
    });
  });

  describe('OPS-3: keep the record of a call', () => {
    const acme = tenantId('acme');
    const APRIL_MS = Date.UTC(2026, 3, 1);

    it('from its beginning to its end, each written once', async () => {
      const call = aCall(fresh());
      await stores.calls.begin(call);
      await stores.calls.begin({ ...call, peer: 'sip:other@ims.example', startedAtMs: 9 });
      const answered = { ...call, ringingAtMs: 1_500, answeredAtMs: 2_000 };
      await stores.calls.answered(answered);
      const record = aRecord(answered, {
        ...{ sipCallId: 'c@ims', codec: 'PCMA', media: { access: traffic, ims: traffic } },
      });

      expect(await stores.calls.end(record)).toBe(true);
      expect(await stores.calls.end({ ...record, cause: 'media-lost' })).toBe(false);
      await stores.calls.answered({ ...answered, answeredAtMs: 2_500 });
      await stores.calls.begin(call);

      expect(await world.call(acme, call.attemptId)).toMatchObject(record);
    });

    it('of an attempt that never began, and is not begun later', async () => {
      const tenant = fresh();
      const { sessionId: _s, userName: _u, ...call } = aCall(fresh(), { tenantId: tenant });
      const record: CallRecord = {
        ...{ ...call, endedAtMs: 1_000, cause: 'not-found', blame: 'peer' },
        ...{ code: 'call.bad-target', sipStatus: 404 },
      };

      await stores.calls.end(record);
      await stores.calls.begin(aCall(call.attemptId, { tenantId: tenant }));

      expect(await world.records(tenant, '1970-01')).toEqual([record]);
      expect(await world.usage(tenant, '1970-01')).toEqual({
        ...{ calls: 1, answeredCalls: 0, seconds: 0 },
      });
    });

    it('for a node that died, by whichever survivor is first', async () => {
      const tenant = fresh();
      const call = aCall(fresh(), { tenantId: tenant, answeredAtMs: 1_500 });
      await stores.calls.begin(call);
      const died = aRecord(call, { endedAtMs: 21_000, cause: 'network-failure', blame: 'network' });

      const first = await Promise.all(Array.from({ length: 6 }, () => stores.calls.end(died)));

      expect(first.filter(Boolean)).toHaveLength(1);
      expect(await world.usage(tenant, '1970-01')).toEqual({
        ...{ calls: 1, answeredCalls: 1, seconds: 20 },
      });
    });

    it('by tenant and month, in the order they began, and counts a hundred at once', async () => {
      const tenants = [fresh(), fresh()] as const;
      const records = Array.from({ length: 100 }, (_, at) => {
        const startedAtMs = APRIL_MS + (at - 50) * 1_000;
        const call = aCall(fresh(), { tenantId: tenants[at % 2 === 0 ? 0 : 1], startedAtMs });
        const answeredAtMs = startedAtMs + 500;
        const isAnswered = at % 4 === 0;
        const answered = isAnswered ? { ...call, answeredAtMs } : call;
        return aRecord(answered, { endedAtMs: answeredAtMs + 1_001 });
      });

      await Promise.all(records.map((record) => stores.calls.end(record)));
      await Promise.all(records.map((record) => stores.calls.end(record)));

      const [first, second] = tenants;
      const april = await world.records(first, '2026-04');
      expect(april).toEqual(
        records.filter((it) => it.tenantId === first && it.startedAtMs >= APRIL_MS),
      );
      expect(april).toHaveLength(25);
      expect(await world.usage(first, '2026-04')).toEqual({
        ...{ calls: 25, answeredCalls: 12, seconds: 24 },
      });
      expect(await world.usage(first, '2026-03')).toMatchObject({ calls: 25 });
      expect(await world.usage(second, '2026-04')).toEqual({
        ...{ calls: 25, answeredCalls: 0, seconds: 0 },
      });
      expect(await world.records(fresh(), '2026-04')).toEqual([]);
    });

    it('for as long as its tenant keeps records, and the month’s usage likewise', async () => {
      const tenant = fresh();
      const accounting = { recordsKeptDays: 2, usageKeptDays: 40 };
      await world.putTenant({ ...aTenant(tenant), accounting });
      const nowMs = functionsClock.nowMs();
      const call = aCall(fresh(), { tenantId: tenant, startedAtMs: nowMs });
      const record = aRecord(call, { endedAtMs: nowMs });

      await stores.calls.end(record);

      const kept = (await world.call(tenant, record.attemptId)) as Record<string, unknown>;
      const month = new Date(nowMs).toISOString().slice(0, 7);
      expect(kept['ttl']).toBe(Math.floor(nowMs / 1000) + 2 * 86_400);
      expect(await world.records(tenant, month)).toEqual([record]);
      expect(await world.usage(tenant, month)).toMatchObject({ calls: 1 });
    });

    it('lets in as many of a month as the quota says, however many come at once', async () => {
      const tenant = tenantId(fresh());
      const admit = () => stores.calls.admit(tenant, { callsPerMonth: 5 });

      const admissions = await Promise.all(Array.from({ length: 12 }, admit));

      expect(admissions.filter((it) => it === 'admitted')).toHaveLength(5);
      expect(admissions.filter((it) => it === 'calls')).toHaveLength(7);
      expect(await stores.calls.admit(tenant, { callsPerMonth: 0 })).toBe('calls');
      expect(await stores.calls.admit(tenant, { callsPerMonth: 6 })).toBe('admitted');
      expect(await stores.calls.admit(tenantId(fresh()), { callsPerMonth: 0 })).toBe('calls');
    });

    it('lets in until the minutes of a month are talked', async () => {
      const tenant = fresh();
      const quota = { minutesPerMonth: 1 };
      await world.putTenant({ ...aTenant(tenant), accounting: { quota } });
      const call = aCall(fresh(), {
        ...{ tenantId: tenant, startedAtMs: clock.nowMs(), answeredAtMs: clock.nowMs() },
      });

      const before = await stores.calls.admit(tenantId(tenant), quota);
      await stores.calls.end(aRecord(call, { endedAtMs: clock.nowMs() + 60_000 }));
      const after = await stores.calls.admit(tenantId(tenant), quota);

      expect([before, after]).toEqual(['admitted', 'minutes']);
    });

    it('readable as what it is while it lives', async () => {
      const call = aCall(fresh(), { own: 'sip:dora@ims.example', isHidden: true });
      await stores.calls.begin(call);

      expect(callItem.parse(await world.call(acme, call.attemptId))).toEqual(call);
    });
  });
});

describe('OPS-2: stores whose table is out of reach', () => {
  it('fail with a code of ours', async () => {
    const clock = new FakeClock();
    const endpoint = 'http://127.0.0.1:9';
    const { bindings } = createDynamoStores({ clock }, { endpoint, region: 'eu', tableName });

    await expect(bindings.byImpu(tenantId('acme'), impu('sip:a@b'))).rejects.toMatchObject({
      code: 'store.failed',
    });
  });
});

import { randomUUID } from 'node:crypto';
import {
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
} from '@aws-sdk/lib-dynamodb';
import {
  callId,
  connectionId,
  impu,
  nodeId,
  sessionId,
  tenantId,
  trunkId,
} from '@isthmus/shared/domain/ids';
import type {
  CallItem,
  NodeItem,
  SessionItem,
  TenantItem,
  TrunkItem,
} from '@isthmus/shared/store/items';
import {
  callKey,
  GSI1,
  impuKey,
  type Key,
  NODES_UP_GSI1PK,
  sessionKey,
  TRUNKS_GSI1PK,
  tenantKey,
  trunkGsi1sk,
  trunkKey,
} from '@isthmus/shared/store/keys';
import { createTable } from '../../local/src/dynamo/adapters/create-table.ts';
import {
  createDynamoStores,
  type NodeStores,
} from '../../media-node/src/adapters/dynamo/dynamo-stores.ts';
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
    call: (tenant, call) => get(callKey(tenantId(tenant), callId(call))),
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
const aTenant = (id: string): TenantItem => ({
  tenantId: id,
  allowedOrigins: ['*'],
  options: ['token'],
  showImpu: true,
  graceS: 30,
  codecs: ['PCMA'],
  ims: {
    homeDomain: 'ims.example',
    transport: 'tcp',
    pcscf: [{ host: '127.0.0.1', port: 5060 }],
    initialAuthorization: true,
  },
});
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
const aCall = (id: string, more: Partial<CallItem> = {}): CallItem => ({
  callId: id,
  tenantId: 'acme',
  sessionId: 's-1',
  nodeId: 'n-1',
  userName: 'dora',
  direction: 'outgoing',
  peer: 'sip:echo@ims.example',
  startedAtMs: 1_000,
  ...more,
});

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
    const claim = (node: 'a' | 'b') => stores.trunks.claim(tenant, trunk, nodes[node]);
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

    it('exactly one of many claimants gets', async () => {
      const many = Array.from({ length: 8 }, () => nodeId(fresh()));
      for (const node of many) await stores.registry.announce(aNode(node, clock));

      const claims = await Promise.all(
        many.map((node) => stores.trunks.claim(tenant, trunk, node)),
      );

      expect(claims.filter(Boolean)).toHaveLength(1);
    });

    it('another node takes over, down, when the lease of its owner has lapsed', async () => {
      await claim('a');
      await stores.trunks.reportUp(tenant, trunk, nodes.a, []);
      const facts = { leaseUntilMs: clock.nowMs(), used: 0, state: 'up' as const };
      await stores.registry.renew(nodes.a, facts);

      expect(await claim('b')).toBe(true);
      expect(await stored()).toMatchObject({ owner: nodes.b, state: 'down' });
      expect(await claim('a')).toBe(false);
    });

    it('another node takes over when its owner has left the registry', async () => {
      await claim('a');
      await stores.registry.withdraw(nodes.a);

      expect(await claim('b')).toBe(true);
    });

    it('stays with an owner that renewed its lease in time', async () => {
      await claim('a');
      const facts = { leaseUntilMs: clock.nowMs() + 1, used: 3, state: 'draining' as const };
      await stores.registry.renew(nodes.a, facts);

      expect(await claim('b')).toBe(false);
    });

    it('only its owner reports on', async () => {
      await claim('a');
      await stores.trunks.reportUp(tenant, trunk, nodes.a, [impu('sip:one@ims.example')]);
      const refused = { code: 'store.failed' };
      const { b } = nodes;

      await expect(stores.trunks.reportUp(tenant, trunk, b, [])).rejects.toMatchObject(refused);
      await expect(stores.trunks.reportDown(tenant, trunk, b)).rejects.toMatchObject(refused);
      expect(await stored()).toMatchObject({ state: 'up', implicitSet: ['sip:one@ims.example'] });
      await stores.trunks.reportDown(tenant, trunk, nodes.a);
      expect(await stored()).toMatchObject({ state: 'down', owner: nodes.a });
    });

    it('is free again once its owner, and nobody else, has released it', async () => {
      await claim('a');
      await stores.trunks.release(tenant, trunk, nodes.b);
      expect(await stored()).toMatchObject({ owner: nodes.a });

      await stores.trunks.release(tenant, trunk, nodes.a);
      expect((await stored())?.owner).toBeUndefined();
      expect(await claim('b')).toBe(true);
    });

    it('never was, for nobody', async () => {
      expect(await stores.trunks.claim(tenant, trunkId('absent'), nodes.a)).toBe(false);
    });
  });

  describe('SES-8: keep events of a session', () => {
    it('in their order, each once', async () => {
      const session = sessionId(fresh());
      expect(await stores.sessions.lastSeq(session)).toBe(0);

      for (const seq of [1, 10, 9, 2, 2]) {
        const owner = { tenantId: tenantId('coast'), sessionId: session };
        await stores.sessions.appendEvent(owner, seq, `{"seq":${String(seq)}}`);
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

      await stores.sessions.end(session);
      await stores.sessions.end(session);

      expect(await world.session(session)).toMatchObject({ state: 'ended', userName: 'dora' });
      expect(await world.session(session)).not.toHaveProperty('connectionId');
    });

    it('never was, and is not made by ending it', async () => {
      const session = sessionId(fresh());
      await stores.sessions.end(session);
      await stores.sessions.detach(session, connectionId('conn-1'));

      expect(await world.session(session)).toBeUndefined();
    });
  });

  describe('OPS-4: keep the registry, in which a node', () => {
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
      await stores.registry.renew(b, { leaseUntilMs, used: 8, state: 'up' });
      expect(await mine()).toEqual([a, b, c]);
      await stores.registry.renew(a, { leaseUntilMs, used: 7, state: 'draining' });
      await stores.registry.withdraw(c);
      expect(await mine()).toEqual([b]);
    });

    it('cannot renew what it never announced', async () => {
      const facts = { leaseUntilMs: clock.nowMs(), used: 0, state: 'up' as const };

      await expect(stores.registry.renew(nodeId(fresh()), facts)).rejects.toMatchObject({
        code: 'store.failed',
      });
    });
  });

  describe('OPS-3: keep the record of a call', () => {
    const acme = tenantId('acme');

    it('from its beginning to its end, each written once', async () => {
      const call = callId(fresh());
      await stores.calls.begin(aCall(call));
      await stores.calls.begin(aCall(call, { peer: 'sip:other@ims.example', startedAtMs: 9 }));
      await stores.calls.answered(acme, call, 2_000);
      await stores.calls.answered(acme, call, 2_500);
      await stores.calls.end(acme, call, { endedAtMs: 3_000, cause: 'hung-up' });
      await stores.calls.end(acme, call, { endedAtMs: 4_000, cause: 'media-lost' });

      expect(await world.call(acme, call)).toMatchObject({
        ...aCall(call),
        answeredAtMs: 2_000,
        endedAtMs: 3_000,
        cause: 'hung-up',
      });
    });

    it('whole, when the end is written before the beginning', async () => {
      const call = callId(fresh());
      await stores.calls.end(acme, call, { endedAtMs: 3_000, cause: 'busy' });
      await stores.calls.begin(aCall(call));

      expect(await world.call(acme, call)).toMatchObject({
        ...aCall(call),
        endedAtMs: 3_000,
        cause: 'busy',
      });
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

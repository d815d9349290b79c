import { rm } from 'node:fs/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, GetCommand, paginateScan } from '@aws-sdk/lib-dynamodb';
import { type Cluster, startCluster } from '../../../local/src/cluster.ts';
import type { DemoUser, DemoWorld } from '../../../local/src/demo-world.ts';
import { loadDemoWorld } from '../../../local/src/demo-world.ts';
import { useLocalCredentials } from '../../../local/src/env.ts';
import type { ImsSimulator } from '../../../local/src/ims/ims-types.ts';
import type { NodeProcess } from '../../../local/src/node-process.ts';
import { CHEAP_PASSWORDS } from '../../support/cheap-passwords.ts';
import { noLog } from '../../support/node-no-log.ts';
import { WireClient, type WireSession } from '../../support/wire-client.ts';
import { RawRtp } from '../ims-simulator/raw-rtp.ts';
import { RawPhone, tcpWire } from '../ims-simulator/raw-sip-client.ts';
import { aDataDir } from '../stack/a-stack.ts';

export interface Someone {
  readonly user: DemoUser;
  readonly wire: WireClient;
  readonly session: WireSession;
}

type Item = Readonly<Record<string, unknown>>;

/** Isthmus with several node processes on one table and one IMS, to take some of them away. */
export class TestCluster {
  readonly cluster: Cluster;
  readonly #dataDir: string;
  readonly #table: DynamoDBDocumentClient;
  readonly #wires: WireClient[] = [];
  readonly #phones: RawPhone[] = [];

  private constructor(cluster: Cluster, dataDir: string) {
    this.cluster = cluster;
    this.#dataDir = dataDir;
    const { endpoint } = cluster.storage;
    this.#table = DynamoDBDocumentClient.from(
      new DynamoDBClient({ endpoint, region: 'us-east-1' }),
    );
  }

  static async start(
    nodes: number,
    nodeEnv: Readonly<Record<string, string>> = {},
  ): Promise<TestCluster> {
    useLocalCredentials();
    const dataDir = await aDataDir();
    const world = oneTenantOf(await loadDemoWorld(dataDir));
    const passwordCost = CHEAP_PASSWORDS;
    const options = { nodes, nodeEnv, passwordCost, world, dataDir, port: 0, log: noLog };
    return new TestCluster(await startCluster(options), dataDir);
  }

  get simulator(): ImsSimulator {
    if (!this.cluster.simulator) throw new Error('no simulator');
    return this.cluster.simulator;
  }

  user(option: DemoUser['option'], index = 0): DemoUser {
    const user = this.cluster.world.users.filter((it) => it.option === option)[index];
    if (!user) throw new Error(`no user for ${option}`);
    return user;
  }

  async connect(): Promise<WireClient> {
    const tenant = this.cluster.world.tenants[0]?.tenant ?? '';
    const wire = await WireClient.open({ port: this.cluster.port, tenant });
    this.#wires.push(wire);
    return wire;
  }

  async logIn(user: DemoUser): Promise<Someone> {
    const wire = await this.connect();
    return { user, wire, session: await wire.logIn(user) };
  }

  /** A phone of IMS's own, on a subscription that nobody else uses here. */
  async farPhone(): Promise<RawPhone> {
    const { userName: impu } = this.user('same-credentials', 1);
    const account = this.cluster.world.subscribers.find(({ impus }) => impus.includes(impu));
    if (!account) throw new Error('no such subscriber');
    const phone = new RawPhone(await tcpWire(this.simulator.sipPort), { ...account, impu });
    await phone.register();
    this.#phones.push(phone);
    return phone;
  }

  async sessionItem({ session }: Someone): Promise<Item> {
    const pk = `SESSION#${session.sessionId}`;
    const get = new GetCommand({
      TableName: this.cluster.storage.tableName,
      Key: { pk, sk: 'SESSION' },
    });
    return (await this.#table.send(get)).Item ?? {};
  }

  async nodeOf(someone: Someone): Promise<NodeProcess> {
    const { nodeId } = await this.sessionItem(someone);
    const node = this.cluster.nodes.find(({ id }) => id === nodeId);
    if (!node) throw new Error(`no process of ${String(nodeId)}`);
    return node;
  }

  async items(prefix: string): Promise<readonly Item[]> {
    const found: Item[] = [];
    const { tableName: TableName } = this.cluster.storage;
    for await (const page of paginateScan({ client: this.#table }, { TableName })) {
      found.push(...(page.Items ?? []).filter(({ pk }) => String(pk).startsWith(prefix)));
    }
    return found;
  }

  async close(): Promise<void> {
    for (const phone of this.#phones) phone.wire.close();
    for (const wire of this.#wires) wire.terminate();
    await this.cluster.close();
    this.#table.destroy();
    await rm(this.#dataDir, { recursive: true, force: true });
  }
}

/** Every password more is hashed by a function that is meant to be slow. */
function oneTenantOf({ subscribers, tenants: [first], users }: DemoWorld): DemoWorld {
  if (!first) throw new Error('a world without tenants');
  return { subscribers, tenants: [first], users: users.filter((it) => it.tenant === first.tenant) };
}

const PATIENCE_MS = 45_000;

/** A message of a client, however long a take-over needs to bring it. */
export async function hears(
  { wire }: Someone,
  facts: Item,
): Promise<Readonly<Record<string, unknown>>> {
  const fits = (message: object): boolean =>
    Object.entries(facts).every(([name, value]) => Reflect.get(message, name) === value);
  return (await wire.next(fits, PATIENCE_MS)) as Readonly<Record<string, unknown>>;
}

/** Two nodes for each test of a file, and somewhere for a far phone's voice to come from. */
export function eachOnACluster(nodeEnv: Readonly<Record<string, string>> = {}) {
  let cluster: TestCluster;
  let rtp: RawRtp;
  beforeEach(async () => {
    cluster = await TestCluster.start(2, nodeEnv);
    rtp = await RawRtp.open();
  }, 120_000);
  afterEach(async () => {
    rtp.close();
    await cluster.close();
  }, 60_000);
  return {
    get cluster() {
      return cluster;
    },
    get rtp() {
      return rtp;
    },
  };
}

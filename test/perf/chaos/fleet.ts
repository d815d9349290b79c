import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, paginateScan } from '@aws-sdk/lib-dynamodb';
import { createJsonLog } from '@isthmus/media-node/adapters/telemetry/json-log';
import { systemClock } from '@isthmus/media-node/adapters/time/system-clock';
import { type Cluster, startCluster } from '../../../local/src/cluster.ts';
import { useLocalCredentials } from '../../../local/src/env.ts';
import type { NodeProcess } from '../../../local/src/node-process.ts';
import { RawRtp } from '../../integration/ims-simulator/raw-rtp.ts';
import { RawPhone, tcpWire } from '../../integration/ims-simulator/raw-sip-client.ts';
import { WireClient } from '../../support/wire-client.ts';
import { inTurn, range } from '../in-turn.ts';
import { benchWorld, farAccount, TENANT, userOf } from '../world.ts';
import { type Ims, type ImsKind, kamailioIms, simulatedIms, startLabFor } from './ims.ts';

export interface Member {
  readonly impu: string;
  readonly wire: WireClient;
}

/** Users on several node processes, and one phone of IMS that can call each of them. */
export interface Fleet {
  readonly ims: Ims;
  readonly members: readonly Member[];
  readonly caller: RawPhone;
  readonly sdp: string;
  nodes(): readonly NodeProcess[];
  /** Whose registrations are whose, by the table. */
  owners(): Promise<ReadonlyMap<string, string>>;
  startNode(): Promise<NodeProcess>;
  close(): Promise<void>;
}

export interface FleetOptions {
  readonly kind: ImsKind;
  readonly users: number;
  readonly nodes: number;
}

/** Password hashing is slow on purpose, so users come a few at a time. */
const AT_ONCE = 4;

export async function startFleet({ kind, nodes, users }: FleetOptions): Promise<Fleet> {
  useLocalCredentials();
  const dataDir = await mkdtemp(join(tmpdir(), 'isthmus-chaos-'));
  const log = createJsonLog({ stream: process.stderr, clock: systemClock }, { level: 'error' });
  const world = benchWorld(users, 1);
  const lab = await startLabFor(kind, world);
  const cluster = await startCluster({
    ...{ nodes, dataDir, log, port: 0, world },
    ...(lab && { pcscf: lab.pcscf }),
    functionsEnv: { LOGINS_PER_ADDRESS: '100000' },
  });
  const ims = lab ? kamailioIms(lab) : simulatedIms(cluster);
  const caller = new RawPhone(await tcpWire(ims.pcscf.port, ims.pcscf.host), farAccount(0));
  await caller.register();
  const rtp = await RawRtp.open();
  const members = await registered(cluster, users);
  return {
    ...{ ims, members, caller, sdp: rtp.sdp('8') },
    nodes: () => cluster.nodes.filter(({ isRunning }) => isRunning),
    owners: () => ownersIn(cluster.storage),
    startNode: () => cluster.startNode(),
    async close() {
      caller.wire.close();
      rtp.close();
      for (const { wire } of members) wire.terminate();
      await cluster.close();
      await lab?.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

async function ownersIn({ endpoint, tableName }: Cluster['storage']) {
  const dynamo = new DynamoDBClient({ endpoint, region: 'us-east-1' });
  const client = DynamoDBDocumentClient.from(dynamo);
  const owners = new Map<string, string>();
  for await (const page of paginateScan({ client }, { TableName: tableName })) {
    for (const item of page.Items ?? []) {
      if (item['sk'] === 'REG') owners.set(String(item['impu']), String(item['owner']));
    }
  }
  dynamo.destroy();
  return owners;
}

async function registered({ port }: Cluster, users: number): Promise<readonly Member[]> {
  const members: Member[] = [];
  await inTurn(range(users), AT_ONCE, async (index) => {
    const wire = await WireClient.open({ port, tenant: TENANT });
    const user = userOf(index);
    await wire.logIn(user);
    members.push({ impu: user.userName, wire });
  });
  return members;
}

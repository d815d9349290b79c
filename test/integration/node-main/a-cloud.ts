import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { readEnv } from '../../../functions/src/env.ts';
import { type DemoWorld, loadDemoWorld } from '../../../local/src/demo-world.ts';
import { createDynamoTable } from '../../../local/src/dynamo/adapters/create-table.ts';
import { createLocalDynamo } from '../../../local/src/dynamo/local-dynamo.ts';
import { openFrontServer } from '../../../local/src/front-server.ts';
import type { ImsSimulator } from '../../../local/src/ims/ims-types.ts';
import { startImsSimulator } from '../../../local/src/ims/simulator.ts';
import { sealKeyFile } from '../../../local/src/seal-key-file.ts';
import { seed } from '../../../local/src/seeding.ts';
import { createSignalling } from '../../../local/src/signalling.ts';
import { functionsTelemetry } from '../../../local/src/telemetry.ts';
import type { NodeItem } from '../../../shared/src/store/items.ts';
import { GSI1, NODES_UP_GSI1PK } from '../../../shared/src/store/keys.ts';
import { noLog } from '../../support/node-no-log.ts';

/** All of Isthmus but its node, on loopback: what a container finds around it in an account. */
export interface Cloud {
  readonly world: DemoWorld;
  readonly simulator: ImsSimulator;
  /** `ws://…` of the gateway's stage. */
  readonly url: string;
  readonly origin: string;
  /** Variables that lead a node here. */
  readonly variables: Readonly<Record<string, string>>;
  /** As functions see them: those that take new work. */
  nodes(): Promise<readonly NodeItem[]>;
  close(): Promise<void>;
}

const HOST = '127.0.0.1';
const STAGE = 'local';
const REGION = 'us-east-1';
const TABLE_NAME = 'isthmus';

export async function aCloud(): Promise<Cloud> {
  const dataDir = await mkdtemp(join(tmpdir(), 'isthmus-node-'));
  const front = await openFrontServer(0);
  const dynamo = createLocalDynamo();
  const endpoint = `http://${HOST}:${String((await dynamo.listen(0, HOST)).port)}`;
  await createDynamoTable({ endpoint, region: REGION, tableName: TABLE_NAME });
  const world = smallest(await loadDemoWorld(dataDir));
  const simulator = await startImsSimulator({
    host: HOST,
    domains: world.tenants.map(({ domain }) => domain),
    subscribers: world.subscribers,
    log: noLog,
  });
  const common = {
    TABLE_NAME,
    AWS_REGION: REGION,
    DYNAMODB_ENDPOINT: endpoint,
    SEAL_KEY_FILE: await sealKeyFile(dataDir),
  };
  const env = readEnv({ ...common, CONTROL_DEADLINE_MS: '5000' });
  const origin = `http://localhost:${String(front.port)}`;
  const pcscf = { host: HOST, port: simulator.sipPort };
  await seed({ env, world, origins: [origin], pcscf, transport: 'tcp', graceS: 30 });
  const gateway = createSignalling({
    env,
    telemetry: functionsTelemetry(noLog),
    stage: STAGE,
    log: noLog,
  });
  const isManagement = gateway.attach(front.server);
  front.serve((request, response) => {
    if (!isManagement(request, response)) response.writeHead(404).end();
  });
  const client = new DynamoDBClient({
    endpoint,
    region: REGION,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  return {
    world,
    simulator,
    url: `ws://${HOST}:${String(front.port)}/${STAGE}`,
    origin,
    variables: { ...common, GATEWAY_ENDPOINT: `http://${HOST}:${String(front.port)}/${STAGE}` },
    async nodes() {
      const query = new QueryCommand({
        TableName: TABLE_NAME,
        IndexName: GSI1,
        KeyConditionExpression: 'gsi1pk = :up',
        ExpressionAttributeValues: { ':up': NODES_UP_GSI1PK },
      });
      const { Items = [] } = await DynamoDBDocumentClient.from(client).send(query);
      return Items as NodeItem[];
    },
    async close() {
      client.destroy();
      await gateway.close();
      await simulator.close();
      await dynamo.close();
      await front.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** One tenant and one user: every password more is hashed by a function that is meant to be slow. */
function smallest({ subscribers, tenants: [tenant], users }: DemoWorld): DemoWorld {
  const user = users.find(({ option }) => option === 'same-credentials');
  return { subscribers, tenants: tenant ? [tenant] : [], users: user ? [user] : [] };
}

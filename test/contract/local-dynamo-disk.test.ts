import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  ScanCommand,
  TransactWriteCommand,
} from '@aws-sdk/lib-dynamodb';
import { createTable } from '../../local/src/dynamo/adapters/create-table.ts';
import type { ChangeRecord } from '../../local/src/dynamo/change-feed.ts';
import { createLocalDynamo, type LocalDynamo } from '../../local/src/dynamo/local-dynamo.ts';
import { clientOf } from '../support/dynamo-engines.ts';

const TableName = 'disk';
const open = (port: number) => {
  const client = clientOf(`http://127.0.0.1:${String(port)}`);
  return { client, db: DynamoDBDocumentClient.from(client) };
};

describe('OPS-2: the embedded DynamoDB on disk', () => {
  let path: string;
  beforeEach(async () => {
    path = await mkdtemp(join(tmpdir(), 'isthmus-dynamo-'));
  });
  afterEach(() => rm(path, { recursive: true }));

  it('finds its items and its TTL again after a restart', async () => {
    const first = createLocalDynamo({ path });
    const { client, db } = open((await first.listen(0)).port);
    await createTable(client, TableName);
    await db.send(new PutCommand({ TableName, Item: { pk: 'a', sk: '1', ttl: 1_000 } }));
    client.destroy();
    await first.close();

    const second = createLocalDynamo({ path, nowMs: () => 2_000_000 });
    const again = open((await second.listen(0)).port);
    const key = { pk: 'a', sk: '1' };
    expect((await again.db.send(new GetCommand({ TableName, Key: key }))).Item).toBeDefined();
    await second.sweep();
    expect((await again.db.send(new GetCommand({ TableName, Key: key }))).Item).toBeUndefined();
    again.client.destroy();
    await second.close();
  });

  it('loses nothing it has answered for, and keeps no half of a transaction, when it is killed', async () => {
    const child = startChild(path);
    const { client, db } = open(await portOf(child));
    await createTable(client, TableName);
    const answered: string[] = [];
    const writing = (async () => {
      for (let i = 0; ; i += 1) {
        const pair = ['left', 'right'].map((sk) => ({
          Put: { TableName, Item: { pk: String(i), sk } },
        }));
        await db.send(new TransactWriteCommand({ TransactItems: pair }));
        answered.push(String(i));
        if (i === 60) child.kill('SIGKILL');
      }
    })();
    await writing.catch(() => undefined);
    client.destroy();

    const survivor = createLocalDynamo({ path });
    const again = open((await survivor.listen(0)).port);
    const { Items = [] } = await again.db.send(new ScanCommand({ TableName }));
    const halves = Items.map(({ pk }) => String(pk));
    again.client.destroy();
    await survivor.close();

    expect(answered.length).toBeGreaterThan(60);
    expect(answered.filter((pk) => !halves.includes(pk))).toEqual([]);
    const counts = [...new Set(halves)].map((pk) => halves.filter((one) => one === pk).length);
    expect(new Set(counts)).toEqual(new Set([2]));
  });

  it('opens for one process at a time', async () => {
    const first = createLocalDynamo({ path });
    await first.listen(0);

    await expect(createLocalDynamo({ path }).listen(0)).rejects.toMatchObject({
      code: 'LEVEL_DATABASE_NOT_OPEN',
    });
    await first.close();
  });
});

const SERVER = `
import { createLocalDynamo } from './local-dynamo.ts';
const { port } = await createLocalDynamo({ path: process.argv[1] }).listen(0);
process.stdout.write(String(port));
`;

function startChild(path: string): ChildProcess {
  const cwd = fileURLToPath(new URL('../../local/src/dynamo/', import.meta.url));
  const args = ['--input-type=module-typescript', '--eval', SERVER, path];
  return spawn(process.execPath, args, { cwd, stdio: ['ignore', 'pipe', 'inherit'] });
}

async function portOf({ stdout }: ChildProcess): Promise<number> {
  const [text] = stdout ? ((await once(stdout, 'data')) as [Buffer]) : [];
  return Number(text?.toString('utf8'));
}

describe('OPS-2: the embedded DynamoDB to whom it tells changes', () => {
  const changes: ChangeRecord[] = [];
  let nowMs = 1_000_000_000_000;
  let dynamo: LocalDynamo;
  let opened: ReturnType<typeof open>;

  beforeAll(async () => {
    dynamo = createLocalDynamo({ nowMs: () => nowMs, sweepEveryMs: 3_600_000 });
    opened = open((await dynamo.listen(0)).port);
    await createTable(opened.client, TableName);
    dynamo.onChange((tableName, record) => {
      if (tableName === TableName) changes.push(record);
    });
  });
  afterAll(async () => {
    opened.client.destroy();
    await dynamo.close();
  });
  beforeEach(() => {
    changes.length = 0;
  });

  const put = (Item: Record<string, unknown>) =>
    opened.db.send(new PutCommand({ TableName, Item }));

  it('shows each item before and after, once for each change', async () => {
    await put({ pk: 'x', sk: '1', n: 1 });
    await put({ pk: 'x', sk: '1', n: 2 });
    await put({ pk: 'x', sk: '1', n: 2 });

    expect(changes.map(({ eventName }) => eventName)).toEqual(['INSERT', 'MODIFY']);
    expect(changes[1]?.dynamodb).toMatchObject({
      Keys: { pk: { S: 'x' }, sk: { S: '1' } },
      OldImage: { n: { N: '1' } },
      NewImage: { n: { N: '2' } },
    });
  });

  it('tells of both halves of a transaction', async () => {
    const TransactItems = ['l', 'r'].map((sk) => ({ Put: { TableName, Item: { pk: 't', sk } } }));
    await opened.db.send(new TransactWriteCommand({ TransactItems }));

    expect(changes).toHaveLength(2);
  });

  it('says which items their TTL has taken, and takes no others', async () => {
    const nowS = nowMs / 1000;
    await put({ pk: 'expired', sk: '1', ttl: nowS + 10 });
    await put({ pk: 'alive', sk: '1', ttl: nowS + 100 });
    await put({ pk: 'ancient', sk: '1', ttl: nowS - 6 * 365 * 86_400 });
    changes.length = 0;
    nowMs += 11_000;
    await dynamo.sweep();

    expect(changes).toEqual([
      expect.objectContaining({
        eventName: 'REMOVE',
        userIdentity: { type: 'Service', principalId: 'dynamodb.amazonaws.com' },
        dynamodb: expect.objectContaining({
          Keys: { pk: { S: 'expired' }, sk: { S: '1' } },
        }) as unknown,
      }),
    ]);
  });
});

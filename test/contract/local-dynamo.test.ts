import { randomUUID } from 'node:crypto';
import {
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import {
  BatchGetCommand,
  BatchWriteCommand,
  DeleteCommand,
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  TransactGetCommand,
  TransactWriteCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { createTable } from '../../local/src/dynamo/adapters/create-table.ts';
import { clientOf, DYNAMO_ENGINES, type DynamoEngine } from '../support/dynamo-engines.ts';

const TABLE = 'contract';
const fresh = (): string => randomUUID();

describe.each(DYNAMO_ENGINES)('OPS-2: %s', (_name, start) => {
  let engine: DynamoEngine;
  let client: DynamoDBClient;
  let db: DynamoDBDocumentClient;

  const put = (Item: Record<string, unknown>, more: object = {}) =>
    db.send(new PutCommand({ TableName: TABLE, Item, ...more }));
  const get = async (pk: string, sk = '1') =>
    (await db.send(new GetCommand({ TableName: TABLE, Key: { pk, sk } }))).Item;
  const onlyNew = { ConditionExpression: 'attribute_not_exists(pk)' };
  const showOld = { ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const };

  beforeAll(async () => {
    engine = await start();
    client = clientOf(engine.endpoint);
    db = DynamoDBDocumentClient.from(client);
    await createTable(client, TABLE);
  });

  afterAll(async () => {
    client.destroy();
    await engine.close();
  });

  describe('the one table', () => {
    it('is made with its index and its TTL attribute', async () => {
      const { Table } = await client.send(new DescribeTableCommand({ TableName: TABLE }));
      const ttl = await client.send(new DescribeTimeToLiveCommand({ TableName: TABLE }));

      expect(Table?.TableStatus).toBe('ACTIVE');
      expect(Table?.GlobalSecondaryIndexes?.map(({ IndexName }) => IndexName)).toEqual(['gsi1']);
      expect(ttl.TimeToLiveDescription?.AttributeName).toBe('ttl');
    });

    it('is kept as it is when it is made a second time', async () => {
      const pk = fresh();
      await put({ pk, sk: '1' });

      await createTable(client, TABLE);

      expect(await get(pk)).toEqual({ pk, sk: '1' });
    });
  });

  describe('a conditional write', () => {
    it('is refused, and shows what stood in its way when asked to', async () => {
      const pk = fresh();
      await put({ pk, sk: '1', n: 7 });

      await expect(put({ pk, sk: '1' }, { ...onlyNew, ...showOld })).rejects.toMatchObject({
        name: 'ConditionalCheckFailedException',
        Item: { n: { N: '7' } },
      });
      await expect(put({ pk, sk: '1' }, onlyNew)).rejects.not.toHaveProperty('Item.n');
      expect(await get(pk)).toMatchObject({ n: 7 });
    });

    it('shows nothing where there was nothing', async () => {
      const update = new UpdateCommand({
        TableName: TABLE,
        Key: { pk: fresh(), sk: '1' },
        UpdateExpression: 'SET n = :one',
        ConditionExpression: 'attribute_exists(pk)',
        ExpressionAttributeValues: { ':one': 1 },
        ...showOld,
      });

      const refused: unknown = await db.send(update).catch((error: unknown) => error);

      expect(refused).toMatchObject({ name: 'ConditionalCheckFailedException' });
      expect((refused as { Item?: object }).Item ?? {}).toEqual({});
    });

    it('has exactly one winner among twenty', async () => {
      const pk = fresh();

      const attempts = await Promise.allSettled(
        Array.from({ length: 20 }, (_, attempt) => put({ pk, sk: '1', attempt }, onlyNew)),
      );

      expect(attempts.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    });

    it('loses none of fifty concurrent additions', async () => {
      const Key = { pk: fresh(), sk: '1' };
      const add = {
        TableName: TABLE,
        Key,
        UpdateExpression: 'ADD n :one',
        ExpressionAttributeValues: { ':one': 1 },
      };

      await Promise.all(Array.from({ length: 50 }, () => db.send(new UpdateCommand(add))));

      expect(await get(Key.pk)).toMatchObject({ n: 50 });
    });
  });

  describe('an update', () => {
    it('adds, appends, defaults, sets inside maps and removes', async () => {
      const pk = fresh();
      await put({ pk, sk: '1', n: 1, tags: new Set(['x']), map: { a: { b: 1 } }, gone: true });

      const { Attributes } = await db.send(
        new UpdateCommand({
          TableName: TABLE,
          Key: { pk, sk: '1' },
          UpdateExpression: [
            'ADD n :one, tags :tag',
            'SET #first = if_not_exists(#first, :one), #map.a.c = :one,',
            '#list = list_append(if_not_exists(#list, :none), :some)',
            'REMOVE gone',
          ].join(' '),
          ExpressionAttributeNames: { '#first': 'first', '#map': 'map', '#list': 'list' },
          ExpressionAttributeValues: {
            ':one': 1,
            ':tag': new Set(['y']),
            ':none': [],
            ':some': ['z'],
          },
          ReturnValues: 'ALL_NEW',
        }),
      );

      expect(Attributes).toEqual({
        pk,
        sk: '1',
        n: 2,
        tags: new Set(['x', 'y']),
        first: 1,
        map: { a: { b: 1, c: 1 } },
        list: ['z'],
      });
    });
  });

  describe('a query', () => {
    it('reads the index in order, page by page', async () => {
      const gsi1pk = fresh();
      const sorted = ['000', '001', '002', '003', '004'];
      await Promise.all(sorted.map((gsi1sk) => put({ pk: fresh(), sk: '1', gsi1pk, gsi1sk })));

      const seen: unknown[] = [];
      let ExclusiveStartKey: Record<string, unknown> | undefined;
      do {
        const page = await db.send(
          new QueryCommand({
            TableName: TABLE,
            IndexName: 'gsi1',
            KeyConditionExpression: 'gsi1pk = :pk',
            ExpressionAttributeValues: { ':pk': gsi1pk },
            Limit: 2,
            ...(ExclusiveStartKey && { ExclusiveStartKey }),
          }),
        );
        seen.push(...(page.Items ?? []).map(({ gsi1sk }) => gsi1sk as unknown));
        ExclusiveStartKey = page.LastEvaluatedKey;
      } while (ExclusiveStartKey);

      expect(seen).toEqual(sorted);
    });

    it('finds a prefix of the sort key, backwards, and leaves out what the filter refuses', async () => {
      const pk = fresh();
      for (const sk of ['EVENT#1', 'EVENT#2', 'EVENT#3', 'SESSION']) {
        await put({ pk, sk, ttl: sk === 'EVENT#2' ? 1 : 9 });
      }

      const { Items } = await db.send(
        new QueryCommand({
          TableName: TABLE,
          KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
          FilterExpression: '#ttl > :now',
          ExpressionAttributeNames: { '#ttl': 'ttl' },
          ExpressionAttributeValues: { ':pk': pk, ':prefix': 'EVENT#', ':now': 5 },
          ScanIndexForward: false,
        }),
      );

      expect(Items?.map(({ sk }) => sk as unknown)).toEqual(['EVENT#3', 'EVENT#1']);
    });
  });

  it('writes and reads in batches', async () => {
    const pk = fresh();
    const write = ['1', '2'].map((sk) => ({ PutRequest: { Item: { pk, sk } } }));

    await db.send(new BatchWriteCommand({ RequestItems: { [TABLE]: write } }));
    const Keys = ['1', '2', '3'].map((sk) => ({ pk, sk }));
    const read = await db.send(new BatchGetCommand({ RequestItems: { [TABLE]: { Keys } } }));

    expect(read.Responses?.[TABLE]).toHaveLength(2);
  });

  describe('a transaction', () => {
    const transact = (TransactItems: object[], token?: string) =>
      db.send(
        new TransactWriteCommand({
          TransactItems,
          ...(token !== undefined && { ClientRequestToken: token }),
        }),
      );
    const putOf = (pk: string, more: object = {}) => ({
      Put: { TableName: TABLE, Item: { pk, sk: '1' }, ...more },
    });
    const addOf = (pk: string, by = 1) => ({
      Update: {
        TableName: TABLE,
        Key: { pk, sk: '1' },
        UpdateExpression: 'ADD n :by',
        ExpressionAttributeValues: { ':by': by },
      },
    });

    it('puts, updates, deletes and checks in one', async () => {
      const [made, counted, dropped, present] = [fresh(), fresh(), fresh(), fresh()] as const;
      await put({ pk: dropped, sk: '1' });
      await put({ pk: present, sk: '1' });

      await transact([
        putOf(made, onlyNew),
        addOf(counted),
        { Delete: { TableName: TABLE, Key: { pk: dropped, sk: '1' } } },
        {
          ConditionCheck: {
            TableName: TABLE,
            Key: { pk: present, sk: '1' },
            ConditionExpression: 'attribute_exists(pk)',
          },
        },
      ]);

      expect(await get(made)).toBeDefined();
      expect(await get(counted)).toMatchObject({ n: 1 });
      expect(await get(dropped)).toBeUndefined();
      expect(await get(present)).toBeDefined();
    });

    it('writes nothing when one condition fails, and says which', async () => {
      const [taken, other] = [fresh(), fresh()] as const;
      await put({ pk: taken, sk: '1', owner: 'first' });

      await expect(
        transact([putOf(other), putOf(taken, { ...onlyNew, ...showOld })]),
      ).rejects.toMatchObject({
        name: 'TransactionCanceledException',
        CancellationReasons: [
          { Code: 'None' },
          { Code: 'ConditionalCheckFailed', Item: { owner: { S: 'first' } } },
        ],
      });
      expect(await get(other)).toBeUndefined();
    });

    it('takes back what it wrote when a later write cannot be carried out', async () => {
      const [changed, added, text] = [fresh(), fresh(), fresh()] as const;
      await put({ pk: changed, sk: '1', n: 5 });
      await put({ pk: text, sk: '1', n: 'no number' });

      // AWS cancels with a reason, DynamoDB Local refuses outright: either way nothing is left.
      await expect(transact([addOf(changed), putOf(added), addOf(text)])).rejects.toMatchObject({
        name: expect.stringMatching(/^(TransactionCanceled|Validation)Exception$/) as string,
      });
      expect(await get(changed)).toMatchObject({ n: 5 });
      expect(await get(added)).toBeUndefined();
    });

    it('is done once for one token, and refuses the token for anything else', async () => {
      const pk = fresh();
      const token = fresh();

      await transact([addOf(pk)], token);
      await transact([addOf(pk)], token);

      expect(await get(pk)).toMatchObject({ n: 1 });
      await expect(transact([addOf(pk, 2)], token)).rejects.toMatchObject({
        name: 'IdempotentParameterMismatchException',
      });
    });

    it('may not touch one item twice', async () => {
      const pk = fresh();

      await expect(transact([addOf(pk), putOf(pk)])).rejects.toMatchObject({
        name: 'ValidationException',
      });
    });

    it('has exactly one winner among ten', async () => {
      const [userSide, impuSide] = [fresh(), fresh()] as const;
      const both = [putOf(userSide, onlyNew), putOf(impuSide, onlyNew)];

      const attempts = await Promise.allSettled(Array.from({ length: 10 }, () => transact(both)));

      expect(attempts.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    });

    it('keeps a sum while amounts are moved to and fro', async () => {
      const [left, right] = [fresh(), fresh()] as const;
      await put({ pk: left, sk: '1', n: 100 });
      await put({ pk: right, sk: '1', n: 100 });

      await Promise.allSettled(
        Array.from({ length: 20 }, (_, i) =>
          transact(i % 2 ? [addOf(left, 3), addOf(right, -3)] : [addOf(right, 5), addOf(left, -5)]),
        ),
      );

      const { n: here } = (await get(left)) as { n: number };
      const { n: there } = (await get(right)) as { n: number };
      expect(here + there).toBe(200);
    });

    it('reads several items at once', async () => {
      const pk = fresh();
      await put({ pk, sk: '1' });
      const Get = (sk: string) => ({ Get: { TableName: TABLE, Key: { pk, sk } } });

      const { Responses } = await db.send(
        new TransactGetCommand({ TransactItems: [Get('1'), Get('2')] }),
      );

      expect(Responses).toEqual([{ Item: { pk, sk: '1' } }, {}]);
    });
  });

  describe('what it refuses', () => {
    const refusals: readonly (readonly [string, () => Promise<unknown>])[] = [
      ['an item over 400 KB', () => put({ pk: fresh(), sk: '1', big: 'x'.repeat(410 * 1024) })],
      ['an empty key', () => put({ pk: '', sk: '1' })],
      ['an item without its sort key', () => put({ pk: fresh() })],
      ['a key of the wrong type', () => put({ pk: 7, sk: '1' })],
      [
        'a reserved word that is not escaped',
        () =>
          db.send(
            new UpdateCommand({
              TableName: TABLE,
              Key: { pk: fresh(), sk: '1' },
              UpdateExpression: 'SET state = :v',
              ExpressionAttributeValues: { ':v': 1 },
            }),
          ),
      ],
      [
        'a value that no expression uses',
        () => put({ pk: fresh(), sk: '1' }, { ExpressionAttributeValues: { ':unused': 1 } }),
      ],
    ];

    it.each(refusals)('%s', async (_what, attempt) => {
      await expect(attempt()).rejects.toMatchObject({ name: 'ValidationException' });
    });

    it('a table that does not exist', async () => {
      await expect(
        db.send(new DeleteCommand({ TableName: 'absent', Key: { pk: 'a', sk: '1' } })),
      ).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    });
  });
});

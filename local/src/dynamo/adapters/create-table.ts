import {
  CreateTableCommand,
  DynamoDBClient,
  ResourceInUseException,
  UpdateTimeToLiveCommand,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import { TABLE } from '@isthmus/shared/store/table';

const { index, partitionKey, sortKey, ttlAttribute } = TABLE;

const hash = (name: string) => ({ AttributeName: name, KeyType: 'HASH' }) as const;
const range = (name: string) => ({ AttributeName: name, KeyType: 'RANGE' }) as const;

/** Creates the one table with its index and TTL; a table that is there already is kept. */
export async function createTable(client: DynamoDBClient, tableName: string): Promise<void> {
  if (!(await createIfAbsent(client, tableName))) return;
  const patience = { client, maxWaitTime: 20, minDelay: 0.05, maxDelay: 0.2 };
  await waitUntilTableExists(patience, { TableName: tableName });
  await client.send(
    new UpdateTimeToLiveCommand({
      TableName: tableName,
      TimeToLiveSpecification: { Enabled: true, AttributeName: ttlAttribute },
    }),
  );
}

async function createIfAbsent(client: DynamoDBClient, tableName: string): Promise<boolean> {
  const keys = [partitionKey, sortKey, index.partitionKey, index.sortKey];
  try {
    await client.send(
      new CreateTableCommand({
        TableName: tableName,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: keys.map((name) => ({ AttributeName: name, AttributeType: 'S' })),
        KeySchema: [hash(partitionKey), range(sortKey)],
        GlobalSecondaryIndexes: [
          {
            IndexName: index.name,
            KeySchema: [hash(index.partitionKey), range(index.sortKey)],
            Projection: { ProjectionType: 'ALL' },
          },
        ],
      }),
    );
    return true;
  } catch (error) {
    if (error instanceof ResourceInUseException) return false;
    throw error;
  }
}

export interface LocalTable {
  readonly endpoint: string;
  readonly region: string;
  readonly tableName: string;
}

/** The same, for callers that have no client of their own. */
export async function createDynamoTable({
  endpoint,
  region,
  tableName,
}: LocalTable): Promise<void> {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const client = new DynamoDBClient({ endpoint, region, credentials });
  try {
    await createTable(client, tableName);
  } finally {
    client.destroy();
  }
}

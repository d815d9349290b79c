import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, paginateScan } from '@aws-sdk/lib-dynamodb';
import type { ReleaseCause } from '@isthmus/shared/domain/release-cause';
import type { Product } from '../product.ts';

type Item = Readonly<Record<string, unknown>>;

/** What is in the table: what stays, what goes by itself, and the records of calls. */
export interface TableContent {
  /** Neither record nor usage, and without a time to live. */
  readonly lasting: number;
  readonly passing: number;
  /** Causes of all records of each call. */
  readonly records: ReadonlyMap<string, readonly string[]>;
  /** Attempts begun and not ended. */
  readonly openAttempts: number;
}

export async function readTable({ storage }: Pick<Product, 'storage'>): Promise<TableContent> {
  const { endpoint, tableName } = storage;
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const dynamo = new DynamoDBClient({ endpoint, region: 'us-east-1', credentials });
  const client = DynamoDBDocumentClient.from(dynamo);
  const items: Item[] = [];
  for await (const page of paginateScan({ client }, { TableName: tableName })) {
    items.push(...((page.Items ?? []) as Item[]));
  }
  dynamo.destroy();
  return contentOf(items);
}

export function contentOf(items: readonly Item[]): TableContent {
  const attempts = items.filter((it) => typeof it['attemptId'] === 'string');
  const isUsage = ({ pk }: Item): boolean => String(pk).includes('#USAGE#');
  const others = items.filter((it) => !attempts.includes(it) && !isUsage(it));
  const passing = others.filter((it) => typeof it['ttl'] === 'number').length;
  const records = new Map<string, string[]>();
  for (const { callId, cause } of attempts) {
    if (typeof cause !== 'string') continue;
    const id = String(callId);
    records.set(id, [...(records.get(id) ?? []), cause]);
  }
  return {
    ...{ lasting: others.length - passing, passing, records },
    openAttempts: attempts.filter(({ cause }) => cause === undefined).length,
  };
}

/** A call that was played, and what its record is to say. */
export interface Played {
  readonly callId: string;
  readonly cause: ReleaseCause;
  readonly words: string;
}

export interface RecordCheck {
  readonly missing: number;
  readonly repeated: number;
  readonly wrong: readonly string[];
}

export function checkRecords(
  played: readonly Played[],
  { records }: Pick<TableContent, 'records'>,
): RecordCheck {
  const causesOf = ({ callId }: Played): readonly string[] => records.get(callId) ?? [];
  const wrong = played.flatMap((call) => {
    const [cause] = causesOf(call);
    if (cause === undefined || cause === call.cause) return [];
    return `${cause} where ${call.cause} was due: ${call.words}`;
  });
  return {
    missing: played.filter((call) => causesOf(call).length === 0).length,
    repeated: played.filter((call) => causesOf(call).length > 1).length,
    wrong,
  };
}

import { setTimeout as after } from 'node:timers/promises';
import { TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import { TransactWriteCommand, type TransactWriteCommandInput } from '@aws-sdk/lib-dynamodb';
import { IwfError } from '@isthmus/shared/errors/iwf-error';
import type { Key } from '@isthmus/shared/store/keys';
import { type DynamoTable, namesIn } from './dynamo-table.ts';

/** Two transactions that touch one item at once: one is cancelled without a verdict. */
const CONFLICT_TRIES = 6;
const CONFLICT_PAUSE_MS = 25;

export type Write = NonNullable<TransactWriteCommandInput['TransactItems']>[number];

export interface Condition {
  readonly condition: string;
  readonly values?: Readonly<Record<string, unknown>>;
}

/** A write of an item that must not be there yet. */
export const putNew = (table: DynamoTable, key: Key, item: object): Write =>
  putIf(table, key, { item, condition: 'attribute_not_exists(#pk)' });

export const putIf = (
  table: DynamoTable,
  key: Key,
  { item, ...holding }: Condition & { readonly item: object },
): Write => ({
  Put: { TableName: table.name, Item: { ...item, ...key }, ...expressed(holding) },
});

export const deleteIf = (table: DynamoTable, key: Key, holding: Condition): Write => ({
  Delete: { TableName: table.name, Key: key, ...expressed(holding) },
});

const expressed = ({ condition, values }: Condition) => ({
  ConditionExpression: condition,
  ExpressionAttributeNames: namesIn(condition),
  ...(values && { ExpressionAttributeValues: values }),
});

/** All of the writes or none: then the index of the first whose condition did not hold. */
export async function allOrNone(
  table: DynamoTable,
  operation: string,
  writes: readonly Write[],
): Promise<number | undefined> {
  for (let tryNo = 1; tryNo <= CONFLICT_TRIES; tryNo += 1) {
    const outcome = await tryOnce(table, operation, writes);
    if (outcome !== 'conflict') return outcome;
    await after(tryNo * CONFLICT_PAUSE_MS);
  }
  throw new IwfError('store.failed', { operation: `${operation}: too many conflicts` });
}

async function tryOnce(
  table: DynamoTable,
  operation: string,
  writes: readonly Write[],
): Promise<number | undefined | 'conflict'> {
  try {
    await table.client.send(new TransactWriteCommand({ TransactItems: [...writes] }));
    return undefined;
  } catch (cause) {
    const codes =
      cause instanceof TransactionCanceledException
        ? (cause.CancellationReasons?.map(({ Code }) => Code) ?? [])
        : [];
    const failed = codes.indexOf('ConditionalCheckFailed');
    if (failed >= 0) return failed;
    if (codes.includes('TransactionConflict')) return 'conflict';
    throw new IwfError('store.failed', { operation }, { cause });
  }
}

import { tenantId } from '@isthmus/shared/domain/ids';
import { expiryOf } from '@isthmus/shared/store/accounting-policy';
import {
  recordGsi1sk,
  recordsGsi1pk,
  usageKey,
  usageOf,
  usageShardOf,
} from '@isthmus/shared/store/call-records';
import { callKey } from '@isthmus/shared/store/keys';
import type { CallLog } from '../ports/call-log.ts';
import type { TenantStore } from '../ports/directory.ts';
import { type DynamoTable, namesIn } from './dynamo-table.ts';
import { allOrNone, putNew, type Write } from './dynamo-transaction.ts';
import { monthOf } from './month.ts';

export interface CallLogDeps {
  readonly table: DynamoTable;
  readonly tenants: TenantStore;
}

/** The record and the usage of its month, in one transaction as the nodes do it. */
export const createDynamoCallLog = ({ table, tenants }: CallLogDeps): CallLog => ({
  async write(record) {
    const tenant = tenantId(record.tenantId);
    const { recordsKeptDays, usageKeptDays } = (await tenants.get(tenant))?.accounting ?? {};
    const month = monthOf(record.startedAtMs);
    const item = {
      ...record,
      ...{ gsi1pk: recordsGsi1pk(tenant, month), gsi1sk: recordGsi1sk(record) },
      ...withTtl(expiryOf(record.endedAtMs, recordsKeptDays)),
    };
    const usage = withTtl(expiryOf(record.endedAtMs, usageKeptDays));
    await allOrNone(table, 'write down a call', [
      putNew(table, callKey(tenant, record.attemptId), item),
      adding(table, usageKey(tenant, month, usageShardOf(record.attemptId)), {
        amounts: { ...usageOf(record) },
        ...usage,
      }),
    ]);
  },
});

const withTtl = (ttl: number | undefined) => (ttl === undefined ? {} : { ttl });

interface Sums {
  readonly amounts: Readonly<Record<string, number>>;
  readonly ttl?: number;
}

function adding(
  table: DynamoTable,
  key: ReturnType<typeof usageKey>,
  { amounts, ttl }: Sums,
): Write {
  const sum = `ADD ${Object.keys(amounts)
    .map((name) => `#${name} :${name}`)
    .join(', ')}`;
  const update = ttl === undefined ? sum : `${sum} SET #ttl = :ttl`;
  const values = { ...amounts, ...withTtl(ttl) };
  return {
    Update: {
      TableName: table.name,
      Key: key,
      UpdateExpression: update,
      ExpressionAttributeNames: namesIn(update),
      ExpressionAttributeValues: Object.fromEntries(
        Object.entries(values).map(([name, value]) => [`:${name}`, value]),
      ),
    },
  };
}

import { type TenantId, tenantId } from '@isthmus/shared/domain/ids';
import { isIwfError } from '@isthmus/shared/errors/iwf-error';
import { type AccountingPolicy, expiryOf } from '@isthmus/shared/store/accounting-policy';
import {
  type CallRecord,
  callItem,
  quotaKey,
  recordGsi1sk,
  recordsGsi1pk,
  usageKey,
  usageOf,
  usageShardOf,
} from '@isthmus/shared/store/call-records';
import { callKey, GSI1, type Key, liveCallsGsi1pk } from '@isthmus/shared/store/keys';
import type { Clock } from '../../ports/clock.ts';
import type { CallStore, TenantStore } from '../../ports/stores.ts';
import { admitWithin, monthOf } from './dynamo-call-quota.ts';
import { type DynamoTable, namesIn } from './dynamo-table.ts';
import { allOrNone } from './dynamo-transaction.ts';

export interface CallStoreDeps {
  readonly table: DynamoTable;
  readonly tenants: TenantStore;
  readonly clock: Clock;
}

/**
 * An attempt is one item: begun, answered, and at its end the record, found by tenant and month. What
 * comes after the end changes nothing (OPS-3).
 */
export const createDynamoCallStore = ({ table, tenants, clock }: CallStoreDeps): CallStore => ({
  admit: (tenant, quota) => admitWithin(table, tenant, { nowMs: clock.nowMs(), quota }),
  async begin(call) {
    const index = { gsi1pk: liveCallsGsi1pk(call.nodeId), gsi1sk: call.attemptId };
    await table.update(callKey(tenantId(call.tenantId), call.attemptId), {
      ...setting({ ...call, ...index }),
      condition: 'attribute_not_exists(#startedAtMs)',
    });
  },
  async answered(call) {
    await table.update(callKey(tenantId(call.tenantId), call.attemptId), {
      ...setting(call),
      condition: 'attribute_not_exists(#endedAtMs)',
    });
  },
  async end(record) {
    const tenant = tenantId(record.tenantId);
    const policy = await accountingOf(tenants, tenant);
    const index = {
      gsi1pk: recordsGsi1pk(tenant, monthOf(record.startedAtMs)),
      gsi1sk: recordGsi1sk(record),
    };
    const ttl = expiryOf(record.endedAtMs, policy.recordsKeptDays);
    const { update, values } = setting({ ...record, ...index, ttl });
    const ended = table.updateOf(callKey(tenant, record.attemptId), {
      ...{ update: `${update} REMOVE #dialog`, values },
      condition: 'attribute_not_exists(#endedAtMs)',
    });
    const counted = countedBy(record, policy).map((change) => ({
      Update: { ...change, TableName: table.name },
    }));
    return allOrNone(table, [{ Update: ended }, ...counted]);
  },
  async liveOn(node) {
    const values = { ':pk': liveCallsGsi1pk(node) };
    const found = await table.query({ index: GSI1, where: '#gsi1pk = :pk', values });
    return found.map((it) => callItem.parse(it));
  },
});

/** A tenant that is gone says nothing any more; its calls are recorded all the same. */
async function accountingOf(tenants: TenantStore, tenant: TenantId): Promise<AccountingPolicy> {
  try {
    return (await tenants.get(tenant)).accounting ?? {};
  } catch (error) {
    if (isIwfError(error, 'tenant.unknown')) return {};
    throw error;
  }
}

/** The usage of the month, and what a quota of minutes is held against. */
function countedBy(record: CallRecord, { quota, usageKeptDays }: AccountingPolicy) {
  const tenant = tenantId(record.tenantId);
  const month = monthOf(record.startedAtMs);
  const usage = usageOf(record);
  const ttl = expiryOf(record.endedAtMs, usageKeptDays);
  const counted = adding(
    usageKey(tenant, month, usageShardOf(record.attemptId)),
    { ...usage },
    ttl,
  );
  if (quota?.minutesPerMonth === undefined || usage.seconds === 0) return [counted];
  return [counted, adding(quotaKey(tenant, month), { seconds: usage.seconds }, undefined)];
}

function adding(Key: Key, amounts: Readonly<Record<string, number>>, ttl: number | undefined) {
  const names = Object.keys(amounts);
  const sum = `ADD ${names.map((name) => `#${name} :${name}`).join(', ')}`;
  const update = ttl === undefined ? sum : `${sum} SET #ttl = :ttl`;
  const values = { ...amounts, ...(ttl !== undefined && { ttl }) };
  return {
    Key,
    UpdateExpression: update,
    ExpressionAttributeNames: namesIn(update),
    ExpressionAttributeValues: Object.fromEntries(
      Object.entries(values).map(([name, value]) => [`:${name}`, value]),
    ),
  };
}

function setting(attributes: object) {
  const given = Object.entries(attributes).filter(([, value]) => value !== undefined);
  return {
    update: `SET ${given.map(([name]) => `#${name} = :${name}`).join(', ')}`,
    values: Object.fromEntries(given.map(([name, value]) => [`:${name}`, value as unknown])),
  };
}

import { tenantId } from '@isthmus/shared/domain/ids';
import {
  type CallRecord,
  callItem,
  recordGsi1sk,
  recordsGsi1pk,
  usageKey,
  usageOf,
  usageShardOf,
} from '@isthmus/shared/store/call-records';
import { callKey, GSI1, liveCallsGsi1pk } from '@isthmus/shared/store/keys';
import type { CallStore } from '../../ports/stores.ts';
import type { DynamoTable } from './dynamo-table.ts';
import { allOrNone } from './dynamo-transaction.ts';

/**
 * An attempt is one item: begun, answered, and at its end the record, found by tenant and month. What
 * comes after the end changes nothing (OPS-3).
 */
export const createDynamoCallStore = (table: DynamoTable): CallStore => ({
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
    const month = monthOf(record.startedAtMs);
    const index = { gsi1pk: recordsGsi1pk(tenant, month), gsi1sk: recordGsi1sk(record) };
    const ended = table.updateOf(callKey(tenant, record.attemptId), {
      ...setting({ ...record, ...index }),
      condition: 'attribute_not_exists(#endedAtMs)',
    });
    const counted = { ...usageChange(record, month), TableName: table.name };
    return allOrNone(table, [{ Update: ended }, { Update: counted }]);
  },
  async liveOn(node) {
    const values = { ':pk': liveCallsGsi1pk(node) };
    const found = await table.query({ index: GSI1, where: '#gsi1pk = :pk', values });
    return found.map((it) => callItem.parse(it));
  },
});

function usageChange(record: CallRecord, month: string) {
  const tenant = tenantId(record.tenantId);
  const { answeredCalls, calls, seconds } = usageOf(record);
  return {
    Key: usageKey(tenant, month, usageShardOf(record.attemptId)),
    UpdateExpression: 'ADD #calls :calls, #answeredCalls :answered, #seconds :seconds',
    ExpressionAttributeNames: {
      '#calls': 'calls',
      '#answeredCalls': 'answeredCalls',
      '#seconds': 'seconds',
    },
    ExpressionAttributeValues: { ':calls': calls, ':answered': answeredCalls, ':seconds': seconds },
  };
}

/** In UTC. */
const monthOf = (timeMs: number): string => new Date(timeMs).toISOString().slice(0, 7);

function setting(attributes: object) {
  const given = Object.entries(attributes).filter(([, value]) => value !== undefined);
  return {
    update: `SET ${given.map(([name]) => `#${name} = :${name}`).join(', ')}`,
    values: Object.fromEntries(given.map(([name, value]) => [`:${name}`, value as unknown])),
  };
}

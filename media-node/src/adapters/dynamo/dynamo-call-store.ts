import { callId, tenantId } from '@isthmus/shared/domain/ids';
import { type CallItem, callItem } from '@isthmus/shared/store/items';
import { callKey, GSI1, liveCallsGsi1pk } from '@isthmus/shared/store/keys';
import type { CallStore } from '../../ports/stores.ts';
import type { DynamoTable } from './dynamo-table.ts';

/**
 * The three writes of a call may arrive in any order: each touches only its own attributes, and
 * only the first of its kind counts (OPS-3).
 */
export const createDynamoCallStore = (table: DynamoTable): CallStore => ({
  async begin(call) {
    const index = { gsi1pk: liveCallsGsi1pk(call.nodeId), gsi1sk: call.callId };
    const attributes = Object.entries({ ...(call satisfies CallItem), ...index });
    await table.update(callKey(tenantId(call.tenantId), callId(call.callId)), {
      update: `SET ${attributes.map(([name]) => `#${name} = :${name}`).join(', ')}`,
      condition: 'attribute_not_exists(#startedAtMs)',
      values: Object.fromEntries(attributes.map(([name, value]) => [`:${name}`, value])),
    });
  },
  async answered(tenant, call, atMs) {
    await table.update(callKey(tenant, call), {
      update: 'SET #answeredAtMs = :at',
      condition: 'attribute_not_exists(#answeredAtMs)',
      values: { ':at': atMs },
    });
  },
  async end(tenant, call, { cause, endedAtMs }) {
    await table.update(callKey(tenant, call), {
      update: 'SET #endedAtMs = :at, #cause = :cause REMOVE #gsi1pk, #gsi1sk',
      condition: 'attribute_not_exists(#endedAtMs)',
      values: { ':at': endedAtMs, ':cause': cause },
    });
  },
  async liveOn(node) {
    const values = { ':pk': liveCallsGsi1pk(node) };
    const found = await table.query({ index: GSI1, where: '#gsi1pk = :pk', values });
    // An end that was written before its beginning has left the call in the index.
    return found.map((it) => callItem.parse(it)).filter((it) => it.endedAtMs === undefined);
  },
});

import { callId, tenantId } from '@isthmus/shared/domain/ids';
import type { CallItem } from '@isthmus/shared/store/items';
import { callKey } from '@isthmus/shared/store/keys';
import type { CallStore } from '../../ports/stores.ts';
import type { DynamoTable } from './dynamo-table.ts';

/**
 * The three writes of a call may arrive in any order: each touches only its own attributes, and
 * only the first of its kind counts (OPS-3).
 */
export const createDynamoCallStore = (table: DynamoTable): CallStore => ({
  async begin(call) {
    const attributes = Object.entries(call satisfies CallItem);
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
      update: 'SET #endedAtMs = :at, #cause = :cause',
      condition: 'attribute_not_exists(#endedAtMs)',
      values: { ':at': endedAtMs, ':cause': cause },
    });
  },
});

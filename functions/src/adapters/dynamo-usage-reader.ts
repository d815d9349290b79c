import {
  callRecord,
  recordsGsi1pk,
  sumOfUsage,
  usageItem,
  usageKey,
} from '@isthmus/shared/store/call-records';
import { GSI1 } from '@isthmus/shared/store/keys';
import type { UsageReader } from '../ports/usage-reader.ts';
import type { DynamoTable } from './dynamo-table.ts';

/** One partition a tenant and month, of the table for the counters and of its index for the records. */
export const createDynamoUsageReader = (table: DynamoTable): UsageReader => ({
  async usage(tenant, month) {
    const { pk } = usageKey(tenant, month, 0);
    const shards = await table.all({ where: '#pk = :pk', values: { ':pk': pk } }, usageItem);
    return sumOfUsage(shards);
  },
  records: (tenant, month) =>
    table.query(
      { index: GSI1, where: '#gsi1pk = :pk', values: { ':pk': recordsGsi1pk(tenant, month) } },
      callRecord,
    ),
});

import { BatchGetCommand } from '@aws-sdk/lib-dynamodb';
import { impu, tenantId } from '@isthmus/shared/domain/ids';
import { bindingItem } from '@isthmus/shared/store/items';
import { bindingKey, impuKey, type Key } from '@isthmus/shared/store/keys';
import type { BindingStore } from '../ports/binding-store.ts';
import { type DynamoTable, failing } from './dynamo-table.ts';
import { allOrNone, putNew } from './dynamo-transaction.ts';

const KEYS_PER_BATCH = 100;

export const createDynamoBindingStore = (table: DynamoTable): BindingStore => ({
  ofUser: (tenant, userName) => table.get(bindingKey(tenant, userName), bindingItem),
  async taken(tenant, impus) {
    const found = new Set<string>();
    for (let at = 0; at < impus.length; at += KEYS_PER_BATCH) {
      const keys = impus.slice(at, at + KEYS_PER_BATCH).map((one) => impuKey(tenant, one));
      for (const item of await batchGet(table, keys)) found.add(bindingItem.parse(item).impu);
    }
    return found;
  },
  async bind(binding) {
    const tenant = tenantId(binding.tenantId);
    const keys = [bindingKey(tenant, binding.userName), impuKey(tenant, impu(binding.impu))];
    const writes = keys.map((key) => putNew(table, key, binding));
    const failed = await allOrNone(table, 'bind', writes);
    if (failed === undefined) return 'bound';
    return failed === 0 ? 'user-has-one' : 'impu-taken';
  },
});

/** A batch may come back in part; the rest is asked for again. */
async function batchGet(table: DynamoTable, keys: readonly Key[]): Promise<readonly unknown[]> {
  const found: unknown[] = [];
  let rest: readonly Record<string, unknown>[] = keys.map((key) => ({ ...key }));
  while (rest.length > 0) {
    const command = new BatchGetCommand({
      RequestItems: { [table.name]: { Keys: [...rest], ConsistentRead: true } },
    });
    const answer = await failing('batch get', table.client.send(command));
    found.push(...(answer.Responses?.[table.name] ?? []));
    rest = answer.UnprocessedKeys?.[table.name]?.Keys ?? [];
  }
  return found;
}

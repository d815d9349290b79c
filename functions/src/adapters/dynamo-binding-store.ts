import { BatchGetCommand } from '@aws-sdk/lib-dynamodb';
import { impu, tenantId } from '@isthmus/shared/domain/ids';
import { type BindingItem, bindingItem } from '@isthmus/shared/store/items';
import { bindingKey, impuKey, type Key } from '@isthmus/shared/store/keys';
import type { BindingStore } from '../ports/binding-store.ts';
import { type DynamoTable, failing } from './dynamo-table.ts';
import { allOrNone, deleteIf, putIf, putNew } from './dynamo-transaction.ts';

const KEYS_PER_BATCH = 100;

/** Free, rested, or what this very user has given up a moment ago. */
const MAY_BE_HAD = [
  'attribute_not_exists(#pk)',
  '#restsUntilMs <= :now',
  '(attribute_exists(#restsUntilMs) AND #userName = :user)',
].join(' OR ');
const IS_HELD = '#userName = :user AND attribute_not_exists(#restsUntilMs)';

export const createDynamoBindingStore = (table: DynamoTable): BindingStore => ({
  ofUser: (tenant, userName) => table.get(bindingKey(tenant, userName), bindingItem),
  async holders(tenant, impus) {
    const found = new Map<string, BindingItem>();
    for (let at = 0; at < impus.length; at += KEYS_PER_BATCH) {
      const keys = impus.slice(at, at + KEYS_PER_BATCH).map((one) => impuKey(tenant, one));
      for (const item of await batchGet(table, keys)) {
        const holder = bindingItem.parse(item);
        if (isHeld(holder, table.nowMs())) found.set(holder.impu, holder);
      }
    }
    return found;
  },
  async bind(binding) {
    const [userSide, identitySide] = keysOf(binding);
    const { usedAtMs: _, ...identity } = binding;
    const failed = await allOrNone(table, 'bind', [
      putNew(table, userSide, binding),
      putIf(table, identitySide, {
        item: identity,
        condition: MAY_BE_HAD,
        values: { ':now': table.nowMs(), ':user': binding.userName },
      }),
    ]);
    if (failed === undefined) return 'bound';
    return failed === 0 ? 'user-has-one' : 'impu-taken';
  },
  touch: (binding, atMs) =>
    table.update(keysOf(binding)[0], {
      update: 'SET #usedAtMs = :at',
      condition: '#impu = :impu',
      values: { ':at': atMs, ':impu': binding.impu },
    }),
  async release(binding, restsUntilMs) {
    const [userSide, identitySide] = keysOf(binding);
    const { usedAtMs, ...identity } = binding;
    // DynamoDB may delete it when it has rested: an identity without an item is free as well.
    const ttl = Math.ceil(restsUntilMs / 1000);
    const wasUsed = usedAtMs === undefined ? 'attribute_not_exists(#usedAtMs)' : '#usedAtMs = :at';
    const failed = await allOrNone(table, 'release', [
      deleteIf(table, userSide, {
        condition: `#impu = :impu AND ${wasUsed}`,
        values: { ':impu': binding.impu, ...(usedAtMs === undefined ? {} : { ':at': usedAtMs }) },
      }),
      putIf(table, identitySide, {
        item: { ...identity, restsUntilMs, ttl },
        condition: IS_HELD,
        values: { ':user': binding.userName },
      }),
    ]);
    return failed === undefined;
  },
});

const keysOf = (binding: BindingItem): readonly [userSide: Key, identitySide: Key] => {
  const tenant = tenantId(binding.tenantId);
  return [bindingKey(tenant, binding.userName), impuKey(tenant, impu(binding.impu))];
};

const isHeld = ({ restsUntilMs }: BindingItem, nowMs: number): boolean =>
  restsUntilMs === undefined || restsUntilMs > nowMs;

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

import { forwardingItem } from '@isthmus/shared/store/items';
import { forwardingKey, type Key } from '@isthmus/shared/store/keys';
import type { ForwardingStore, Subscriber } from '../../ports/stores.ts';
import type { DynamoTable } from './dynamo-table.ts';

export const createDynamoForwardingStore = (table: DynamoTable): ForwardingStore => ({
  async get(user) {
    const found = await table.get(keyOf(user));
    if (!found) return undefined;
    const { tenantId: _, userName: __, option: ___, ...targets } = forwardingItem.parse(found);
    return targets;
  },
  async put(user, targets) {
    const { option, tenantId, userName } = user;
    const given = Object.entries(targets).filter(([, target]) => target !== undefined);
    if (given.length === 0) await table.delete(keyOf(user));
    else {
      const item = { tenantId, userName, option, ...Object.fromEntries(given) };
      await table.put(keyOf(user), item);
    }
  },
});

const keyOf = ({ option, tenantId, userName }: Subscriber): Key =>
  forwardingKey(tenantId, option, userName);

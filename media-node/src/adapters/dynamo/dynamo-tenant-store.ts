import type { TenantId } from '@isthmus/shared/domain/ids';
import { IwfError } from '@isthmus/shared/errors/iwf-error';
import { type TenantItem, tenantItem } from '@isthmus/shared/store/items';
import { tenantKey } from '@isthmus/shared/store/keys';
import type { Clock } from '../../ports/clock.ts';
import type { TenantStore } from '../../ports/stores.ts';
import type { DynamoTable } from './dynamo-table.ts';

/** A tenant's settings change seldom and are read with every registration and call. */
const CACHED_MS = 30_000;

export function createDynamoTenantStore(table: DynamoTable, clock: Clock): TenantStore {
  const cache = new Map<TenantId, { readonly item: TenantItem; readonly endsMs: number }>();
  return {
    async get(tenant) {
      const cached = cache.get(tenant);
      if (cached && cached.endsMs > clock.nowMs()) return cached.item;
      const found = await table.get(tenantKey(tenant));
      if (!found) throw new IwfError('tenant.unknown', { tenant });
      const item = tenantItem.parse(found);
      cache.set(tenant, { item, endsMs: clock.nowMs() + CACHED_MS });
      return item;
    },
  };
}

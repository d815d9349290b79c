import type { TenantId } from '@isthmus/shared/domain/ids';
import { type CallQuota, expiryOf } from '@isthmus/shared/store/accounting-policy';
import { type Month, quotaKey } from '@isthmus/shared/store/call-records';
import type { Admission } from '../../ports/stores.ts';
import type { DynamoTable } from './dynamo-table.ts';

/** Longer than any month and the calls that began in it. */
const KEPT_DAYS = 62;
const MINUTE_S = 60;

/** In UTC. */
export const monthOf = (timeMs: number): Month => new Date(timeMs).toISOString().slice(0, 7);

/** One counter a tenant and month; a condition on it lets nobody in beyond its limit (OPS-3). */
export async function admitWithin(
  table: DynamoTable,
  tenant: TenantId,
  { nowMs, quota }: { readonly nowMs: number; readonly quota: CallQuota },
): Promise<Admission> {
  const { callsPerMonth, minutesPerMonth } = quota;
  const key = quotaKey(tenant, monthOf(nowMs));
  const below = (name: string, limit: string): string =>
    `(attribute_not_exists(#${name}) AND ${limit} > :none OR #${name} < ${limit})`;
  const conditions = [
    ...(callsPerMonth === undefined ? [] : [below('calls', ':calls')]),
    ...(minutesPerMonth === undefined ? [] : [below('seconds', ':seconds')]),
  ];
  if (conditions.length === 0) return 'admitted';
  const isIn = await table.update(key, {
    update: 'ADD #calls :one SET #ttl = :ttl',
    condition: conditions.join(' AND '),
    values: {
      ...{ ':one': 1, ':none': 0, ':ttl': expiryOf(nowMs, KEPT_DAYS) },
      ...(callsPerMonth !== undefined && { ':calls': callsPerMonth }),
      ...(minutesPerMonth !== undefined && { ':seconds': minutesPerMonth * MINUTE_S }),
    },
  });
  if (isIn) return 'admitted';
  const used = Number((await table.get(key))?.['calls'] ?? 0);
  return callsPerMonth !== undefined && used >= callsPerMonth ? 'calls' : 'minutes';
}

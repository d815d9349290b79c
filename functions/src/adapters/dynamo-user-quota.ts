import { expiryOf } from '@isthmus/shared/store/accounting-policy';
import { registeredUserKey, userQuotaKey } from '@isthmus/shared/store/call-records';
import type { UserQuota } from '../ports/user-quota.ts';
import type { DynamoTable } from './dynamo-table.ts';
import { monthOf } from './month.ts';

/** Longer than any month. */
const KEPT_DAYS = 40;

const anything = { parse: (value: unknown) => value };

/**
 * A counter a tenant and month, and a mark for each user who is counted. The count comes first, under
 * a condition that lets nobody in beyond the limit: whatever fails behind it, it is never too low. No
 * transaction, for all users of a tenant come at once when a month begins.
 */
export const createDynamoUserQuota = (table: DynamoTable): UserQuota => ({
  async admit(user, limit) {
    const month = monthOf(table.nowMs());
    const mark = registeredUserKey(user.tenant, month, user);
    const counter = userQuotaKey(user.tenant, month);
    const ttl = expiryOf(table.nowMs(), KEPT_DAYS);
    const isMarked = async () => (await table.get(mark, anything)) !== undefined;
    if (await isMarked()) return true;
    const isCounted = await table.update(counter, {
      update: 'ADD #users :one SET #ttl = :ttl',
      condition: '(attribute_not_exists(#users) AND :limit > :none) OR #users < :limit',
      values: { ':one': 1, ':none': 0, ':limit': limit, ':ttl': ttl },
    });
    if (!isCounted) return isMarked();
    if (await table.putNew(mark, { ttl })) return true;
    // Another device of the same user was quicker.
    await table.update(counter, { update: 'ADD #users :less', values: { ':less': -1 } });
    return true;
  },
});

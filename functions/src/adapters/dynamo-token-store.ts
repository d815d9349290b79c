import { err, ok } from '@isthmus/shared/result';
import { type TokenItem, tokenItem } from '@isthmus/shared/store/items';
import { tokenKey } from '@isthmus/shared/store/keys';
import type { TokenRefusal, TokenStore } from '../ports/token-store.ts';
import type { DynamoTable } from './dynamo-table.ts';

const REDEEMABLE = [
  '#tenantId = :tenant',
  'attribute_not_exists(#redeemedAtMs)',
  '#expiresAtMs > :now',
].join(' AND ');

export const createDynamoTokenStore = (table: DynamoTable): TokenStore => ({
  put: (tokenSha256, token) => table.put(tokenKey(tokenSha256), token),
  async redeem(tokenSha256, tenant) {
    const key = tokenKey(tokenSha256);
    const won = await table.update(key, {
      update: 'SET #redeemedAtMs = :now',
      condition: REDEEMABLE,
      values: { ':now': table.nowMs(), ':tenant': tenant },
    });
    const token = await table.get(key, tokenItem);
    return won && token ? ok(token) : err(refusalOf(token, tenant));
  },
});

/** Why the condition did not hold, from the item as it stands now. */
function refusalOf(token: TokenItem | undefined, tenant: string): TokenRefusal {
  if (!token) return 'unknown';
  if (token.tenantId !== tenant) return 'foreign';
  return token.redeemedAtMs === undefined ? 'expired' : 'used';
}

import { tenantId } from '@isthmus/shared/domain/ids';
import { type OidcIdentityItem, oidcIdentityItem } from '@isthmus/shared/store/items';
import { type Key, oidcSubjectKey, oidcUserKey, usedIdTokenKey } from '@isthmus/shared/store/keys';
import type { IdentityStore } from '../ports/identity-store.ts';
import type { DynamoTable } from './dynamo-table.ts';
import { allOrNone, deleteIf, putNew, type Write } from './dynamo-transaction.ts';

/** One item for each direction, which is what keeps both of them unique. */
const keysOf = (identity: OidcIdentityItem): readonly Key[] => {
  const tenant = tenantId(identity.tenantId);
  const { issuer, userName } = identity;
  return [oidcSubjectKey(tenant, identity), oidcUserKey(tenant, issuer, userName)];
};

export function createDynamoIdentityStore(table: DynamoTable): IdentityStore {
  const store: IdentityStore = {
    async userNameOf(tenant, subject) {
      return (await table.get(oidcSubjectKey(tenant, subject), oidcIdentityItem))?.userName;
    },
    async bind(identity) {
      const writes = keysOf(identity).map((key) => putNew(table, key, identity));
      const failed = await allOrNone(table, 'bind an identity', writes);
      if (failed === undefined) return true;
      return (await store.userNameOf(tenantId(identity.tenantId), identity)) === identity.userName;
    },
    async unbind(identity) {
      const writes = keysOf(identity).map((key) => deletion(table, key, identity));
      return (await allOrNone(table, 'unbind an identity', writes)) === undefined;
    },
    useOnce: (tenant, subject, { jti, ttl }) =>
      table.putNew(usedIdTokenKey(tenant, subject, jti), { ttl }),
  };
  return store;
}

const deletion = (table: DynamoTable, key: Key, { subject, userName }: OidcIdentityItem): Write =>
  deleteIf(table, key, {
    condition: '#subject = :subject AND #userName = :userName',
    values: { ':subject': subject, ':userName': userName },
  });

import { tenantId, trunkId } from '@isthmus/shared/domain/ids';
import { tenantItem, trunkItem, userItem } from '@isthmus/shared/store/items';
import {
  TRUNKS_GSI1PK,
  tenantKey,
  trunkGsi1sk,
  trunkKey,
  userKey,
} from '@isthmus/shared/store/keys';
import type { TenantStore, TrunkStore, UserStore } from '../ports/directory.ts';
import type { DynamoTable } from './dynamo-table.ts';

export const createDynamoTenantStore = (table: DynamoTable): TenantStore => ({
  get: (tenant) => table.get(tenantKey(tenant), tenantItem),
  put: (tenant) => table.put(tenantKey(tenantId(tenant.tenantId)), tenant),
});

export const createDynamoUserStore = (table: DynamoTable): UserStore => ({
  get: (tenant, userName) => table.get(userKey(tenant, userName), userItem),
  put: (user) => table.put(userKey(tenantId(user.tenantId), user.userName), user),
  revokeTokens: (tenant, userName, fromMs) =>
    table.update(userKey(tenant, userName), {
      update: 'SET #tokensFromMs = :from',
      condition: 'attribute_exists(#pk)',
      values: { ':from': fromMs },
    }),
});

const PUT_TRUNK = [
  'SET #tenantId = :tenantId, #trunkId = :trunkId, #impu = :impu, #impi = :impi',
  '#sealedPassword = :sealedPassword, #gsi1pk = :gsi1pk, #gsi1sk = :gsi1sk',
  '#state = if_not_exists(#state, :down), #implicitSet = if_not_exists(#implicitSet, :none)',
].join(', ');

export const createDynamoTrunkStore = (table: DynamoTable): TrunkStore => ({
  ofTenant(tenant) {
    const { pk, sk } = trunkKey(tenant, trunkId(''));
    const where = '#pk = :pk AND begins_with(#sk, :sk)';
    return table.all({ where, values: { ':pk': pk, ':sk': sk } }, trunkItem);
  },
  async put(trunk) {
    const tenant = tenantId(trunk.tenantId);
    const id = trunkId(trunk.trunkId);
    const values = {
      ':tenantId': tenant,
      ':trunkId': id,
      ':impu': trunk.impu,
      ':impi': trunk.impi,
      ':sealedPassword': trunk.sealedPassword,
      ':gsi1pk': TRUNKS_GSI1PK,
      ':gsi1sk': trunkGsi1sk(tenant, id),
      ':down': 'down',
      ':none': [],
    };
    const { bulkRegistration, numbers, secretKind } = trunk;
    const more = Object.entries({ bulkRegistration, numbers, secretKind });
    const given = more.filter(([, value]) => value !== undefined);
    const gone = more.filter(([, value]) => value === undefined).map(([name]) => `#${name}`);
    await table.update(trunkKey(tenant, id), {
      update: [
        [PUT_TRUNK, ...given.map(([name]) => `#${name} = :${name}`)].join(', '),
        ...(gone.length > 0 ? [`REMOVE ${gone.join(', ')}`] : []),
      ].join(' '),
      values: {
        ...values,
        ...Object.fromEntries(given.map(([name, value]) => [`:${name}`, value])),
      },
    });
  },
  async noteRelease(tenant, trunk, atMs) {
    await table.update(trunkKey(tenant, trunk), {
      update: 'SET #releasedAtMs = :at',
      condition: 'attribute_exists(#pk)',
      values: { ':at': atMs },
    });
  },
});

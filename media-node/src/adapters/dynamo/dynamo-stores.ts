import { bindingItem } from '@isthmus/shared/store/items';
import { bindingKey, impuKey } from '@isthmus/shared/store/keys';
import type { Clock } from '../../ports/clock.ts';
import type {
  BindingStore,
  CallStore,
  ForwardingStore,
  MemberStore,
  NodeRegistry,
  RegistrationStore,
  SessionStore,
  TenantStore,
  TrunkStore,
} from '../../ports/stores.ts';
import { createDynamoCallStore } from './dynamo-call-store.ts';
import { createDynamoClient } from './dynamo-client.ts';
import { createDynamoForwardingStore } from './dynamo-forwarding-store.ts';
import { createDynamoNodeRegistry } from './dynamo-node-registry.ts';
import {
  createDynamoMemberStore,
  createDynamoRegistrationStore,
} from './dynamo-registration-store.ts';
import { createDynamoSessionStore } from './dynamo-session-store.ts';
import { DynamoTable } from './dynamo-table.ts';
import { createDynamoTenantStore } from './dynamo-tenant-store.ts';
import { DynamoTrunkStore } from './dynamo-trunk-store.ts';

export interface NodeStores {
  readonly tenants: TenantStore;
  readonly trunks: TrunkStore;
  readonly registrations: RegistrationStore;
  readonly members: MemberStore;
  readonly bindings: BindingStore;
  readonly forwardings: ForwardingStore;
  readonly sessions: SessionStore;
  readonly calls: CallStore;
  readonly registry: NodeRegistry;
}

export interface DynamoStoresOptions {
  readonly tableName: string;
  readonly region: string;
  readonly endpoint: string | undefined;
}

/** Everything the node keeps, in the one table. */
export function createDynamoStores(
  { clock }: { readonly clock: Clock },
  options: DynamoStoresOptions,
): NodeStores {
  const table = new DynamoTable(createDynamoClient(options), options.tableName);
  const registry = createDynamoNodeRegistry(table, clock);
  const tenants = createDynamoTenantStore(table, clock);
  return {
    tenants,
    trunks: new DynamoTrunkStore(table, registry),
    registrations: createDynamoRegistrationStore(table),
    members: createDynamoMemberStore(table),
    bindings: {
      async byImpu(tenant, impu) {
        const found = await table.get(impuKey(tenant, impu));
        const binding = found && bindingItem.parse(found);
        return binding?.restsUntilMs === undefined ? binding : undefined;
      },
      async touch(tenant, userName, atMs) {
        await table.update(bindingKey(tenant, userName), {
          update: 'SET #usedAtMs = :at',
          condition: 'attribute_exists(#pk)',
          values: { ':at': atMs },
        });
      },
    },
    forwardings: createDynamoForwardingStore(table),
    sessions: createDynamoSessionStore(table, clock),
    calls: createDynamoCallStore({ table, tenants, clock }),
    registry,
  };
}

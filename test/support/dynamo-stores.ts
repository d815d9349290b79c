import { ScanCommand } from '@aws-sdk/client-dynamodb';
import { impu, nodeId, sessionId, tenantId, trunkId } from '@isthmus/shared/domain/ids';
import {
  eventKey,
  NODES_UP_GSI1PK,
  nodeGsi1sk,
  nodeKey,
  registrationKey,
  trunkKey,
} from '@isthmus/shared/store/keys';
import { createAesAnswerCipher } from '../../functions/src/adapters/aes-answer-cipher.ts';
import { createDynamoClient } from '../../functions/src/adapters/aws-clients.ts';
import { createDynamoAttemptCounter } from '../../functions/src/adapters/dynamo-attempt-counter.ts';
import { createDynamoBindingStore } from '../../functions/src/adapters/dynamo-binding-store.ts';
import { createDynamoCallLog } from '../../functions/src/adapters/dynamo-call-log.ts';
import { createDynamoConnectionStore } from '../../functions/src/adapters/dynamo-connection-store.ts';
import {
  createDynamoTenantStore,
  createDynamoTrunkStore,
  createDynamoUserStore,
} from '../../functions/src/adapters/dynamo-directory.ts';
import { createDynamoIdentityStore } from '../../functions/src/adapters/dynamo-identity-store.ts';
import { createDynamoNodeDirectory } from '../../functions/src/adapters/dynamo-node-directory.ts';
import { createDynamoRegistrationDirectory } from '../../functions/src/adapters/dynamo-registration-directory.ts';
import { createDynamoRequestJournal } from '../../functions/src/adapters/dynamo-request-journal.ts';
import { createDynamoSessionStore } from '../../functions/src/adapters/dynamo-session-store.ts';
import { DynamoTable } from '../../functions/src/adapters/dynamo-table.ts';
import { createDynamoTokenStore } from '../../functions/src/adapters/dynamo-token-store.ts';
import { createDynamoUsageReader } from '../../functions/src/adapters/dynamo-usage-reader.ts';
import { createDynamoUserQuota } from '../../functions/src/adapters/dynamo-user-quota.ts';
import { randomAnswerKey } from '../../functions/src/adapters/random-key-mint.ts';
import { createTable } from '../../local/src/dynamo/adapters/create-table.ts';
import { clientOf, type DynamoEngine } from './dynamo-engines.ts';
import { MemoryClock } from './memory-clock.ts';
import type { NodeWrites, Stores } from './memory-stores.ts';

export interface DynamoStores {
  readonly stores: Stores;
  readonly nodeWrites: NodeWrites;
  readonly clock: MemoryClock;
  /** Every item of the table as it stands, for a look at what was left in it. */
  everything(): Promise<string>;
  close(): Promise<void>;
}

/** The stores of the functions on a new table of an engine. */
export async function startDynamoStores(
  start: () => Promise<DynamoEngine>,
  tableName: string,
): Promise<DynamoStores> {
  const engine = await start();
  const client = createDynamoClient({ region: 'us-east-1', endpoint: engine.endpoint });
  const maker = clientOf(engine.endpoint);
  await createTable(maker, tableName);
  const clock = new MemoryClock();
  const table = new DynamoTable({ client, tableName, clock });
  return {
    stores: dynamoStores(table),
    nodeWrites: dynamoNodeWrites(table),
    clock,
    async everything() {
      const { Items } = await maker.send(new ScanCommand({ TableName: tableName }));
      return JSON.stringify(Items);
    },
    close() {
      maker.destroy();
      client.destroy();
      return engine.close();
    },
  };
}

function dynamoStores(table: DynamoTable): Stores {
  const cipher = createAesAnswerCipher({ key: randomAnswerKey() });
  const tenants = createDynamoTenantStore(table);
  return {
    tenants,
    trunks: createDynamoTrunkStore(table),
    users: createDynamoUserStore(table),
    bindings: createDynamoBindingStore(table),
    identities: createDynamoIdentityStore(table),
    tokens: createDynamoTokenStore(table),
    connections: createDynamoConnectionStore(table),
    sessions: createDynamoSessionStore(table),
    nodes: createDynamoNodeDirectory(table),
    registrations: createDynamoRegistrationDirectory(table),
    attempts: createDynamoAttemptCounter(table),
    journal: createDynamoRequestJournal({ table, cipher }),
    callLog: createDynamoCallLog({ table, tenants }),
    usage: createDynamoUsageReader(table),
    userQuota: createDynamoUserQuota(table),
  };
}

const dynamoNodeWrites = (table: DynamoTable): NodeWrites => ({
  announce(node) {
    const id = nodeId(node.nodeId);
    const index = { gsi1pk: NODES_UP_GSI1PK, gsi1sk: nodeGsi1sk(node.used, id) };
    return table.put(nodeKey(id), { ...node, ...index });
  },
  keep: (item) => table.put(registrationKey(tenantId(item.tenantId), impu(item.impu)), item),
  appendEvent: (session, event) => table.put(eventKey(sessionId(session), event.seq), event),
  async reportTrunk({ implicitSet, owner, state, tenantId: tenant, trunkId: trunk }) {
    await table.update(trunkKey(tenantId(tenant), trunkId(trunk)), {
      update: 'SET #implicitSet = :set, #owner = :owner, #state = :state',
      values: { ':set': implicitSet, ':owner': owner, ':state': state },
    });
  },
});

import { nodeId, sessionId, tenantId, trunkId } from '@isthmus/shared/domain/ids';
import {
  eventKey,
  NODES_UP_GSI1PK,
  nodeGsi1sk,
  nodeKey,
  trunkKey,
} from '@isthmus/shared/store/keys';
import { createAesAnswerCipher } from '../../functions/src/adapters/aes-answer-cipher.ts';
import { createDynamoClient } from '../../functions/src/adapters/aws-clients.ts';
import { createDynamoAttemptCounter } from '../../functions/src/adapters/dynamo-attempt-counter.ts';
import { createDynamoBindingStore } from '../../functions/src/adapters/dynamo-binding-store.ts';
import { createDynamoConnectionStore } from '../../functions/src/adapters/dynamo-connection-store.ts';
import {
  createDynamoTenantStore,
  createDynamoTrunkStore,
  createDynamoUserStore,
} from '../../functions/src/adapters/dynamo-directory.ts';
import { createDynamoIdentityStore } from '../../functions/src/adapters/dynamo-identity-store.ts';
import { createDynamoNodeDirectory } from '../../functions/src/adapters/dynamo-node-directory.ts';
import { createDynamoRequestJournal } from '../../functions/src/adapters/dynamo-request-journal.ts';
import { createDynamoSessionStore } from '../../functions/src/adapters/dynamo-session-store.ts';
import { DynamoTable } from '../../functions/src/adapters/dynamo-table.ts';
import { createDynamoTokenStore } from '../../functions/src/adapters/dynamo-token-store.ts';
import { randomAnswerKey } from '../../functions/src/adapters/random-key-mint.ts';
import { createTable } from '../../local/src/dynamo/adapters/create-table.ts';
import { clientOf, DYNAMO_ENGINES, type DynamoEngine } from '../support/dynamo-engines.ts';
import { MemoryClock } from '../support/memory-clock.ts';
import { createMemoryStores, type NodeWrites, type Stores } from '../support/memory-stores.ts';
import { type RepositoriesUnderTest, repositoriesContract } from './repositories.contract.ts';

const TABLE_NAME = 'repositories';

function dynamoStores(table: DynamoTable): Stores {
  const cipher = createAesAnswerCipher({ key: randomAnswerKey() });
  return {
    tenants: createDynamoTenantStore(table),
    trunks: createDynamoTrunkStore(table),
    users: createDynamoUserStore(table),
    bindings: createDynamoBindingStore(table),
    identities: createDynamoIdentityStore(table),
    tokens: createDynamoTokenStore(table),
    connections: createDynamoConnectionStore(table),
    sessions: createDynamoSessionStore(table),
    nodes: createDynamoNodeDirectory(table),
    attempts: createDynamoAttemptCounter(table),
    journal: createDynamoRequestJournal({ table, cipher }),
  };
}

const dynamoNodeWrites = (table: DynamoTable): NodeWrites => ({
  announce(node) {
    const id = nodeId(node.nodeId);
    const index = { gsi1pk: NODES_UP_GSI1PK, gsi1sk: nodeGsi1sk(node.used, id) };
    return table.put(nodeKey(id), { ...node, ...index });
  },
  appendEvent: (session, event) => table.put(eventKey(sessionId(session), event.seq), event),
  async reportTrunk({ implicitSet, owner, state, tenantId: tenant, trunkId: trunk }) {
    await table.update(trunkKey(tenantId(tenant), trunkId(trunk)), {
      update: 'SET #implicitSet = :set, #owner = :owner, #state = :state',
      values: { ':set': implicitSet, ':owner': owner, ':state': state },
    });
  },
});

describe('the stores in memory', () => {
  let current: RepositoriesUnderTest;
  beforeAll(() => {
    const clock = new MemoryClock();
    current = { ...createMemoryStores(clock), clock };
  });
  repositoriesContract(() => current);
});

describe.each(DYNAMO_ENGINES)('the stores on %s', (_name, start) => {
  let engine: DynamoEngine;
  let current: RepositoriesUnderTest;
  let close: () => void;

  beforeAll(async () => {
    engine = await start();
    const client = createDynamoClient({ region: 'us-east-1', endpoint: engine.endpoint });
    const maker = clientOf(engine.endpoint);
    await createTable(maker, TABLE_NAME);
    maker.destroy();
    const clock = new MemoryClock();
    const table = new DynamoTable({ client, tableName: TABLE_NAME, clock });
    current = { stores: dynamoStores(table), nodeWrites: dynamoNodeWrites(table), clock };
    close = () => {
      client.destroy();
    };
  });
  afterAll(async () => {
    close();
    await engine.close();
  });

  repositoriesContract(() => current);
});

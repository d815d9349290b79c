import { type NodeId, nodeId, type TenantId, type TrunkId } from '@isthmus/shared/domain/ids';
import { IwfError } from '@isthmus/shared/errors/iwf-error';
import { trunkItem } from '@isthmus/shared/store/items';
import { GSI1, nodeKey, TRUNKS_GSI1PK, trunkKey } from '@isthmus/shared/store/keys';
import type { Clock } from '../../ports/clock.ts';
import type { TrunkStore } from '../../ports/stores.ts';
import { type Change, type DynamoTable, namesIn } from './dynamo-table.ts';

const LAPSED = 'attribute_not_exists(#pk) OR #leaseUntilMs <= :now';

export class DynamoTrunkStore implements TrunkStore {
  readonly #table: DynamoTable;
  readonly #clock: Clock;

  constructor(table: DynamoTable, clock: Clock) {
    this.#table = table;
    this.#clock = clock;
  }

  async list() {
    const values = { ':pk': TRUNKS_GSI1PK };
    const found = await this.#table.query({ index: GSI1, where: '#gsi1pk = :pk', values });
    return found.map((item) => trunkItem.parse(item));
  }

  async claim(tenant: TenantId, trunk: TrunkId, node: NodeId): Promise<boolean> {
    const found = await this.#table.get(trunkKey(tenant, trunk));
    if (!found) return false;
    const { owner } = trunkItem.parse(found);
    if (owner !== undefined && owner !== node) {
      return this.#takeOver(trunkKey(tenant, trunk), nodeId(owner), node);
    }
    return this.#table.update(trunkKey(tenant, trunk), {
      update: 'SET #owner = :node',
      condition: 'attribute_exists(#pk) AND (attribute_not_exists(#owner) OR #owner = :node)',
      values: { ':node': node },
    });
  }

  async reportUp(tenant: TenantId, trunk: TrunkId, node: NodeId, implicitSet: readonly string[]) {
    await this.#report(tenant, trunk, {
      update: 'SET #state = :up, #implicitSet = :set',
      condition: '#owner = :node',
      values: { ':up': 'up', ':set': implicitSet, ':node': node },
    });
  }

  async reportDown(tenant: TenantId, trunk: TrunkId, node: NodeId): Promise<void> {
    await this.#report(tenant, trunk, {
      update: 'SET #state = :down',
      condition: '#owner = :node',
      values: { ':down': 'down', ':node': node },
    });
  }

  /** What another node owns by now is not ours to give back. */
  async release(tenant: TenantId, trunk: TrunkId, node: NodeId): Promise<void> {
    await this.#table.update(trunkKey(tenant, trunk), {
      update: 'SET #state = :down REMOVE #owner',
      condition: '#owner = :node',
      values: { ':down': 'down', ':node': node },
    });
  }

  async #report(tenant: TenantId, trunk: TrunkId, change: Change): Promise<void> {
    if (await this.#table.update(trunkKey(tenant, trunk), change)) return;
    throw new IwfError('store.failed', { operation: 'report a trunk that another node owns' });
  }

  /** In one transaction with a look at the owner's lease: it may be renewed at this very moment. */
  #takeOver(key: ReturnType<typeof trunkKey>, owner: NodeId, node: NodeId): Promise<boolean> {
    const change = {
      update: 'SET #owner = :node, #state = :down',
      condition: '#owner = :owner',
      values: { ':node': node, ':owner': owner, ':down': 'down' },
    };
    const isLapsed = {
      TableName: this.#table.name,
      Key: nodeKey(owner),
      ConditionExpression: LAPSED,
      ExpressionAttributeNames: namesIn(LAPSED),
      ExpressionAttributeValues: { ':now': this.#clock.nowMs() },
    };
    return this.#table.transact([
      { Update: this.#table.updateOf(key, change) },
      { ConditionCheck: isLapsed },
    ]);
  }
}

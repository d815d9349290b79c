import { nodeId, tenantId, trunkId } from '@isthmus/shared/domain/ids';
import { IwfError } from '@isthmus/shared/errors/iwf-error';
import { type TrunkItem, trunkItem } from '@isthmus/shared/store/items';
import { GSI1, type Key, TRUNKS_GSI1PK, trunkKey } from '@isthmus/shared/store/keys';
import type { SequenceRecord } from '../../core/aka/sequence.ts';
import type { NodeRegistry, Tenure, TrunkName, TrunkStore } from '../../ports/stores.ts';
import type { Change, DynamoTable } from './dynamo-table.ts';
import { type AlongWithOwner, IS_OWNED, Ownership, ownedBy } from './ownership.ts';

const keyOf = ({ tenantId: tenant, trunkId: trunk }: TrunkName): Key => trunkKey(tenant, trunk);
const keyOfItem = (item: TrunkItem): Key =>
  trunkKey(tenantId(item.tenantId), trunkId(item.trunkId));

export class DynamoTrunkStore implements TrunkStore {
  readonly #table: DynamoTable;
  readonly #registry: Pick<NodeRegistry, 'bury'>;
  readonly #ownership: Ownership;

  constructor(table: DynamoTable, registry: Pick<NodeRegistry, 'bury'>) {
    this.#table = table;
    this.#registry = registry;
    this.#ownership = new Ownership(table);
  }

  async list() {
    const values = { ':pk': TRUNKS_GSI1PK };
    const found = await this.#table.query({ index: GSI1, where: '#gsi1pk = :pk', values });
    return found.map((item) => trunkItem.parse(item));
  }

  async claim(name: TrunkName, by: Tenure, instanceId: string): Promise<TrunkItem | undefined> {
    const found = await this.#table.get(keyOf(name));
    if (!found) return undefined;
    const item = trunkItem.parse(found);
    if (!(await this.#isFree(item, by))) return undefined;
    const mine = item.owner === by.nodeId && item.ownerEpoch === by.epoch;
    const along = mine ? { set: '', values: {} } : firstClaim(instanceId);
    if (!(await this.#ownership.claim(keyOf(name), item, { ...by, along }))) return undefined;
    const taken = { ...item, owner: by.nodeId, ownerEpoch: by.epoch };
    return { ...taken, instanceId: item.instanceId ?? instanceId };
  }

  async isOwned(name: TrunkName, { epoch, nodeId: by }: Tenure): Promise<boolean> {
    const found = await this.#table.get(keyOf(name));
    const item = found && trunkItem.parse(found);
    return item?.owner === by && item.ownerEpoch === epoch;
  }

  async reportUp(name: TrunkName, owner: Tenure, implicitSet: readonly string[]) {
    await this.#report(name, {
      update: 'SET #state = :up, #implicitSet = :set',
      condition: IS_OWNED,
      values: { ':up': 'up', ':set': implicitSet, ...ownedBy(owner) },
    });
  }

  async reportDown(name: TrunkName, owner: Tenure): Promise<void> {
    await this.#report(name, {
      update: 'SET #state = :down',
      condition: IS_OWNED,
      values: { ':down': 'down', ...ownedBy(owner) },
    });
  }

  /** What another node owns by now is not ours to give back. */
  async release(name: TrunkName, owner: Tenure): Promise<void> {
    await this.#table.update(keyOf(name), {
      update: 'SET #state = :down REMOVE #owner, #ownerEpoch, #isOffered, #successor',
      condition: IS_OWNED,
      values: { ':down': 'down', ...ownedBy(owner) },
    });
  }

  noteSequence(name: TrunkName, owner: Tenure, accepted: SequenceRecord): Promise<boolean> {
    return this.#ownership.noteSequence(keyOf(name), owner, accepted);
  }

  offer(name: TrunkName, owner: Tenure): Promise<boolean> {
    return this.#ownership.offer(keyOf(name), owner);
  }

  recall(name: TrunkName, owner: Tenure): Promise<boolean> {
    return this.#ownership.recall(keyOf(name), owner);
  }

  succeed(item: TrunkItem, successor: Tenure): Promise<boolean> {
    return this.#ownership.succeed(keyOfItem(item), item, successor);
  }

  complete(item: TrunkItem, successor: Tenure): Promise<boolean> {
    return this.#ownership.complete(keyOfItem(item), item, successor);
  }

  /** An owner without an epoch is of a former release; its node is no more. */
  async #isFree({ owner, ownerEpoch = 0 }: TrunkItem, by: Tenure): Promise<boolean> {
    if (owner === undefined || (owner === by.nodeId && ownerEpoch <= by.epoch)) return true;
    return this.#registry.bury({ nodeId: nodeId(owner), epoch: ownerEpoch });
  }

  async #report(name: TrunkName, change: Change): Promise<void> {
    if (await this.#table.update(keyOf(name), change)) return;
    throw new IwfError('store.failed', { operation: 'report a trunk that another node owns' });
  }
}

const firstClaim = (instanceId: string): AlongWithOwner => ({
  set: ', #state = :down, #instanceId = if_not_exists(#instanceId, :instance)',
  values: { ':down': 'down', ':instance': instanceId },
});

import { nodeId } from '@isthmus/shared/domain/ids';
import { IwfError } from '@isthmus/shared/errors/iwf-error';
import { type NodeItem, nodeItem } from '@isthmus/shared/store/items';
import {
  GSI1,
  NODES_DEAD_GSI1PK,
  NODES_DRAINING_GSI1PK,
  NODES_UP_GSI1PK,
  nodeGsi1sk,
  nodeKey,
} from '@isthmus/shared/store/keys';
import type { Clock } from '../../ports/clock.ts';
import type { NodeRegistry, Tenure } from '../../ports/stores.ts';
import type { DynamoTable } from './dynamo-table.ts';

/** A node that died without withdrawing is swept away a day after its lease. */
const KEPT_AFTER_LEASE_S = 86_400;

const INDEX: Readonly<Record<NodeItem['state'], string>> = {
  up: NODES_UP_GSI1PK,
  draining: NODES_DRAINING_GSI1PK,
  dead: NODES_DEAD_GSI1PK,
};
const IS_EPOCH = 'attribute_exists(#pk) AND #epoch = :epoch';

const ttlOf = (leaseUntilMs: number): number =>
  Math.floor(leaseUntilMs / 1000) + KEPT_AFTER_LEASE_S;

export const createDynamoNodeRegistry = (
  table: DynamoTable,
  clock: Pick<Clock, 'nowMs'>,
): NodeRegistry => ({
  announce(node) {
    const id = nodeId(node.nodeId);
    const index = {
      gsi1pk: INDEX[node.state],
      gsi1sk: nodeGsi1sk(node.used, id, node.registrations),
    };
    return table.put(nodeKey(id), { ...node, ...index, ttl: ttlOf(node.leaseUntilMs) });
  },
  async renew({ epoch, nodeId: node }, { leaseUntilMs, registrations = 0, state, used }) {
    const isRenewed = await table.update(nodeKey(node), {
      update: RENEW,
      condition: `${IS_EPOCH} AND #state <> :dead`,
      values: {
        ':lease': leaseUntilMs,
        ':used': used,
        ':registrations': registrations,
        ':state': state,
        ':ttl': ttlOf(leaseUntilMs),
        ':index': INDEX[state],
        ':sort': nodeGsi1sk(used, node, registrations),
        ':epoch': epoch,
        ':dead': 'dead',
      },
    });
    if (isRenewed) return;
    throw new IwfError('store.failed', { operation: 'renew a lease that is over' });
  },
  async list() {
    const found = await Promise.all(
      Object.values(INDEX).map((pk) =>
        table.query({ index: GSI1, where: '#gsi1pk = :pk', values: { ':pk': pk } }),
      ),
    );
    return found.flat().map((item) => nodeItem.parse(item));
  },
  async bury(node) {
    const isBuried = await table.update(nodeKey(node.nodeId), {
      update: 'SET #state = :dead, #gsi1pk = :index',
      condition: `${IS_EPOCH} AND #leaseUntilMs <= :now`,
      values: {
        ':dead': 'dead',
        ':index': NODES_DEAD_GSI1PK,
        ':epoch': node.epoch,
        ':now': clock.nowMs(),
      },
    });
    return isBuried || (await isOver(table, node));
  },
  async forget({ epoch, nodeId: node }) {
    const condition = '#epoch = :epoch AND #state = :dead';
    await table.deleteIf(nodeKey(node), {
      condition,
      values: { ':epoch': epoch, ':dead': 'dead' },
    });
  },
  async withdraw({ epoch, nodeId: node }) {
    await table.deleteIf(nodeKey(node), {
      condition: '#epoch = :epoch',
      values: { ':epoch': epoch },
    });
  },
});

const RENEW =
  'SET #leaseUntilMs = :lease, #used = :used, #registrations = :registrations, #state = :state, #ttl = :ttl, ' +
  '#gsi1pk = :index, #gsi1sk = :sort';

/** It withdrew, or lives under another epoch: either way this one is over. */
async function isOver(table: DynamoTable, { epoch, nodeId: node }: Tenure): Promise<boolean> {
  const found = await table.get(nodeKey(node));
  return !found || nodeItem.parse(found).epoch !== epoch;
}

import { nodeId } from '@isthmus/shared/domain/ids';
import { IwfError } from '@isthmus/shared/errors/iwf-error';
import type { NodeItem } from '@isthmus/shared/store/items';
import { NODES_UP_GSI1PK, nodeGsi1sk, nodeKey } from '@isthmus/shared/store/keys';
import type { NodeRegistry } from '../../ports/stores.ts';
import type { Change, DynamoTable } from './dynamo-table.ts';

/** A node that died without withdrawing is swept away a day after its lease. */
const KEPT_AFTER_LEASE_S = 86_400;

const ttlOf = (leaseUntilMs: number): number =>
  Math.floor(leaseUntilMs / 1000) + KEPT_AFTER_LEASE_S;

export const createDynamoNodeRegistry = (table: DynamoTable): NodeRegistry => ({
  announce(node) {
    const id = nodeId(node.nodeId);
    const index = { gsi1pk: NODES_UP_GSI1PK, gsi1sk: nodeGsi1sk(node.used, id) };
    const indexed = node.state === 'up' ? index : {};
    return table.put(nodeKey(id), { ...node, ...indexed, ttl: ttlOf(node.leaseUntilMs) });
  },
  async renew(node, facts) {
    const change = facts.state === 'up' ? renewalOf(node, facts) : drainOf(facts);
    if (await table.update(nodeKey(node), change)) return;
    throw new IwfError('store.failed', { operation: 'renew the lease of an unknown node' });
  },
  withdraw: (node) => table.delete(nodeKey(node)),
});

type Facts = Pick<NodeItem, 'leaseUntilMs' | 'used' | 'state'>;

const LEASE = 'SET #leaseUntilMs = :lease, #used = :used, #state = :state, #ttl = :ttl';
const condition = 'attribute_exists(#pk)';
const leaseValues = ({ leaseUntilMs, state, used }: Facts) => ({
  ':lease': leaseUntilMs,
  ':used': used,
  ':state': state,
  ':ttl': ttlOf(leaseUntilMs),
});

const renewalOf = (node: Parameters<NodeRegistry['renew']>[0], facts: Facts): Change => ({
  update: `${LEASE}, #gsi1pk = :up, #gsi1sk = :sort`,
  condition,
  values: {
    ...leaseValues(facts),
    ':up': NODES_UP_GSI1PK,
    ':sort': nodeGsi1sk(facts.used, node),
  },
});

/** A draining node leaves the index: nobody looks for work there any more. */
const drainOf = (facts: Facts): Change => ({
  update: `${LEASE} REMOVE #gsi1pk, #gsi1sk`,
  condition,
  values: leaseValues(facts),
});

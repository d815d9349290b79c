import { type NodeItem, nodeItem } from '@isthmus/shared/store/items';
import { GSI1, NODES_UP_GSI1PK, nodeKey } from '@isthmus/shared/store/keys';
import type { NodeDirectory } from '../ports/node-directory.ts';
import type { DynamoTable } from './dynamo-table.ts';

export const createDynamoNodeDirectory = (table: DynamoTable): NodeDirectory => ({
  async get(node) {
    const item = await table.get(nodeKey(node), nodeItem);
    return item && item.leaseUntilMs > table.nowMs() ? item : undefined;
  },
  async leastUsed(limit) {
    const values = { ':pk': NODES_UP_GSI1PK, ':up': 'up', ':now': table.nowMs() };
    const filter = '#state = :up AND #leaseUntilMs > :now';
    const nodes: NodeItem[] = [];
    for await (const node of table.query(
      { index: GSI1, where: '#gsi1pk = :pk', filter, values },
      nodeItem,
    )) {
      nodes.push(node);
      if (nodes.length === limit) break;
    }
    return nodes;
  },
});

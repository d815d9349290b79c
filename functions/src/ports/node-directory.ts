import type { NodeId } from '@isthmus/shared/domain/ids';
import type { NodeItem } from '@isthmus/shared/store/items';

/** The media nodes as they register themselves; one whose lease has lapsed is not there. */
export interface NodeDirectory {
  get(node: NodeId): Promise<NodeItem | undefined>;
  /** Nodes that take new work, least used first, at most `limit`. */
  leastUsed(limit: number): Promise<readonly NodeItem[]>;
}

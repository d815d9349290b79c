import type { NodeId } from '@isthmus/shared/domain/ids';
import type { NodeItem } from '@isthmus/shared/store/items';
import type { Clock } from '../../functions/src/ports/clock.ts';
import type { NodeDirectory } from '../../functions/src/ports/node-directory.ts';

export class MemoryNodeDirectory implements NodeDirectory {
  readonly #clock: Clock;
  readonly #items = new Map<string, NodeItem>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get(node: NodeId): Promise<NodeItem | undefined> {
    const item = this.#items.get(node);
    return Promise.resolve(item && this.#isAlive(item) ? item : undefined);
  }

  leastUsed(limit: number): Promise<readonly NodeItem[]> {
    const up = [...this.#items.values()].filter(
      (node) => node.state === 'up' && this.#isAlive(node),
    );
    return Promise.resolve(up.sort((a, b) => a.used - b.used).slice(0, limit));
  }

  announce(node: NodeItem): Promise<void> {
    this.#items.set(node.nodeId, node);
    return Promise.resolve();
  }

  #isAlive({ leaseUntilMs }: NodeItem): boolean {
    return leaseUntilMs > this.#clock.nowMs();
  }
}

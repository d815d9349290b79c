import type { NodeId } from '@isthmus/shared/domain/ids';
import type { NodeItem } from '@isthmus/shared/store/items';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type { Metrics } from '../../ports/metrics.ts';
import type { NodeRegistry } from '../../ports/stores.ts';

/** One write a beat; idle users cost nothing. A lapsed lease hands the node's work to others. */
export const BEAT_MS = 5_000;
export const LEASE_MS = 20_000;

export interface LeaseDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly registry: NodeRegistry;
  readonly metrics: Metrics;
  readonly used: () => number;
}

export interface LeaseOptions {
  readonly nodeId: NodeId;
  readonly capacity: number;
}

/** Keeps this node in the registry for as long as it lives. */
export class Lease {
  readonly #deps: LeaseDeps;
  readonly #node: NodeId;
  readonly #capacity: number;
  #state: NodeItem['state'] = 'up';
  #stopBeating: () => void = () => undefined;

  constructor(deps: LeaseDeps, { nodeId, capacity }: LeaseOptions) {
    this.#deps = deps;
    this.#node = nodeId;
    this.#capacity = capacity;
  }

  async begin(item: Omit<NodeItem, 'leaseUntilMs' | 'used' | 'state'>): Promise<void> {
    const leaseUntilMs = this.#deps.clock.nowMs() + LEASE_MS;
    await this.#deps.registry.announce({ ...item, leaseUntilMs, used: 0, state: this.#state });
    this.#schedule();
  }

  async drain(): Promise<void> {
    this.#state = 'draining';
    await this.#beat();
  }

  async end(): Promise<void> {
    this.#stopBeating();
    await this.#deps.registry.withdraw(this.#node);
  }

  #schedule(): void {
    this.#stopBeating = this.#deps.clock.after(BEAT_MS, () => {
      void this.#beat().finally(() => {
        this.#schedule();
      });
    });
  }

  async #beat(): Promise<void> {
    const { clock, log, metrics, registry, used } = this.#deps;
    metrics.gauge('call_slots_used_percent', (100 * used()) / this.#capacity);
    try {
      const leaseUntilMs = clock.nowMs() + LEASE_MS;
      await registry.renew(this.#node, { leaseUntilMs, used: used(), state: this.#state });
    } catch (cause) {
      log.error('lease could not be renewed', { cause });
    }
  }
}

import type { NodeId } from '@isthmus/shared/domain/ids';
import { IwfError } from '@isthmus/shared/errors/iwf-error';
import type { NodeItem } from '@isthmus/shared/store/items';
import type { SteadyClock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type { Metrics } from '../../ports/metrics.ts';
import type { NodeRegistry, NodeRenewal, Tenure } from '../../ports/stores.ts';

/** One write a beat; idle users cost nothing. A lapsed lease hands the node's work to others. */
export const BEAT_MS = 5_000;
export const LEASE_MS = 20_000;
/** A node stops acting so long before others may act: clocks of nodes differ, and timers are late. */
export const FENCE_MS = 3_000;

export interface LeaseDeps {
  readonly clock: SteadyClock;
  readonly log: Log;
  readonly registry: NodeRegistry;
  readonly metrics: Metrics;
  readonly used: () => number;
  readonly registrations: () => number;
  /** The lease can be renewed no more: nothing that was this node's is so any longer. */
  readonly onLost: () => void;
  /** The store is there again, and the node lives under another epoch. */
  readonly onRegained: (former: Tenure) => void;
}

export interface LeaseOptions {
  readonly nodeId: NodeId;
  readonly capacity: number;
}

export type NodeFacts = Omit<NodeItem, 'leaseUntilMs' | 'used' | 'registrations' | 'state'>;

/** Keeps this node in the registry for as long as it lives, and says when it may not act. */
export class Lease {
  readonly #deps: LeaseDeps;
  readonly #capacity: number;
  #facts: NodeFacts;
  #state: 'up' | 'draining' = 'up';
  /** By the steady clock; before it nobody else may act in our place. */
  #heldUntilMs = 0;
  #isLost = false;
  #stopBeating: () => void = () => undefined;
  #stopFence: () => void = () => undefined;

  constructor(deps: LeaseDeps, { nodeId, capacity }: LeaseOptions) {
    this.#deps = deps;
    this.#capacity = capacity;
    const unknown = { address: '', port: 0, certificatePem: '', controlKey: '', epoch: 0 };
    this.#facts = { ...unknown, nodeId, capacity };
  }

  get tenure(): Tenure {
    return { nodeId: this.#facts.nodeId as NodeId, epoch: this.#facts.epoch };
  }

  get isHeld(): boolean {
    return !this.#isLost && this.#deps.clock.steadyMs() < this.#heldUntilMs;
  }

  async begin(facts: NodeFacts): Promise<void> {
    await this.#announce(facts);
    this.#schedule();
  }

  async drain(): Promise<void> {
    this.#state = 'draining';
    await this.#beat();
  }

  /** `isEmpty`: nothing is left for others to take over. */
  async end({ isEmpty }: { readonly isEmpty: boolean }): Promise<void> {
    this.#stopBeating();
    this.#stopFence();
    const { clock, registry } = this.#deps;
    if (this.#isLost) return;
    if (isEmpty) {
      await registry.withdraw(this.tenure);
      return;
    }
    await registry.renew(this.tenure, this.#renewal(clock.nowMs() - 1));
  }

  #schedule(): void {
    this.#stopBeating = this.#deps.clock.after(BEAT_MS, () => {
      void this.#beat().finally(() => {
        this.#schedule();
      });
    });
  }

  async #announce(facts: NodeFacts): Promise<void> {
    const { clock, registry } = this.#deps;
    const askedMs = clock.steadyMs();
    await registry.announce({ ...facts, ...this.#renewal(clock.nowMs() + LEASE_MS) });
    this.#facts = facts;
    this.#isLost = false;
    this.#held(askedMs);
  }

  async #beat(): Promise<void> {
    const { log, metrics, used } = this.#deps;
    metrics.gauge('call_slots_used_percent', (100 * used()) / this.#capacity);
    try {
      if (this.#isLost) await this.#comeBack();
      else await this.#renew();
    } catch (cause) {
      metrics.count('lease_renewals_failed');
      log.error('lease could not be renewed', { cause });
    }
  }

  async #renew(): Promise<void> {
    const { clock, registry } = this.#deps;
    const askedMs = clock.steadyMs();
    await registry.renew(this.tenure, this.#renewal(clock.nowMs() + LEASE_MS));
    // What was asked before the fence fell may be granted after it: too late.
    if (!this.#isLost) this.#held(askedMs);
  }

  #renewal(leaseUntilMs: number): NodeRenewal {
    const { registrations, used } = this.#deps;
    return { leaseUntilMs, used: used(), registrations: registrations(), state: this.#state };
  }

  async #comeBack(): Promise<void> {
    const { clock, log, onRegained } = this.#deps;
    const former = this.tenure;
    const epoch = Math.max(clock.nowMs(), former.epoch + 1);
    await this.#announce({ ...this.#facts, epoch });
    log.warn('node is back under a new epoch', { epoch });
    onRegained(former);
  }

  /** Counted from when the store was asked, for so it wrote the time down. */
  #held(askedMs: number): void {
    const { clock } = this.#deps;
    this.#heldUntilMs = askedMs + LEASE_MS - FENCE_MS;
    this.#stopFence();
    this.#stopFence = clock.after(Math.max(0, this.#heldUntilMs - clock.steadyMs()), () => {
      this.#lose();
    });
  }

  #lose(): void {
    if (this.#isLost) return;
    this.#isLost = true;
    this.#deps.metrics.count('leases_lost');
    this.#deps.log.error('lease lost, the node stops acting');
    this.#deps.onLost();
  }
}

/** Refuses whatever would follow from a lease that is not held. */
export function requireLease(lease: Pick<Lease, 'isHeld' | 'tenure'>): void {
  if (lease.isHeld) return;
  throw new IwfError('node.unavailable', { nodeId: lease.tenure.nodeId });
}

import { nodeId } from '@isthmus/shared/domain/ids';
import type { NodeItem } from '@isthmus/shared/store/items';
import { OWNER_SHARDS } from '@isthmus/shared/store/keys';
import type { RegistrationItem } from '@isthmus/shared/store/registration-items';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type { Metrics } from '../../ports/metrics.ts';
import type { CallStore, NodeRegistry, RegistrationStore, Tenure } from '../../ports/stores.ts';
import type { OwnRegistrations } from '../registrations/own-registrations.ts';
import type { Trunks } from '../registrations/trunks.ts';
import type { Adoption, Former } from '../sessions/adoption.ts';
import { inTurns } from './in-turns.ts';
import { BEAT_MS } from './lease.ts';
import { shardsFirst } from './shards.ts';

export interface TakeOverDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly registry: NodeRegistry;
  readonly registrations: RegistrationStore;
  readonly calls: CallStore;
  readonly own: OwnRegistrations;
  readonly trunks: Trunks;
  readonly adoption: Adoption;
  readonly tenure: () => Tenure;
  /** Whether this node may take anything on: it holds its lease and does not drain. */
  readonly mayAct: () => boolean;
  readonly hasRoom: () => boolean;
}

/** After it every survivor takes whatever is left, also the share of one that has no room. */
const SHARES_MS = 3_000;
const SOONEST_MS = 250;
const WHILE_AT_IT_MS = 1_000;

/** Looks after the other nodes: what one of them can keep no more, this one takes its share of. */
export class TakeOver {
  readonly #deps: TakeOverDeps;
  /** Dead nodes of which something is left, and since when they are known. */
  readonly #dead = new Map<string, { readonly node: Tenure; readonly sinceMs: number }>();
  #stop: () => void = () => undefined;
  #isClosed = false;

  constructor(deps: TakeOverDeps) {
    this.#deps = deps;
  }

  /** Looks now, and from now on when there will be something to see. */
  async begin(): Promise<void> {
    let nextMs = BEAT_MS;
    try {
      if (this.#deps.mayAct()) nextMs = await this.#look();
    } catch (cause) {
      this.#deps.log.warn('other nodes could not be looked after', { cause });
    }
    this.#stop();
    if (this.#isClosed) return;
    this.#stop = this.#deps.clock.after(nextMs, () => void this.begin());
  }

  end(): void {
    this.#isClosed = true;
    this.#stop();
  }

  /** A life of this very node that is over: its registrations are there for all to take. */
  mourn(node: Tenure): void {
    this.#dead.set(keyOf(node), { node, sinceMs: this.#deps.clock.nowMs() });
  }

  async hasSuccessors(): Promise<boolean> {
    const nodes = await this.#deps.registry.list();
    return this.#alive(nodes).some(({ nodeId: id }) => id !== this.#deps.tenure().nodeId);
  }

  async #look(): Promise<number> {
    const { clock, registry, tenure, trunks } = this.#deps;
    const nodes = await registry.list();
    const others = nodes.filter(({ nodeId: id }) => id !== tenure().nodeId);
    const lapsed = others.filter((it) => it.leaseUntilMs <= clock.nowMs());
    for (const node of lapsed) await this.#bury(node);
    const alive = this.#alive(nodes).map(({ nodeId: id }) => id);
    for (const { node, sinceMs } of this.#dead.values()) await this.#inherit(node, sinceMs, alive);
    const draining = others.filter(({ state }) => state === 'draining');
    for (const node of draining) if (!lapsed.includes(node)) await this.#succeed(node, alive);
    await trunks.claim(nodes);
    return this.#nextMs(others, draining.length > 0);
  }

  /** When the next lease will lapse, unless it is renewed. */
  #nextMs(others: readonly NodeItem[], isDraining: boolean): number {
    if (this.#dead.size > 0 || isDraining) return WHILE_AT_IT_MS;
    const lapses = others.map(({ leaseUntilMs }) => leaseUntilMs - this.#deps.clock.nowMs() + 1);
    return Math.min(BEAT_MS, Math.max(SOONEST_MS, ...[Math.min(BEAT_MS, ...lapses)]));
  }

  #alive(nodes: readonly NodeItem[]): readonly NodeItem[] {
    const nowMs = this.#deps.clock.nowMs();
    return nodes.filter((it) => it.state === 'up' && it.leaseUntilMs > nowMs);
  }

  async #bury({ epoch, nodeId: id }: NodeItem): Promise<void> {
    const { clock, log, metrics, registry } = this.#deps;
    const node = { nodeId: nodeId(id), epoch };
    if (this.#dead.has(keyOf(node)) || !(await registry.bury(node))) return;
    log.warn('a node is dead', { dead: id });
    metrics.count('nodes_buried');
    this.#dead.set(keyOf(node), { node, sinceMs: clock.nowMs() });
  }

  async #inherit(dead: Tenure, sinceMs: number, alive: readonly string[]): Promise<void> {
    const { adoption, calls, clock, registry, trunks } = this.#deps;
    const isEveryShare = clock.nowMs() - sinceMs >= SHARES_MS;
    const former: Former = { nodeId: dead.nodeId, calls: await calls.liveOn(dead.nodeId) };
    const left = await this.#left(dead, isEveryShare ? undefined : alive);
    await inTurns(left, async (item) => {
      if (this.#deps.hasRoom()) await this.#takeOne(item, former);
    });
    if (!isEveryShare || left.length > 0 || (await trunks.ownsAny(dead))) return;
    await adoption.closeCalls(former.calls);
    await registry.forget(dead);
    this.#dead.delete(keyOf(dead));
  }

  async #takeOne(item: RegistrationItem, former: Former): Promise<void> {
    const { log, metrics, own } = this.#deps;
    try {
      await own.takeOver(item, former);
      metrics.count('registrations_taken_over');
    } catch (cause) {
      log.debug('a registration was not taken over', { tenant: item.tenantId, cause });
    }
  }

  async #succeed(node: NodeItem, alive: readonly string[]): Promise<void> {
    const from = { nodeId: nodeId(node.nodeId), epoch: node.epoch };
    const offered = (await this.#left(from, alive)).filter((it) => it.isOffered === true);
    await inTurns(offered, async (item) => {
      if (this.#deps.hasRoom()) await this.#deps.own.succeed(item, { ...from, calls: [] });
    });
  }

  /** Of this node's share of the shards first; of all, where nobody shares any more. */
  async #left(of: Tenure, alive: readonly string[] | undefined): Promise<RegistrationItem[]> {
    const { registrations, tenure } = this.#deps;
    const shards = alive
      ? shardsFirst(tenure().nodeId, alive)
      : Array.from({ length: OWNER_SHARDS }, (_, shard) => shard);
    const found = await Promise.all(shards.map((it) => registrations.ownedBy(of.nodeId, it)));
    return found.flat().filter((it) => it.ownerEpoch === of.epoch);
  }
}

const keyOf = ({ epoch, nodeId: id }: Tenure): string => `${id}#${String(epoch)}`;

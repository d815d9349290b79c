import type { ImsAccess } from '@isthmus/shared/store/ims-access';
import {
  type Choice,
  chooseTarget,
  type Hold,
  holdAfterFailure,
  holdAsAsked,
} from '../../core/pcscf/hold-off.ts';
import type { Target } from '../../core/pcscf/targets.ts';
import type { Clock } from '../../ports/clock.ts';
import { type DiscoveryDeps, discover } from './pcscf-discovery.ts';

export interface TargetsDeps extends DiscoveryDeps {
  readonly clock: Clock;
}

/** The P-CSCFs of one tenant's access: found, ordered, and held off where they failed. */
export class Targets {
  readonly #deps: TargetsDeps;
  readonly #access: ImsAccess;
  readonly #holds = new Map<string, Hold>();
  #known: readonly Target[] = [];
  #knownUntilMs = Number.NEGATIVE_INFINITY;

  constructor(deps: TargetsDeps, access: ImsAccess) {
    this.#deps = deps;
    this.#access = access;
  }

  /** `none`: no name has an address, or nobody could be asked. */
  async choose(): Promise<Choice> {
    const { clock } = this.#deps;
    if (clock.nowMs() >= this.#knownUntilMs) await this.rediscover();
    return chooseTarget(this.#known, this.#holds, clock.nowMs());
  }

  /** Whether one may be tried that has not failed of late. */
  hasFresh(): boolean {
    const choice = chooseTarget(this.#known, this.#holds, this.#deps.clock.nowMs());
    return choice.kind === 'try' && choice.isFresh;
  }

  /** Whether another than these is known of. */
  hasOther(ids: ReadonlySet<string>): boolean {
    return this.#known.some(({ id }) => !ids.has(id));
  }

  failed({ id }: Target, leastMs?: number): void {
    const hold = holdAfterFailure(this.#holds.get(id), this.#deps.clock.nowMs(), leastMs);
    this.#holds.set(id, hold);
  }

  /** It has answered; what it asked for itself stands. */
  proved({ id }: Target): void {
    if (this.#holds.get(id)?.because === 'failed') this.#holds.delete(id);
  }

  leaveAlone(id: string, untilMs: number): void {
    this.#holds.set(id, holdAsAsked(this.#holds.get(id), untilMs));
  }

  /** What was known before stands where nobody can be asked now (RFC 8767 §4). */
  async rediscover(): Promise<void> {
    const { hasFailures, targets, ttlS } = await discover(this.#access, this.#deps);
    if (targets.length === 0 && hasFailures) return;
    this.#known = targets;
    this.#knownUntilMs = hasFailures
      ? Number.NEGATIVE_INFINITY
      : this.#deps.clock.nowMs() + ttlS * 1000;
    for (const id of this.#holds.keys()) if (!this.#isOf(id)) this.#holds.delete(id);
  }

  #isOf(id: string): boolean {
    return this.#known.some((it) => it.id === id);
  }
}

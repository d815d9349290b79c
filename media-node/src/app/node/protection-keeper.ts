import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type { TaskProtection } from '../../ports/task-protection.ts';

export interface ProtectionKeeperDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly protection: TaskProtection;
  readonly activeCalls: () => number;
}

/** Looking costs nothing; asking is a request to the platform. */
const LOOK_EVERY_MS = 1_000;
/** A node that dies with calls is protected no longer than this. */
export const PROTECTED_MIN = 10;
const RENEW_AFTER_MS = 5 * 60_000;
/** After a refusal, so that a platform in trouble is not asked every second. */
const RETRY_AFTER_MS = 15_000;

/** Keeps the task protected while calls live, and lets it go when they are over (SES-8). */
export class ProtectionKeeper {
  readonly #deps: ProtectionKeeperDeps;
  #isProtected = false;
  /** While calls live: when to ask again. */
  #renewAtMs = 0;
  #notBeforeMs = 0;

  constructor(deps: ProtectionKeeperDeps) {
    this.#deps = deps;
  }

  /** From now on for as long as the process lives. */
  start(): void {
    void this.#look().finally(() => {
      this.#deps.clock.after(LOOK_EVERY_MS, () => {
        this.start();
      });
    });
  }

  async #look(): Promise<void> {
    const { activeCalls, clock, log } = this.#deps;
    const isNeeded = activeCalls() > 0;
    const nowMs = clock.nowMs();
    const isDue = isNeeded ? nowMs >= this.#renewAtMs : this.#isProtected;
    if (!isDue || nowMs < this.#notBeforeMs) return;
    try {
      await this.#ask(isNeeded, nowMs);
    } catch (cause) {
      this.#notBeforeMs = nowMs + RETRY_AFTER_MS;
      log.error('task protection was not changed', { isNeeded, cause });
    }
  }

  async #ask(isNeeded: boolean, nowMs: number): Promise<void> {
    const { protection } = this.#deps;
    // Even one that seems to fail may have come through: it is taken back when calls are over.
    this.#isProtected = true;
    if (isNeeded) {
      await protection.hold(PROTECTED_MIN);
      this.#renewAtMs = nowMs + RENEW_AFTER_MS;
    } else {
      await protection.release();
      this.#isProtected = false;
      this.#renewAtMs = 0;
    }
  }
}

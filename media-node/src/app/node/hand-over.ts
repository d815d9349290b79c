import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type { Gift } from '../registrations/gift.ts';
import type { Session } from '../sessions/session.ts';
import { inTurns } from './in-turns.ts';

export interface HandOverDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly gifts: () => readonly Gift[];
  /** A call of such a session keeps its registration here. */
  readonly isInCall: (session: Session) => boolean;
  /** Whether any other node takes new work. */
  readonly hasSuccessors: () => Promise<boolean>;
}

const LOOK_EVERY_MS = 500;

/** What a draining node does: offers each registration, and serves it until another has it. */
export class HandOver {
  readonly #deps: HandOverDeps;
  #stop: () => void = () => undefined;
  #left = 0;
  #isEnded = false;
  #hasSuccessors = true;

  constructor(deps: HandOverDeps) {
    this.#deps = deps;
  }

  /** Registrations that another node is still to take; none where there is no other node. */
  get left(): number {
    return this.#hasSuccessors ? this.#left : 0;
  }

  get hasSuccessors(): boolean {
    return this.#hasSuccessors;
  }

  async begin(): Promise<void> {
    this.#stop();
    await this.#look();
    if (this.#isEnded) return;
    this.#stop = this.#deps.clock.after(LOOK_EVERY_MS, () => void this.begin());
  }

  /** Resolves when nothing is left, or after so long. */
  async finished(withinMs: number): Promise<void> {
    const { clock } = this.#deps;
    const endsMs = clock.nowMs() + withinMs;
    await this.begin();
    while (this.left > 0 && clock.nowMs() < endsMs) {
      await new Promise<void>((resolve) => {
        clock.after(LOOK_EVERY_MS / 2, resolve);
      });
    }
  }

  end(): void {
    this.#isEnded = true;
    this.#stop();
  }

  async #look(): Promise<void> {
    try {
      this.#hasSuccessors = await this.#deps.hasSuccessors();
      if (this.#hasSuccessors) {
        await inTurns(this.#deps.gifts(), (gift) => this.#give(gift));
      }
    } catch (cause) {
      this.#deps.log.error('registrations could not be offered', { cause });
    }
    this.#left = this.#deps.gifts().length;
  }

  async #give(gift: Gift): Promise<void> {
    const isBusy = (): boolean => gift.sessions.some((it) => this.#deps.isInCall(it));
    if (!gift.isOffered) {
      await gift.offer(isBusy);
      return;
    }
    if (!(await gift.isOurs())) gift.release();
    else if (isBusy()) await gift.recall();
  }
}

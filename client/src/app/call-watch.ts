import type { Emitter } from '../core/emitter.ts';
import type { Held } from '../core/holding.ts';
import type { Quality } from '../core/quality.ts';
import type { Clock } from '../ports/clock.ts';
import type { MediaCounters } from '../ports/peer-connection.ts';
import type { Tones } from '../ports/tones.ts';
import type { CallEvents } from './call.ts';
import { watchQuality } from './quality-watch.ts';

export interface CallWatchDeps {
  readonly clock: Clock;
  readonly tones: Tones;
  readonly counters: () => Promise<MediaCounters>;
  readonly held: () => Held;
  readonly tell: Emitter<CallEvents>['emit'];
}

/** How well a call is heard while it is on, and what is played where nothing is to be heard. */
export class CallWatch {
  readonly #deps: CallWatchDeps;
  #quality: Quality | undefined;
  #stop: (() => void) | undefined;

  constructor(deps: CallWatchDeps) {
    this.#deps = deps;
  }

  get quality(): Quality | undefined {
    return this.#quality;
  }

  start(): void {
    const { clock, counters, held, tell } = this.#deps;
    this.#stop = watchQuality({
      ...{ clock, counters },
      onQuality: (now) => {
        this.#quality = now;
        tell('quality', now);
      },
      isQuiet: () => held().byUs || held().byThem,
      onHeard: (isHeard) => {
        this.#comfort(isHeard);
      },
      onSilence: () => {
        tell('media', 'lost');
      },
      onSound: () => {
        tell('media', 'flowing');
      },
    });
  }

  stop(): void {
    this.#stop?.();
  }

  /** Who is held and hears nothing of the other side's is told so by a tone now and then. */
  #comfort(isHeard: boolean): void {
    const { byUs, byThem } = this.#deps.held();
    if (byThem) this.#deps.tones.play(isHeard || byUs ? 'none' : 'held');
  }
}

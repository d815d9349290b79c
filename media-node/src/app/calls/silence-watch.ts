import type { Clock } from '../../ports/clock.ts';

export interface SilenceWatchDeps {
  readonly clock: Clock;
  /** How much has come of IMS so far, of sound and of reports. */
  readonly heard: () => number;
  /** Nothing need come now: the call is on hold. */
  readonly mayBeSilent: () => boolean;
  readonly onSilence: () => void;
}

/** So often in the time that may pass in silence. */
const LOOKS = 4;

/** Tells once that nothing at all has come of IMS for a time (MED-12); an end of RTP alone is a pause. */
export class SilenceWatch {
  readonly #deps: SilenceWatchDeps;
  #stop: () => void = () => undefined;

  constructor(deps: SilenceWatchDeps) {
    this.#deps = deps;
  }

  start(silentMs: number): void {
    this.stop();
    this.#look({ everyMs: silentMs / LOOKS, heard: this.#deps.heard(), silentLooks: 0 });
  }

  stop(): void {
    this.#stop();
  }

  #look(before: Look): void {
    const { clock, heard, mayBeSilent, onSilence } = this.#deps;
    this.#stop = clock.after(before.everyMs, () => {
      const now = heard();
      const isSilent = now === before.heard && !mayBeSilent();
      const silentLooks = isSilent ? before.silentLooks + 1 : 0;
      if (silentLooks >= LOOKS) onSilence();
      else this.#look({ ...before, heard: now, silentLooks });
    });
  }
}

interface Look {
  readonly everyMs: number;
  readonly heard: number;
  readonly silentLooks: number;
}

import type { SpokenModes } from '../../ports/media-stats.ts';
import { type AmrBand, amrTable, isSpeech } from './amr-frame.ts';

/** Which modes of AMR one side has spoken in; comfort noise is none. */
export class ModeTally {
  readonly #band: AmrBand;
  readonly #frames: number[];
  #latest: number | undefined;

  constructor(band: AmrBand) {
    this.#band = band;
    this.#frames = Array.from({ length: amrTable(band).topMode + 1 }, () => 0);
  }

  count(frameType: number): void {
    if (!isSpeech(this.#band, frameType)) return;
    this.#latest = frameType;
    this.#frames[frameType] = (this.#frames[frameType] ?? 0) + 1;
  }

  /** Absent before there was any speech. */
  get modes(): SpokenModes | undefined {
    if (this.#latest === undefined) return undefined;
    return { latest: this.#latest, frames: [...this.#frames] };
  }
}

import type { LegName } from '../../../media-node/src/ports/media-plane.ts';
import type {
  VideoPlan,
  VideoSink,
  VideoTranscoder,
  VideoTranscodingSlot,
} from '../../../media-node/src/ports/video-transcoder.ts';

/** Keeps what it was told; sends back what it takes, to the other leg. */
export class FakeVideoTranscoder implements VideoTranscoder {
  readonly isAvailable: boolean;
  readonly plans: VideoPlan[] = [];
  readonly wanted: LegName[] = [];
  readonly limits: (readonly [LegName, number])[] = [];
  readonly #capacity: number;
  #used = 0;

  constructor({ capacity = 2, isAvailable = true } = {}) {
    this.#capacity = isAvailable ? capacity : 0;
    this.isAvailable = isAvailable;
  }

  get load() {
    return { used: this.#used, capacity: this.#capacity };
  }

  reserve(): VideoTranscodingSlot | undefined {
    if (this.#used >= this.#capacity) return undefined;
    this.#used += 1;
    let sink: VideoSink | undefined;
    let isReleased = false;
    return {
      start: (plan, to) => {
        this.plans.push(plan);
        sink = to;
      },
      take: (from, packet) => {
        sink?.leave(from === 'ims' ? 'browser' : 'ims', packet);
      },
      wantPicture: (by) => {
        if (sink) this.wanted.push(by);
      },
      limit: (by, bitsPerS) => {
        if (sink) this.limits.push([by, bitsPerS]);
      },
      stop: () => {
        sink = undefined;
      },
      release: () => {
        if (!isReleased) this.#used -= 1;
        isReleased = true;
        sink = undefined;
      },
    };
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

import type { VideoStream } from '../../ports/media-plane.ts';
import type {
  VideoPlan,
  VideoTranscoder,
  VideoTranscodingSlot,
} from '../../ports/video-transcoder.ts';

/** The place of one call among those whose video is transcoded, and its detour while it is. */
export class VideoDetour {
  readonly #transcoder: VideoTranscoder;
  #slot: VideoTranscodingSlot | undefined;
  /** As text: a plan that says the same goes on undisturbed. */
  #running: string | undefined;

  constructor(transcoder: VideoTranscoder) {
    this.#transcoder = transcoder;
  }

  /** Whether this video may be transcoded; the place is kept until it turns out not to be needed. */
  reserve(stream: VideoStream): boolean {
    if (!stream.divert || !this.#transcoder.isAvailable) return false;
    this.#slot ??= this.#transcoder.reserve();
    return this.#slot !== undefined;
  }

  /** `undefined`: it passes through. */
  apply(stream: VideoStream, plan: VideoPlan | undefined): void {
    if (plan && this.reserve(stream)) {
      this.#start(stream, plan);
      return;
    }
    if (this.#running !== undefined) stream.divert?.(undefined);
    this.release();
  }

  release(): void {
    this.#slot?.release();
    this.#slot = undefined;
    this.#running = undefined;
  }

  #start(stream: VideoStream, plan: VideoPlan): void {
    const slot = this.#slot;
    const text = JSON.stringify(plan);
    if (!slot || text === this.#running) return;
    this.#running = text;
    const outlet = stream.divert?.(slot);
    if (!outlet) return;
    slot.start(plan, {
      leave: (to, packet) => {
        outlet.send(to, packet);
      },
      askPicture: (of) => {
        outlet.askPicture(of);
      },
      askAgain: (of, sequences) => {
        outlet.askAgain(of, sequences);
      },
    });
  }
}

import type {
  Transcoder,
  TranscodingEnds,
  TranscodingPlan,
  TranscodingSlot,
} from '../../media-node/src/ports/transcoder.ts';
import type { VoiceCodecName } from '../../media-node/src/ports/voice-codecs.ts';

/** Keeps what it was told; sends back what it takes, to the other leg. */
export class FakeTranscoder implements Transcoder {
  readonly codecs: ReadonlySet<VoiceCodecName>;
  readonly plans: TranscodingPlan[] = [];
  /** Of the call that was started last. */
  ends: TranscodingEnds | undefined;
  readonly #capacity: number;
  #used = 0;
  isStarted = false;

  constructor({
    capacity = 10,
    codecs = ['opus', 'AMR-WB', 'AMR', 'G722', 'PCMU', 'PCMA'],
  }: {
    readonly capacity?: number;
    readonly codecs?: readonly VoiceCodecName[];
  } = {}) {
    this.#capacity = capacity;
    this.codecs = new Set(codecs);
  }

  get load() {
    return { used: this.#used, capacity: this.#capacity };
  }

  reserve(): TranscodingSlot | undefined {
    if (this.#used >= this.#capacity) return undefined;
    this.#used += 1;
    let own: TranscodingEnds | undefined;
    let isReleased = false;
    return {
      playout: undefined,
      start: (plan, ends) => {
        this.plans.push(plan);
        this.isStarted = true;
        own = ends;
        this.ends = ends;
      },
      take: (from, packet) => {
        own?.leave(from === 'ims' ? 'browser' : 'ims', packet);
      },
      stop: () => {
        this.isStarted = false;
      },
      release: () => {
        if (!isReleased) this.#used -= 1;
        isReleased = true;
        this.isStarted = false;
      },
    };
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

import type { LegName } from '../../ports/media-plane.ts';
import type { VideoCodecs } from '../../ports/video-codecs.ts';
import type {
  VideoPlan,
  VideoSink,
  VideoTranscoder,
  VideoTranscodingSlot,
} from '../../ports/video-transcoder.ts';
import { VideoThread, type VideoThreadDeps } from './video-thread.ts';

export interface WorkerVideoTranscoderDeps extends VideoThreadDeps {
  readonly codecs: Pick<VideoCodecs, 'missing'>;
}

/** Transcodes in threads; their number is the number of cores that are given to it. */
export function createWorkerVideoTranscoder(
  deps: WorkerVideoTranscoderDeps,
  options: { readonly threads: number /** Calls in all. */; readonly capacity: number },
): VideoTranscoder {
  const { codecs, metrics } = deps;
  const isAvailable = codecs.missing.size === 0;
  const capacity = isAvailable ? options.capacity : 0;
  const threads = Array.from({ length: Math.max(1, options.threads) }, () => new VideoThread(deps));
  const ids = { last: 0 };
  let reserved = 0;
  const tell = (): void => {
    metrics.gauge('video_transcoding_slots_used', reserved);
  };
  return {
    isAvailable,
    get load() {
      return { used: reserved, capacity };
    },
    reserve() {
      if (reserved >= capacity) {
        metrics.count('video_transcoding_refused');
        return undefined;
      }
      reserved += 1;
      tell();
      return new ThreadSlot(threads, ids, () => {
        reserved -= 1;
        tell();
      });
    },
    async close() {
      await Promise.all(threads.map((thread) => thread.end()));
    },
  };
}

const leastBusy = (threads: readonly VideoThread[]): VideoThread | undefined =>
  threads.reduce<VideoThread | undefined>(
    (least, it) => (least === undefined || it.calls < least.calls ? it : least),
    undefined,
  );

class ThreadSlot implements VideoTranscodingSlot {
  readonly #threads: readonly VideoThread[];
  readonly #ids: { last: number };
  readonly #onReleased: () => void;
  #live: { readonly call: number; readonly thread: VideoThread } | undefined;
  #isReleased = false;

  constructor(threads: readonly VideoThread[], ids: { last: number }, onReleased: () => void) {
    this.#threads = threads;
    this.#ids = ids;
    this.#onReleased = onReleased;
  }

  start(plan: VideoPlan, sink: VideoSink): void {
    this.stop();
    const thread = leastBusy(this.#threads);
    if (this.#isReleased || !thread) return;
    this.#ids.last = (this.#ids.last + 1) % 0xffff_ffff;
    const call = this.#ids.last;
    thread.open(call, plan, sink);
    this.#live = { call, thread };
  }

  take(from: LegName, packet: Uint8Array): void {
    this.#live?.thread.take(this.#live.call, from, packet);
  }

  wantPicture(by: LegName): void {
    this.#live?.thread.tell({ kind: 'picture-wanted', call: this.#live.call, by });
  }

  limit(by: LegName, bitsPerS: number): void {
    this.#live?.thread.tell({ kind: 'limit', call: this.#live.call, by, bitsPerS });
  }

  stop(): void {
    this.#live?.thread.close(this.#live.call);
    this.#live = undefined;
  }

  release(): void {
    if (this.#isReleased) return;
    this.stop();
    this.#isReleased = true;
    this.#onReleased();
  }
}

import { Worker } from 'node:worker_threads';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type { LegName } from '../../ports/media-plane.ts';
import type { Metrics } from '../../ports/metrics.ts';
import type {
  PlayoutOfLegs,
  Transcoder,
  TranscodingEnds,
  TranscodingPlan,
  TranscodingSlot,
} from '../../ports/transcoder.ts';
import type { VoiceCodecs } from '../../ports/voice-codecs.ts';
import { PacketBatch, readBatch } from './packet-batch.ts';
import type { FarLoss, VoiceWorkerData, WorkerOrder, WorkerReport } from './voice-messages.ts';

export interface WorkerTranscoderDeps {
  readonly codecs: VoiceCodecs;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}

export interface WorkerTranscoderOptions {
  readonly threads: number;
  /** Calls in all. */
  readonly capacity: number;
  /** As `codecs` were made with it: the threads make theirs. */
  readonly evsLibrary?: string | undefined;
}

const LEGS = ['browser', 'ims'] as const;

/** One thread, started with its first call. */
class VoiceThread {
  readonly #deps: WorkerTranscoderDeps;
  readonly #ends = new Map<number, TranscodingEnds>();
  #playout: ReadonlyMap<number, PlayoutOfLegs> = new Map();
  readonly #batch = new PacketBatch();
  #worker: Worker | undefined;
  #isFlushing = false;
  readonly #data: VoiceWorkerData;

  constructor(deps: WorkerTranscoderDeps, data: VoiceWorkerData) {
    this.#deps = deps;
    this.#data = data;
  }

  get calls(): number {
    return this.#ends.size;
  }

  playoutOf(call: number): PlayoutOfLegs | undefined {
    return this.#playout.get(call);
  }

  open(call: number, plan: TranscodingPlan, ends: TranscodingEnds): void {
    this.#ends.set(call, ends);
    this.#order({ kind: 'open', call, plan });
  }

  close(call: number): void {
    if (this.#ends.delete(call)) this.#order({ kind: 'close', call });
  }

  take(call: number, from: LegName, packet: Uint8Array): void {
    this.#batch.add({ call, leg: from, atMs: this.#deps.clock.nowMs(), packet });
    if (this.#isFlushing) return;
    this.#isFlushing = true;
    // What arrives in one turn of the event loop goes in one message.
    setImmediate(() => {
      this.#isFlushing = false;
      const batch = this.#batch.take();
      this.#worker?.postMessage({ kind: 'packets', batch } satisfies WorkerOrder, [batch]);
    });
  }

  async end(): Promise<void> {
    await this.#worker?.terminate();
    this.#worker = undefined;
  }

  #order(order: WorkerOrder): void {
    this.#worker ??= this.#start();
    this.#worker.postMessage(order);
  }

  #start(): Worker {
    // In a bundle the thread's file lies beside, bundled as well.
    const file = import.meta.url.endsWith('.ts') ? './voice-worker.ts' : './voice-worker.mjs';
    const worker = new Worker(new URL(file, import.meta.url), { workerData: this.#data });
    worker.unref();
    worker.on('message', (report: WorkerReport) => {
      this.#take(report);
    });
    worker.on('error', (cause) => {
      this.#deps.log.error('a voice thread ended; its calls are silent', { cause });
      this.#deps.metrics.count('transcoding_thread_faults');
      this.#worker = undefined;
      this.#ends.clear();
    });
    return worker;
  }

  #take(report: WorkerReport): void {
    if (report.kind === 'packets') {
      for (const { call, leg, packet } of readBatch(report.batch)) {
        this.#ends.get(call)?.leave(leg, packet);
      }
      return;
    }
    if (report.kind === 'playout') {
      this.#playout = report.calls;
      this.#tellLosses();
      return;
    }
    this.#deps.log.error('a call cannot be transcoded any more', { reason: report.reason });
    this.#deps.metrics.count('transcoding_faults');
    this.#ends.delete(report.call);
  }

  /** As often as playout is told. */
  #tellLosses(): void {
    const losses = [...this.#ends].flatMap(([call, ends]) =>
      LEGS.flatMap((leg): readonly FarLoss[] => {
        const share = ends.lostAt(leg);
        return share === undefined ? [] : [{ call, leg, share }];
      }),
    );
    if (losses.length > 0) this.#order({ kind: 'losses', losses });
  }
}

/** Transcodes in threads; their number is the number of cores that are given to it. */
export function createWorkerTranscoder(
  deps: WorkerTranscoderDeps,
  { threads: count, capacity, evsLibrary }: WorkerTranscoderOptions,
): Transcoder {
  const threads = Array.from(
    { length: Math.max(1, count) },
    () => new VoiceThread(deps, { evsLibrary }),
  );
  let reserved = 0;
  let lastCall = 0;
  const leastBusy = (): VoiceThread | undefined =>
    threads.reduce<VoiceThread | undefined>(
      (least, it) => (least === undefined || it.calls < least.calls ? it : least),
      undefined,
    );
  const newCall = (): number => {
    lastCall = (lastCall + 1) % 0xffff_ffff;
    return lastCall;
  };
  const tell = (): void => {
    deps.metrics.gauge('transcoding_slots_used', reserved);
  };
  return {
    codecs: deps.codecs.available,
    get load() {
      return { used: reserved, capacity };
    },
    reserve() {
      if (reserved >= capacity) {
        deps.metrics.count('transcoding_refused');
        return undefined;
      }
      reserved += 1;
      tell();
      return new ThreadSlot({
        newCall,
        leastBusy,
        onReleased: () => {
          reserved -= 1;
          tell();
        },
      });
    },
    async close() {
      await Promise.all(threads.map((thread) => thread.end()));
    },
  };
}

interface SlotDeps {
  readonly newCall: () => number;
  readonly leastBusy: () => VoiceThread | undefined;
  readonly onReleased: () => void;
}

class ThreadSlot implements TranscodingSlot {
  readonly #deps: SlotDeps;
  #live: { readonly call: number; readonly thread: VoiceThread } | undefined;
  #isReleased = false;

  constructor(deps: SlotDeps) {
    this.#deps = deps;
  }

  get playout(): PlayoutOfLegs | undefined {
    return this.#live?.thread.playoutOf(this.#live.call);
  }

  start(plan: TranscodingPlan, ends: TranscodingEnds): void {
    this.stop();
    const thread = this.#deps.leastBusy();
    if (this.#isReleased || !thread) return;
    const call = this.#deps.newCall();
    thread.open(call, plan, ends);
    this.#live = { call, thread };
  }

  take(from: LegName, packet: Uint8Array): void {
    this.#live?.thread.take(this.#live.call, from, packet);
  }

  stop(): void {
    this.#live?.thread.close(this.#live.call);
    this.#live = undefined;
  }

  release(): void {
    if (this.#isReleased) return;
    this.stop();
    this.#isReleased = true;
    this.#deps.onReleased();
  }
}

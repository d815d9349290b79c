import { Worker } from 'node:worker_threads';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type { LegName } from '../../ports/media-plane.ts';
import type { Metrics } from '../../ports/metrics.ts';
import type { VideoPlan, VideoSink } from '../../ports/video-transcoder.ts';
import { PacketBatch, readBatch } from './packet-batch.ts';
import type { VideoOrder, VideoReport } from './video-messages.ts';

export interface VideoThreadDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** One thread, started with its first call. */
export class VideoThread {
  readonly #deps: VideoThreadDeps;
  readonly #sinks = new Map<number, VideoSink>();
  readonly #batch = new PacketBatch();
  #worker: Worker | undefined;
  #isFlushing = false;

  constructor(deps: VideoThreadDeps) {
    this.#deps = deps;
  }

  get calls(): number {
    return this.#sinks.size;
  }

  open(call: number, plan: VideoPlan, sink: VideoSink): void {
    this.#sinks.set(call, sink);
    this.#worker ??= this.#start();
    this.tell({ kind: 'open', call, plan });
  }

  close(call: number): void {
    if (this.#sinks.delete(call)) this.tell({ kind: 'close', call });
  }

  take(call: number, leg: LegName, packet: Uint8Array): void {
    this.#batch.add({ call, leg, atMs: this.#deps.clock.nowMs(), packet });
    if (this.#isFlushing) return;
    this.#isFlushing = true;
    // What arrives in one turn of the event loop goes in one message.
    setImmediate(() => {
      this.#isFlushing = false;
      const batch = this.#batch.take();
      this.#worker?.postMessage({ kind: 'packets', batch } satisfies VideoOrder, [batch]);
    });
  }

  tell(order: VideoOrder): void {
    this.#worker?.postMessage(order);
  }

  async end(): Promise<void> {
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.terminate();
  }

  #start(): Worker {
    // In a bundle the thread's file lies beside, bundled as well.
    const file = import.meta.url.endsWith('.ts') ? './video-worker.ts' : './video-worker.mjs';
    const worker = new Worker(new URL(file, import.meta.url));
    worker.unref();
    worker.on('message', (report: VideoReport) => {
      this.#take(report);
    });
    worker.on('error', (cause) => {
      this.#deps.log.error('a video thread ended; its calls show nothing', { cause });
      this.#deps.metrics.count('video_transcoding_thread_faults');
      this.#worker = undefined;
      this.#sinks.clear();
    });
    return worker;
  }

  #take(report: VideoReport): void {
    if (report.kind === 'packets') {
      for (const { call, leg, packet } of readBatch(report.batch)) {
        this.#sinks.get(call)?.leave(leg, packet);
      }
      return;
    }
    const sink = this.#sinks.get(report.call);
    if (report.kind === 'ask-picture') sink?.askPicture(report.of);
    else if (report.kind === 'ask-again') sink?.askAgain(report.of, report.sequences);
    else {
      this.#deps.log.error('a video cannot be transcoded any more', { reason: report.reason });
      this.#deps.metrics.count('video_transcoding_faults');
      this.#sinks.delete(report.call);
    }
  }
}

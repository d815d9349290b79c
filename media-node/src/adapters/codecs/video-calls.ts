import { VideoCrossing } from '../../core/video/video-crossing.ts';
import type { VideoCodecs } from '../../ports/video-codecs.ts';
import { PacketBatch, readBatch } from './packet-batch.ts';
import type { VideoOrder, VideoReport } from './video-messages.ts';

/** Own time, by the clock that stamps packets on their way in. */
type Now = () => number;

/** The calls of one worker. Has no timer and no thread. */
export class VideoCalls {
  readonly #codecs: VideoCodecs;
  readonly #report: (report: VideoReport) => void;
  readonly #now: Now;
  readonly #calls = new Map<number, VideoCrossing>();
  readonly #batch = new PacketBatch();

  constructor(codecs: VideoCodecs, report: (report: VideoReport) => void, now: Now) {
    this.#codecs = codecs;
    this.#report = report;
    this.#now = now;
  }

  take(order: VideoOrder): void {
    if (order.kind === 'packets') this.#takePackets(order.batch);
    else if (order.kind === 'open') this.#open(order);
    else if (order.kind === 'close') this.#close(order.call);
    else {
      this.#guarded(order.call, (crossing) => {
        if (order.kind === 'limit') crossing.limit(order.by, order.bitsPerS);
        else crossing.wantPicture(order.by, this.#now());
      });
    }
    this.#flush();
  }

  /** Every now and then. */
  turn(): void {
    for (const call of this.#calls.keys()) {
      this.#guarded(call, (crossing) => {
        crossing.turn(this.#now());
      });
    }
    this.#flush();
  }

  #open({ call, plan }: Extract<VideoOrder, { kind: 'open' }>): void {
    try {
      const crossing = new VideoCrossing(plan, this.#codecs, {
        leave: (leg, packet) => {
          this.#batch.add({ call, leg, atMs: 0, packet });
        },
        askPicture: (of) => {
          this.#report({ kind: 'ask-picture', call, of });
        },
        askAgain: (of, sequences) => {
          this.#report({ kind: 'ask-again', call, of, sequences });
        },
      });
      this.#calls.set(call, crossing);
    } catch (cause) {
      this.#fault(call, cause);
    }
  }

  #takePackets(batch: ArrayBuffer): void {
    for (const { call, leg, atMs, packet } of readBatch(batch)) {
      this.#guarded(call, (crossing) => {
        crossing.take(leg, packet, { atMs, nowMs: this.#now() });
      });
      // Nobody's picture waits for the next one of another.
      this.#flush();
    }
  }

  #close(call: number): void {
    this.#calls.get(call)?.close();
    this.#calls.delete(call);
  }

  #flush(): void {
    if (!this.#batch.isEmpty) this.#report({ kind: 'packets', batch: this.#batch.take() });
  }

  /** A bug ends one call's video, not that of every call of the worker. */
  #guarded(call: number, work: (crossing: VideoCrossing) => void): void {
    const crossing = this.#calls.get(call);
    if (!crossing) return;
    try {
      work(crossing);
    } catch (cause) {
      this.#close(call);
      this.#fault(call, cause);
    }
  }

  #fault(call: number, cause: unknown): void {
    this.#report({ kind: 'fault', call, reason: cause instanceof Error ? cause.message : '' });
  }
}

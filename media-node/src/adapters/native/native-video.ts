import type {
  Feedback,
  Gate,
  ImsRemote,
  LegName,
  RtpEndpoint,
  VideoDetour,
  VideoOutlet,
  VideoRewrite,
  VideoStream,
} from '../../ports/media-plane.ts';
import type { VideoStats } from '../../ports/media-stats.ts';
import { imsRemoteOf } from './ims-remote.ts';
import type { MediaWorker, WorkerSeat } from './media-worker.ts';
import { base64, bytes } from './order-values.ts';
import type { CallOrder, VideoReport } from './worker-protocol.ts';

export interface NativeVideoDeps {
  readonly worker: MediaWorker;
  readonly seat: WorkerSeat;
  /** Its ports are free again. */
  readonly onClosed: () => void;
}

export interface NativeVideoOptions {
  readonly announced: string;
  readonly rtpPort: number;
}

/** As media-node/native/rtcp-feedback.h has them. */
const BITS: Readonly<Record<Feedback, number>> = {
  nack: 1,
  pli: 2,
  fir: 4,
  tmmbr: 8,
  remb: 16,
};

const bitsOf = (kinds: readonly Feedback[]): number =>
  kinds.reduce((bits, kind) => bits | BITS[kind], 0);

/** One video stream of the native plane. */
export class NativeVideo implements VideoStream {
  readonly ims: RtpEndpoint;
  readonly ssrcToBrowser: number;
  readonly #deps: NativeVideoDeps;
  #gate: Gate = { toIms: false, toBrowser: false };
  #detour: VideoDetour | undefined;
  #lastStats: VideoStats | undefined;
  #closing: Promise<void> | undefined;

  /** `undefined` where another process has one of the two ports. */
  static async open(
    deps: NativeVideoDeps,
    options: NativeVideoOptions,
  ): Promise<NativeVideo | undefined> {
    const ssrc = await deps.worker.openVideo(deps.seat, options.rtpPort);
    return ssrc === undefined ? undefined : new NativeVideo(deps, options, ssrc);
  }

  private constructor(
    deps: NativeVideoDeps,
    { announced: address, rtpPort }: NativeVideoOptions,
    ssrcToBrowser: number,
  ) {
    this.#deps = deps;
    this.ims = { address, rtpPort, rtcpPort: rtpPort + 1 };
    this.ssrcToBrowser = ssrcToBrowser;
  }

  connectIms(remote: ImsRemote): void {
    this.#order({ kind: 'connect-video', ...imsRemoteOf(remote) });
  }

  setRewrite({ payloadToIms, payloadToBrowser, orientation, feedback }: VideoRewrite): void {
    const { browser = 0, ims = 0 } = orientation ?? {};
    this.#order({
      kind: 'set-video-rewrite',
      toIms: [...payloadToIms],
      toBrowser: [...payloadToBrowser],
      orientation: { browser, ims },
      feedback: { browser: bitsOf(feedback.browser), ims: bitsOf(feedback.ims) },
    });
  }

  setGate(gate: Gate): void {
    const { toIms, toBrowser, rtcp = false } = gate;
    const before = this.#gate;
    this.#gate = gate;
    this.#order({ kind: 'set-video-gate', toIms, toBrowser, rtcp });
    if (toIms && !before.toIms) this.#detour?.wantPicture('ims');
    if (toBrowser && !before.toBrowser) this.#detour?.wantPicture('browser');
  }

  divert(detour: VideoDetour | undefined): VideoOutlet {
    this.#detour = detour;
    this.#order({ kind: 'divert-video', isDiverted: detour !== undefined });
    const ask = (of: LegName, sequences: readonly number[]): void => {
      this.#order({ kind: 'ask-video', ofIms: of === 'ims', sequences });
    };
    return {
      send: (to, packet) => {
        this.#order({ kind: 'send-video', toIms: to === 'ims', packet: base64(packet) });
      },
      askPicture: (of) => {
        ask(of, []);
      },
      askAgain: (of, sequences) => {
        if (sequences.length > 0) ask(of, sequences);
      },
    };
  }

  onReport(report: VideoReport): void {
    // Some were on their way when it closed.
    if (this.#closing) return;
    if (report.what === 'diverted') this.#detour?.take(report.from, bytes(report.packet));
    else if (report.what === 'picture-wanted') this.#detour?.wantPicture(report.by);
    else this.#detour?.limit(report.by, report.bitsPerS);
  }

  stats(): VideoStats {
    const { worker, seat } = this.#deps;
    return this.#lastStats ?? worker.stats.readVideo(seat.slot);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const { worker, seat, onClosed } = this.#deps;
    await worker.closeVideo(seat);
    // Of the next video of this call nothing is to be shown here.
    this.#lastStats = worker.stats.readVideo(seat.slot);
    onClosed();
  }

  #order(order: CallOrder): void {
    const { worker, seat } = this.#deps;
    if (!this.#closing) worker.order(seat.slot, order);
  }
}

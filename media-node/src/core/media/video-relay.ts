import type { Feedback, Gate, LegName, VideoRewrite } from '../../ports/media-plane.ts';
import type { VideoLegStats } from '../../ports/media-stats.ts';
import { concatBytes } from './bytes.ts';
import type { LegCounts } from './leg-counters.ts';
import { LegReporter } from './leg-reporter.ts';
import { LostPackets } from './lost-packets.ts';
import { AS_THEY_ARE, otherLeg, type RelayOptions } from './relay.ts';
import {
  readFeedback,
  writeBandwidthNotice,
  writeBandwidthRequest,
  writeEstimate,
  writeFullIntra,
  writeNack,
  writePictureLoss,
} from './rtcp-feedback.ts';
import { writeGoodbye, writeReport } from './rtcp-packet.ts';
import { readRtpHeader } from './rtp-packet.ts';
import { type Passing, type RewriteTarget, type Rewritten, RtpRewriter } from './rtp-rewrite.ts';

/** Of all video formats (RFC 6184 §8.2.1, RFC 7741 §6.2.1). */
const CLOCK_RATE_HZ = 90_000;
/** What was asked for again comes behind many: a second of video at most. */
const MAX_MISORDER = 512;
/** How often a limit that rises is told. */
const RATE_INTERVAL_MS = 1000;

interface TimedLimit {
  readonly bitsPerS: number;
  readonly atMs: number;
}

interface Leg {
  readonly ssrc: number;
  readonly rewriter: RtpRewriter;
  readonly reporter: LegReporter;
  /** Whose packets come from there. */
  source?: number;
  fullIntraCommands: number;
  /** What it was last told to keep below. */
  limit?: TimedLimit;
  readonly requestsReceived: RequestCounts;
  readonly requestsSent: RequestCounts;
}

interface RequestCounts {
  nacks: number;
  pictures: number;
}

/** What one leg's RTCP asks for. */
export interface Asked {
  /** Packets of ours that leg has lost. */
  readonly resend: readonly number[];
  readonly wantsPicture: boolean;
  /** It takes no more. */
  readonly limitBitsPerS?: number;
  /** To be sent on that leg, where the limit is kept. */
  readonly answer?: Uint8Array;
}

const NOTHING: VideoRewrite = {
  payloadToIms: new Map(),
  payloadToBrowser: new Map(),
  feedback: { browser: [], ims: [] },
};

/** Video of one call from leg to leg, and what its receivers ask of its senders. */
export class VideoRelay {
  readonly #cname: string;
  readonly #legs: Readonly<Record<LegName, Leg>>;
  #gate: Gate = { toIms: false, toBrowser: false };
  #rewrite = NOTHING;
  /** On the way from the browser: what IMS could not ask for, or too late. */
  readonly #uplink = new LostPackets();
  /** Of the browser, whose packets came before it was agreed which are video, by payload type. */
  readonly #early = new Map<number, number>();

  constructor({ cname, toBrowser, toIms }: RelayOptions) {
    this.#cname = cname;
    const leg = (target: RewriteTarget): Leg => {
      const reporter = new LegReporter({ ssrc: target.ssrc, cname });
      reporter.setClockRate(CLOCK_RATE_HZ, 0);
      return {
        ssrc: target.ssrc,
        rewriter: new RtpRewriter({
          ...target,
          ...{ maxMisorder: MAX_MISORDER, clockRateHz: CLOCK_RATE_HZ },
        }),
        reporter,
        fullIntraCommands: 0,
        requestsReceived: { nacks: 0, pictures: 0 },
        requestsSent: { nacks: 0, pictures: 0 },
      };
    };
    this.#legs = { browser: leg(toBrowser), ims: leg(toIms) };
  }

  /** As of `Relay`. */
  changePeer({ isMadeHere }: { readonly isMadeHere: boolean }): void {
    this.#legs.ims.reporter.changePeer();
    if (!isMadeHere) this.#legs.browser.rewriter.changeSource();
  }

  setRewrite(rewrite: VideoRewrite): void {
    this.#rewrite = rewrite;
    for (const [payloadType, ssrc] of this.#early) {
      if (this.carries(payloadType)) this.#legs.browser.source ??= ssrc;
    }
  }

  /** A packet of the browser that is of the voice, or that will turn out to have been of the video. */
  passOver(packet: Uint8Array): void {
    const header = readRtpHeader(packet);
    if (header) this.#early.set(header.payloadType, header.ssrc);
  }

  /** Requests for whole pictures, where a direction opens: what came before was not seen. */
  setGate(gate: Gate): Partial<Record<LegName, Uint8Array>> {
    const before = this.#gate;
    this.#gate = gate;
    if (!gate.toIms) this.#uplink.forget();
    const fromBrowser = gate.toIms && !before.toIms ? this.askPicture('browser') : undefined;
    const fromIms = gate.toBrowser && !before.toBrowser ? this.askPicture('ims') : undefined;
    return {
      ...(fromBrowser ? { browser: fromBrowser } : {}),
      ...(fromIms ? { ims: fromIms } : {}),
    };
  }

  isOpenTo(leg: LegName): boolean {
    return leg === 'ims' ? this.#gate.toIms : this.#gate.toBrowser;
  }

  carries(payloadType: number): boolean {
    return this.#rewrite.payloadToIms.has(payloadType);
  }

  received(from: LegName, packet: Uint8Array, nowMs: number): void {
    const leg = this.#legs[from];
    leg.reporter.received(packet, nowMs);
    const header = readRtpHeader(packet);
    if (!header) return;
    leg.source = header.ssrc;
    if (from === 'browser' && this.#gate.toIms) this.#uplink.received(header, nowMs);
  }

  /** What the browser is asked for that it has sent and we have not got. */
  mend(nowMs: number): readonly Uint8Array[] {
    const { sequences, picture } = this.#uplink.wanted(nowMs);
    return [
      this.askSource('browser', sequences),
      picture ? this.askPicture('browser') : undefined,
    ].filter((it) => it !== undefined);
  }

  take(from: LegName, packet: Uint8Array, nowMs: number): Rewritten | undefined {
    const to = otherLeg(from);
    const { payloadToIms, payloadToBrowser } = this.#rewrite;
    const payloadTypes = to === 'ims' ? payloadToIms : payloadToBrowser;
    const ids = this.#rewrite.orientation;
    const extension = ids && { from: ids[from], to: ids[to] };
    return this.#emit(to, packet, { nowMs, payloadTypes, ...(extension ? { extension } : {}) });
  }

  /** A packet that was made here. */
  emit(to: LegName, packet: Uint8Array, nowMs: number): Rewritten | undefined {
    const id = this.#rewrite.orientation?.[to];
    const extension = id === undefined ? {} : { extension: { from: id, to: id } };
    return this.#emit(to, packet, { nowMs, payloadTypes: AS_THEY_ARE, ...extension });
  }

  #emit(to: LegName, packet: Uint8Array, how: Passing): Rewritten | undefined {
    const leg = this.#legs[to];
    if (!this.isOpenTo(to)) {
      leg.rewriter.interrupt();
      return undefined;
    }
    const rewritten = leg.rewriter.rewrite(packet, how);
    if (rewritten) leg.reporter.sent(rewritten, how.nowMs);
    return rewritten;
  }

  takeRtcp(from: LegName, packet: Uint8Array, nowMs: number): Asked {
    const leg = this.#legs[from];
    leg.reporter.receivedRtcp(packet, nowMs);
    const asked = readFeedback(packet).filter((it) => it.media === leg.ssrc);
    const nacks = asked.filter((it) => it.kind === 'nack');
    const pictures = asked.filter((it) => it.kind === 'pli' || it.kind === 'fir').length;
    leg.requestsReceived.nacks += nacks.length;
    leg.requestsReceived.pictures += pictures;
    const limit = asked.findLast((it) => it.kind === 'limit');
    const { owner, bitsPerS = 0 } = limit ?? {};
    const notice =
      owner === undefined ? undefined : writeBandwidthNotice(leg.ssrc, owner, bitsPerS);
    return {
      resend: nacks.flatMap((it) => it.sequences),
      wantsPicture: pictures > 0,
      ...(limit ? { limitBitsPerS: bitsPerS } : {}),
      ...(notice ? { answer: this.#framed(from, notice) } : {}),
    };
  }

  /** Asks the sender on the other leg for what we have not got either. */
  askAgain(lostOn: LegName, sequences: readonly number[]): Uint8Array | undefined {
    const { rewriter } = this.#legs[lostOn];
    const theirs = sequences.flatMap((it) => rewriter.sourceSequence(it) ?? []);
    return this.askSource(otherLeg(lostOn), theirs);
  }

  /** Asks a sender for packets by his own numbers. */
  askSource(of: LegName, sequences: readonly number[]): Uint8Array | undefined {
    const { requestsSent, ssrc, source } = this.#legs[of];
    if (source === undefined || sequences.length === 0 || !this.#takes(of, 'nack'))
      return undefined;
    requestsSent.nacks += 1;
    return this.#framed(of, writeNack(ssrc, source, sequences));
  }

  /** The way that sender takes; `undefined`: it takes none. */
  askPicture(of: LegName): Uint8Array | undefined {
    const leg = this.#legs[of];
    const { requestsSent, ssrc, source } = leg;
    const takesLoss = this.#takes(of, 'pli');
    if (source === undefined || !(takesLoss || this.#takes(of, 'fir'))) return undefined;
    requestsSent.pictures += 1;
    if (takesLoss) return this.#framed(of, writePictureLoss(ssrc, source));
    leg.fullIntraCommands += 1;
    return this.#framed(of, writeFullIntra(ssrc, source, leg.fullIntraCommands));
  }

  /** Asks a sender to keep below a rate, in the way he takes; a rate that trembles is not told. */
  limitRate(of: LegName, bitsPerS: number, nowMs: number): Uint8Array | undefined {
    const leg = this.#legs[of];
    const { ssrc, source } = leg;
    if (source === undefined || !this.#takes(of, of === 'ims' ? 'tmmbr' : 'remb')) return undefined;
    if (of === 'ims' && leg.limit && !isNews(leg.limit, bitsPerS, nowMs)) return undefined;
    leg.limit = { bitsPerS, atMs: nowMs };
    if (of === 'browser') return this.#framed(of, writeEstimate(ssrc, source, bitsPerS));
    return this.#framed(of, writeBandwidthRequest(ssrc, source, bitsPerS));
  }

  /** How a leg is received, here and at its other end, and what was missed. */
  hearingOf(leg: LegName): Omit<VideoLegStats, keyof LegCounts> {
    const { reporter, requestsReceived, requestsSent } = this.#legs[leg];
    return {
      ...reporter.hearing,
      requestsReceived: { ...requestsReceived },
      requestsSent: { ...requestsSent },
    };
  }

  /** Who makes the stream keeps below it. */
  forgetLimits(): void {
    for (const leg of Object.values(this.#legs)) delete leg.limit;
  }

  report(leg: LegName, nowMs: number): Uint8Array | undefined {
    if (!this.#reports(leg)) return undefined;
    const report = writeReport(this.#legs[leg].reporter.report(nowMs));
    const limit = leg === 'browser' ? this.#limitAgain() : undefined;
    return limit ? concatBytes(report, limit) : report;
  }

  /** Of a REMB nobody says that it came, unlike of a TMMBR. */
  #limitAgain(): Uint8Array | undefined {
    const { limit, source, ssrc } = this.#legs.browser;
    if (!limit || source === undefined || !this.#takes('browser', 'remb')) return undefined;
    return writeEstimate(ssrc, source, limit.bitsPerS);
  }

  goodbye(leg: LegName, nowMs: number): Uint8Array | undefined {
    return this.#reports(leg) ? writeGoodbye(this.#legs[leg].reporter.report(nowMs)) : undefined;
  }

  #reports(leg: LegName): boolean {
    return this.#gate.rtcp === true || this.isOpenTo(leg);
  }

  #takes(leg: LegName, kind: Feedback): boolean {
    return this.#rewrite.feedback[leg].includes(kind);
  }

  /** Not reduced in size: that would have to be agreed (RFC 5506 §5), and all read it whole. */
  #framed(of: LegName, feedback: Uint8Array): Uint8Array {
    const { ssrc } = this.#legs[of];
    return concatBytes(writeReport({ ssrc, cname: this.#cname, blocks: [] }), feedback);
  }
}

/** A lower rate at once, a higher one when the last is old. */
const isNews = (last: TimedLimit, bitsPerS: number, nowMs: number): boolean =>
  bitsPerS < last.bitsPerS * (1 - 1 / 32) || nowMs - last.atMs >= RATE_INTERVAL_MS;

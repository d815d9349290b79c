import type { Gate, StreamRewrite } from '../../ports/media-plane.ts';
import { LegReporter } from './leg-reporter.ts';
import { writeGoodbye, writeReport } from './rtcp-packet.ts';
import { type RewriteTarget, RtpRewriter } from './rtp-rewrite.ts';

export type LegName = 'browser' | 'ims';

export interface RelayOptions {
  readonly cname: string;
  readonly toBrowser: RewriteTarget;
  readonly toIms: RewriteTarget;
}

interface Leg {
  readonly rewriter: RtpRewriter;
  readonly reporter: LegReporter;
}

const NO_REWRITE: StreamRewrite = { payloadToIms: new Map(), payloadToBrowser: new Map() };

/** Plain RTP of one call from leg to leg; a leg's members are about what we send there. */
export class Relay {
  readonly #legs: Readonly<Record<LegName, Leg>>;
  #gate: Gate = { toIms: false, toBrowser: false };
  #rewrite = NO_REWRITE;

  constructor({ cname, toBrowser, toIms }: RelayOptions) {
    const leg = (target: RewriteTarget): Leg => ({
      rewriter: new RtpRewriter(target),
      reporter: new LegReporter({ ssrc: target.ssrc, cname }),
    });
    this.#legs = { browser: leg(toBrowser), ims: leg(toIms) };
  }

  setGate(gate: Gate): void {
    this.#gate = gate;
  }

  setRewrite(rewrite: StreamRewrite): void {
    this.#rewrite = rewrite;
    const { clockRateHz } = rewrite;
    if (clockRateHz === undefined) return;
    this.#legs.browser.reporter.setClockRate(clockRateHz);
    this.#legs.ims.reporter.setClockRate(clockRateHz);
  }

  isOpenTo(leg: LegName): boolean {
    return leg === 'ims' ? this.#gate.toIms : this.#gate.toBrowser;
  }

  /** What is to be sent on the other leg; `undefined` where the gate or the codec forbids it. */
  take(from: LegName, packet: Uint8Array, nowMs: number): Uint8Array | undefined {
    this.#legs[from].reporter.received(packet, nowMs);
    const to = from === 'ims' ? 'browser' : 'ims';
    if (!this.isOpenTo(to)) {
      this.#legs[to].rewriter.interrupt();
      return undefined;
    }
    const { payloadToIms, payloadToBrowser } = this.#rewrite;
    const payloadTypes = to === 'ims' ? payloadToIms : payloadToBrowser;
    const rewritten = this.#legs[to].rewriter.rewrite(packet, payloadTypes);
    if (!rewritten) return undefined;
    this.#legs[to].reporter.sent(rewritten, nowMs);
    return rewritten.packet;
  }

  /** Packets lost on their way to us. */
  lostFrom(leg: LegName): number {
    return this.#legs[leg].reporter.lost;
  }

  takeRtcp(from: LegName, compound: Uint8Array, nowMs: number): void {
    this.#legs[from].reporter.receivedRtcp(compound, nowMs);
  }

  /** RTCP due on a leg now; nothing while its gate is shut, but on hold. */
  report(leg: LegName, nowMs: number): Uint8Array | undefined {
    return this.#reports(leg) ? writeReport(this.#legs[leg].reporter.report(nowMs)) : undefined;
  }

  goodbye(leg: LegName, nowMs: number): Uint8Array | undefined {
    return this.#reports(leg) ? writeGoodbye(this.#legs[leg].reporter.report(nowMs)) : undefined;
  }

  #reports(leg: LegName): boolean {
    return this.#gate.rtcp === true || this.isOpenTo(leg);
  }
}

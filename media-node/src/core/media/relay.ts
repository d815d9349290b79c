import type { Gate, LegName, StreamRewrite } from '../../ports/media-plane.ts';
import type { VoiceLegStats } from '../../ports/media-stats.ts';
import { type Digit, DigitReader } from './digit-reader.ts';
import type { LegCounts } from './leg-counters.ts';
import { LegReporter } from './leg-reporter.ts';
import { writeGoodbye, writeReport } from './rtcp-packet.ts';
import { type Passing, type RewriteTarget, RtpRewriter } from './rtp-rewrite.ts';

export interface RelayOptions {
  readonly cname: string;
  readonly toBrowser: RewriteTarget;
  readonly toIms: RewriteTarget;
}

interface Leg {
  readonly rewriter: RtpRewriter;
  readonly reporter: LegReporter;
  /** Of what comes from there. */
  readonly digits: DigitReader;
}

/** Of packets that were made here: they bear the numbers of their leg already. */
export const AS_THEY_ARE: ReadonlyMap<number, number> = new Map(
  Array.from({ length: 128 }, (_, payloadType) => [payloadType, payloadType]),
);

export const otherLeg = (leg: LegName): LegName => (leg === 'ims' ? 'browser' : 'ims');

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
      digits: new DigitReader(),
    });
    this.#legs = { browser: leg(toBrowser), ims: leg(toIms) };
  }

  setGate(gate: Gate): void {
    this.#gate = gate;
  }

  /**
   * Somebody else is at the other end of IMS: the browser's stream goes on with what he sends. What is
   * made here of it has its own steps, whoever speaks.
   */
  changePeer({ isMadeHere }: { readonly isMadeHere: boolean }): void {
    this.#legs.ims.reporter.changePeer();
    if (!isMadeHere) this.#legs.browser.rewriter.changeSource();
  }

  setRewrite(rewrite: StreamRewrite, nowMs: number): void {
    this.#rewrite = rewrite;
    const { clockRateHz, browserClockRateHz = clockRateHz, events } = rewrite;
    this.#legs.ims.digits.setEvents(events?.ims ?? new Map());
    this.#legs.browser.digits.setEvents(events?.browser ?? new Map());
    this.#setClockRate('ims', clockRateHz, nowMs);
    this.#setClockRate('browser', browserClockRateHz, nowMs);
  }

  #setClockRate(leg: LegName, hz: number | undefined, nowMs: number): void {
    if (hz === undefined) return;
    this.#legs[leg].reporter.setClockRate(hz, nowMs);
    this.#legs[leg].rewriter.setClockRate(hz, nowMs);
  }

  isOpenTo(leg: LegName): boolean {
    return leg === 'ims' ? this.#gate.toIms : this.#gate.toBrowser;
  }

  received(from: LegName, packet: Uint8Array, nowMs: number): void {
    this.#legs[from].reporter.received(packet, nowMs);
  }

  /** A key whose end this packet is; of what is not passed on, nothing is heard. */
  digitIn(from: LegName, packet: Uint8Array, nowMs: number): Digit | undefined {
    return this.isOpenTo(otherLeg(from)) ? this.#legs[from].digits.read(packet, nowMs) : undefined;
  }

  /** What is to be sent on the other leg; `undefined` where the gate or the codec forbids it. */
  take(from: LegName, packet: Uint8Array, nowMs: number): Uint8Array | undefined {
    const { payloadToIms, payloadToBrowser } = this.#rewrite;
    const to = otherLeg(from);
    return this.#emit(to, packet, {
      nowMs,
      payloadTypes: to === 'ims' ? payloadToIms : payloadToBrowser,
    });
  }

  /** A packet that was made here: its payload type is the leg's own already. */
  emit(to: LegName, packet: Uint8Array, nowMs: number): Uint8Array | undefined {
    return this.#emit(to, packet, { nowMs, payloadTypes: AS_THEY_ARE });
  }

  #emit(to: LegName, packet: Uint8Array, how: Passing): Uint8Array | undefined {
    if (!this.isOpenTo(to)) {
      this.#legs[to].rewriter.interrupt();
      return undefined;
    }
    const rewritten = this.#legs[to].rewriter.rewrite(packet, how);
    if (!rewritten) return undefined;
    this.#legs[to].reporter.sent(rewritten, how.nowMs);
    return rewritten.packet;
  }

  /** How a leg is received, here and at its other end. */
  hearingOf(leg: LegName): Omit<VoiceLegStats, keyof LegCounts> {
    return this.#legs[leg].reporter.hearing;
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

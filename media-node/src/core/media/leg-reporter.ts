import type { VoiceLegStats } from '../../ports/media-stats.ts';
import { readMeasured, readReferences } from './extended-report.ts';
import { FarEnd } from './far-end.ts';
import type { LegCounts } from './leg-counters.ts';
import { Reception } from './reception.ts';
import {
  type ClockReference,
  ntpMiddleOf,
  type Report,
  readGoodbyes,
  readReports,
  type SenderInfo,
} from './rtcp-packet.ts';
import { readRtpHeader } from './rtp-packet.ts';

export interface LegReporterOptions {
  /** SSRC we send under on this leg. */
  readonly ssrc: number;
  readonly cname: string;
}

/** 1/65536 s, as the middle of an NTP time counts. */
const NTP_MIDDLE_PER_MS = 65.536;

interface Sent {
  readonly timestamp: number;
  readonly atMs: number;
}

/**
 * RTCP of one leg, terminated here (RFC 3550 §6): what we send and receive there, under our own
 * SSRC. Nothing of the other leg's reports or feedback is passed on.
 */
export class LegReporter {
  readonly #options: LegReporterOptions;
  #clockRateHz = 8000;
  #packets = 0;
  #octets = 0;
  #last: Sent | undefined;
  #reportedPackets = 0;
  #reception: Reception | undefined;
  readonly #far = new FarEnd();
  #reportsReceived = 0;
  #hasLeft = false;
  #reference: (ClockReference & { readonly atMs: number }) | undefined;
  /** Of sources before the one heard now. */
  #lostBefore = 0;

  constructor(options: LegReporterOptions) {
    this.#options = options;
  }

  /** What we have sent until now counts by the clock of before (RFC 7160 §4.1). */
  setClockRate(hz: number, nowMs: number): void {
    if (this.#last && hz !== this.#clockRateHz) {
      this.#last = { timestamp: this.#timestampAt(this.#last, nowMs), atMs: nowMs };
    }
    this.#clockRateHz = hz;
    this.#reception?.setClockRate(hz);
  }

  /** Somebody else is at the other end; of how the one before was received, the loss stays counted. */
  changePeer(): void {
    this.#lostBefore = this.lost;
    this.#reception = undefined;
    this.#reference = undefined;
    this.#hasLeft = false;
    this.#far.changePeer();
  }

  sent(packet: { readonly timestamp: number; readonly payloadBytes: number }, nowMs: number): void {
    this.#packets += 1;
    this.#octets += packet.payloadBytes;
    this.#last = { timestamp: packet.timestamp, atMs: nowMs };
  }

  received(packet: Uint8Array, nowMs: number): void {
    const header = readRtpHeader(packet);
    if (!header) return;
    if (this.#reception?.ssrc !== header.ssrc) {
      this.#lostBefore = this.lost;
      this.#reception = new Reception(header, this.#clockRateHz);
    }
    this.#reception.packet(header, nowMs);
    this.#hasLeft = false;
  }

  get lost(): number {
    return this.#lostBefore + (this.#reception?.lost ?? 0);
  }

  /** How the leg is received, here and at its other end. */
  get hearing(): Omit<VoiceLegStats, keyof LegCounts> {
    return {
      packetsLost: this.lost,
      reportsReceived: this.#reportsReceived,
      jitterMs: this.#reception?.jitterMs ?? 0,
      recentLoss: this.#reception?.recentLoss ?? 0,
      ...this.#far.read(this.#clockRateHz),
    };
  }

  receivedRtcp(compound: Uint8Array, nowMs: number): void {
    this.#reportsReceived += 1;
    for (const { blocks, ssrc, ntpMiddle } of readReports(compound)) {
      for (const block of blocks)
        if (block.ssrc === this.#options.ssrc) this.#far.told(block, nowMs);
      if (ntpMiddle === undefined || ssrc !== this.#reception?.ssrc) continue;
      this.#reception.senderReported(ntpMiddle, nowMs);
    }
    this.#takeOther(compound, nowMs);
  }

  report(nowMs: number): Report {
    const sender = this.#senderInfo(nowMs);
    this.#reportedPackets = this.#packets;
    const blocks = this.#reception && !this.#hasLeft ? [this.#reception.block(nowMs)] : [];
    return {
      ...this.#options,
      ...(sender ? { sender } : {}),
      blocks,
      ...this.#takeReference(nowMs),
    };
  }

  #takeOther(compound: Uint8Array, nowMs: number): void {
    const [reference] = readReferences(compound).slice(-1);
    if (reference) this.#reference = { ...reference, atMs: nowMs };
    for (const { metrics, source } of readMeasured(compound)) {
      if (source === this.#options.ssrc) this.#far.measured(metrics);
    }
    // A source that has gone is not reported on (RFC 3550 §6.6).
    const { ssrc } = this.#reception ?? {};
    if (ssrc !== undefined && readGoodbyes(compound).includes(ssrc)) this.#hasLeft = true;
  }

  /** Given back once. */
  #takeReference(nowMs: number): Pick<Report, 'reference'> {
    if (!this.#reference) return {};
    const { atMs, ...reference } = this.#reference;
    this.#reference = undefined;
    const delaySince = Math.floor((nowMs - atMs) * NTP_MIDDLE_PER_MS);
    return { reference: { ...reference, delaySince } };
  }

  #senderInfo(nowMs: number): SenderInfo | undefined {
    if (!this.#last || this.#packets === this.#reportedPackets) return undefined;
    this.#far.asked(ntpMiddleOf(nowMs), nowMs);
    const rtpTimestamp = this.#timestampAt(this.#last, nowMs);
    return { nowMs, rtpTimestamp, packets: this.#packets, octets: this.#octets };
  }

  /** What a packet sampled at this very moment would bear (RFC 3550 §6.4.1). */
  #timestampAt({ atMs, timestamp }: Sent, nowMs: number): number {
    return timestamp + Math.round(((nowMs - atMs) * this.#clockRateHz) / 1000);
  }
}

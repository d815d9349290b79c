import type { ReportBlock } from './rtcp-packet.ts';
import type { RtpHeader } from './rtp-packet.ts';

const SEQUENCE_SPACE = 0x1_0000;
const NTP_MIDDLE_PER_MS = 65.536;

/** How one source is received: loss and jitter as RFC 3550 §A.3 and §A.8 reckon them. */
export class Reception {
  readonly #ssrc: number;
  readonly #clockRateHz: number;
  readonly #base: number;
  #highest: number;
  #received = 0;
  #prior = { expected: 0, received: 0 };
  #transit: number | undefined;
  #jitter = 0;
  #report: { readonly ntpMiddle: number; readonly atMs: number } | undefined;

  constructor(first: RtpHeader, clockRateHz: number) {
    this.#ssrc = first.ssrc;
    this.#clockRateHz = clockRateHz;
    this.#base = first.sequence;
    this.#highest = first.sequence;
  }

  get ssrc(): number {
    return this.#ssrc;
  }

  packet({ sequence, timestamp }: RtpHeader, nowMs: number): void {
    this.#received += 1;
    const ahead = (sequence - (this.#highest % SEQUENCE_SPACE) + SEQUENCE_SPACE) % SEQUENCE_SPACE;
    if (ahead < SEQUENCE_SPACE / 2) this.#highest += ahead;
    const transit = (nowMs * this.#clockRateHz) / 1000 - timestamp;
    const change = this.#transit === undefined ? 0 : Math.abs(transit - this.#transit);
    this.#transit = transit;
    // A jump of the timestamp (a new talkspurt source, a wrap) is no jitter.
    if (change < this.#clockRateHz) this.#jitter += (change - this.#jitter) / 16;
  }

  senderReported(ntpMiddle: number, nowMs: number): void {
    this.#report = { ntpMiddle, atMs: nowMs };
  }

  /** Packets that came twice may hide as many that did not come. */
  get lost(): number {
    return Math.max(0, this.#highest - this.#base + 1 - this.#received);
  }

  /** One block; the interval of `fractionLost` begins anew. */
  block(nowMs: number): ReportBlock {
    const expected = this.#highest - this.#base + 1;
    const interval = {
      expected: expected - this.#prior.expected,
      received: this.#received - this.#prior.received,
    };
    this.#prior = { expected, received: this.#received };
    const lost = interval.expected - interval.received;
    const fraction = interval.expected > 0 ? (lost * 256) / interval.expected : 0;
    const delay = this.#report ? (nowMs - this.#report.atMs) * NTP_MIDDLE_PER_MS : 0;
    return {
      ssrc: this.#ssrc,
      fractionLost: Math.min(255, Math.max(0, Math.floor(fraction))),
      cumulativeLost: Math.min(0x7f_ffff, Math.max(-0x80_0000, expected - this.#received)),
      highestSequence: this.#highest % 0x1_0000_0000,
      jitterTicks: Math.floor(this.#jitter),
      lastReport: this.#report?.ntpMiddle ?? 0,
      delaySinceLast: Math.floor(delay),
    };
  }
}

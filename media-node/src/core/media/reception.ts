import type { ReportBlock } from './rtcp-packet.ts';
import type { RtpHeader } from './rtp-packet.ts';

const SEQUENCE_SPACE = 0x1_0000;
const NTP_MIDDLE_PER_MS = 65.536;

/** How one source is received: loss and jitter as RFC 3550 §A.3 and §A.8 reckon them. */
export class Reception {
  readonly #ssrc: number;
  #clockRateHz: number;
  readonly #base: number;
  #highest: number;
  #received = 0;
  #prior = { expected: 0, received: 0 };
  #transit: number | undefined;
  #lastTimestamp: number | undefined;
  #jitter = 0;
  #recentLoss = 0;
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

  /** Jitter begins anew where the clock is another: ticks of two clocks have no mean. */
  setClockRate(hz: number): void {
    if (hz === this.#clockRateHz) return;
    this.#clockRateHz = hz;
    this.#transit = undefined;
    this.#jitter = 0;
  }

  packet({ sequence, timestamp }: RtpHeader, nowMs: number): void {
    this.#received += 1;
    const ahead = (sequence - (this.#highest % SEQUENCE_SPACE) + SEQUENCE_SPACE) % SEQUENCE_SPACE;
    if (ahead < SEQUENCE_SPACE / 2) this.#highest += ahead;
    // An event bears the time of its beginning throughout (RFC 4733 §2.2): its packets are not late.
    if (this.#transit !== undefined && timestamp === this.#lastTimestamp) return;
    this.#lastTimestamp = timestamp;
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

  get jitterMs(): number {
    return (this.#jitter * 1000) / this.#clockRateHz;
  }

  /** Of what was due between the last two blocks, from 0 to 1. */
  get recentLoss(): number {
    return this.#recentLoss;
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
    const share = interval.expected > 0 ? lost / interval.expected : 0;
    const fractionLost = Math.min(255, Math.max(0, Math.floor(share * 256)));
    this.#recentLoss = fractionLost / 256;
    const delay = this.#report ? (nowMs - this.#report.atMs) * NTP_MIDDLE_PER_MS : 0;
    return {
      ssrc: this.#ssrc,
      fractionLost,
      cumulativeLost: Math.min(0x7f_ffff, Math.max(-0x80_0000, expected - this.#received)),
      highestSequence: this.#highest % 0x1_0000_0000,
      jitterTicks: Math.floor(this.#jitter),
      lastReport: this.#report?.ntpMiddle ?? 0,
      delaySinceLast: Math.floor(delay),
    };
  }
}

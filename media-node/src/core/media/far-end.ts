import type { FarReception } from '../../ports/media-stats.ts';
import type { ReportBlock } from './rtcp-packet.ts';
import type { VoipMetrics } from './voip-metrics.ts';

interface SentReport {
  readonly ntpMiddle: number;
  readonly atMs: number;
}

const NTP_MIDDLE_PER_MS = 65.536;

/** What the other end of a leg reports of what we send it (RFC 3550 §6.4.1). */
export class FarEnd {
  /** The last two: an answer to the first may cross the second. */
  #sent: readonly SentReport[] = [];
  #roundTripMs: number | undefined;
  #block: ReportBlock | undefined;
  #metrics: VoipMetrics | undefined;
  /** What those lost who were there before. */
  #lostBefore = 0;

  /** A sender report of ours leaves, to be named in answers by the middle of its time. */
  asked(ntpMiddle: number, nowMs: number): void {
    this.#sent = [{ ntpMiddle, atMs: nowMs }, ...this.#sent.slice(0, 1)];
  }

  /** A block that is about us. */
  told(block: ReportBlock, nowMs: number): void {
    this.#block = block;
    // Only of a report that left here: nobody makes a round trip up.
    const ours = this.#sent.find(({ ntpMiddle }) => ntpMiddle === block.lastReport);
    if (!ours) return;
    const heldMs = block.delaySinceLast / NTP_MIDDLE_PER_MS;
    this.#roundTripMs = Math.max(0, nowMs - ours.atMs - heldMs);
  }

  /** What it has measured of our stream by itself. */
  measured(metrics: VoipMetrics): void {
    this.#metrics = metrics;
  }

  /** Of somebody else nothing is known yet, and he cannot have got what was sent before. */
  changePeer(): void {
    this.#lostBefore += this.#block ? lostOf(this.#block) : 0;
    this.#block = undefined;
    this.#metrics = undefined;
    this.#roundTripMs = undefined;
    this.#sent = [];
  }

  read(clockRateHz: number): {
    readonly roundTripMs?: number;
    readonly far?: FarReception;
  } {
    const block = this.#block;
    return {
      ...(this.#roundTripMs !== undefined && { roundTripMs: this.#roundTripMs }),
      ...(block && {
        far: {
          packetsLost: this.#lostBefore + lostOf(block),
          recentLoss: block.fractionLost / 256,
          jitterMs: (block.jitterTicks * 1000) / clockRateHz,
          ...(this.#metrics && { metrics: this.#metrics }),
        },
      }),
    };
  }
}

/** Below nought where more came twice than was lost. */
const lostOf = ({ cumulativeLost }: ReportBlock): number => Math.max(0, cumulativeLost);

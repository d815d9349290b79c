import { METRICS_BYTES, readVoipMetrics, type VoipMetrics } from '../../core/media/voip-metrics.ts';
import type { VideoLegStats, VideoStats, VoiceLegStats } from '../../ports/media-stats.ts';

/* The layout of media-node/native/stats.h, in words of 64 bits. */

const PORT_WORDS = 16;
const LEG_WORDS = 24;
const CALL_WORDS = 4 * LEG_WORDS;
/** Behind the two legs of the voice. */
const VIDEO_WORDS = 2 * LEG_WORDS;
/** In a leg: `far_metrics`. */
const METRICS_WORD = 20;
const METRICS_WORDS = 4;

/** In the order of `drop_reason`. */
const DROP_REASONS = [
  'unvalidated-source',
  'malformed-stun',
  'unknown-fragment',
  'wrong-integrity',
  'refused-source',
  'unasked-response',
  'too-long',
] as const;

interface LegsStats {
  readonly access: VoiceLegStats;
  readonly ims: VoiceLegStats;
}

/** What a worker counts, read from memory it shares with us; outlives the worker. */
export class SharedStats {
  readonly #words: BigUint64Array;
  readonly #dropsTold = new Map<string, number>();

  constructor(memory: ArrayBuffer) {
    this.#words = new BigUint64Array(memory);
  }

  read(slot: number): LegsStats {
    return this.#legs(PORT_WORDS + slot * CALL_WORDS);
  }

  /** Of the video it has, or had last. */
  readVideo(slot: number): VideoStats {
    const at = PORT_WORDS + slot * CALL_WORDS + VIDEO_WORDS;
    return { access: this.#videoLeg(at), ims: this.#videoLeg(at + LEG_WORDS) };
  }

  /** Packets of nobody that were thrown away since this was last asked, by reason. */
  newDrops(): readonly (readonly [reason: string, count: number])[] {
    return DROP_REASONS.flatMap((reason, index) => {
      const total = this.#word(index);
      const count = total - (this.#dropsTold.get(reason) ?? 0);
      this.#dropsTold.set(reason, total);
      return count > 0 ? [[reason, count] as const] : [];
    });
  }

  #legs(at: number): LegsStats {
    return { access: this.#leg(at), ims: this.#leg(at + LEG_WORDS) };
  }

  #videoLeg(at: number): VideoLegStats {
    return {
      ...this.#leg(at),
      requestsReceived: { nacks: this.#word(at + 16), pictures: this.#word(at + 17) },
      requestsSent: { nacks: this.#word(at + 18), pictures: this.#word(at + 19) },
    };
  }

  #leg(at: number): VoiceLegStats {
    // 0 before the call has a leg.
    const ticksPerMs = this.#word(at + 7) / 1000 || 1;
    return {
      packetsReceived: this.#word(at),
      octetsReceived: this.#word(at + 1),
      packetsSent: this.#word(at + 2),
      octetsSent: this.#word(at + 3),
      packetsDropped: this.#word(at + 4),
      packetsLost: this.#word(at + 5),
      jitterMs: this.#word(at + 6) / 16 / ticksPerMs,
      reportsReceived: this.#word(at + 8),
      recentLoss: this.#word(at + 9) / 256,
      ...(this.#word(at + 10) > 0 && {
        far: {
          packetsLost: this.#word(at + 11),
          recentLoss: this.#word(at + 12) / 256,
          jitterMs: this.#word(at + 13) / ticksPerMs,
          ...this.#metrics(at + METRICS_WORD),
        },
      }),
      ...(this.#word(at + 14) > 0 && { roundTripMs: this.#word(at + 15) / 1000 }),
    };
  }

  #metrics(at: number): { readonly metrics?: VoipMetrics } {
    const octets = new DataView(new ArrayBuffer(8 * METRICS_WORDS));
    for (let word = 0; word < METRICS_WORDS; word += 1) {
      octets.setBigUint64(8 * word, this.#words[at + word] ?? 0n);
    }
    if (octets.getUint32(METRICS_BYTES) === 0) return {};
    return { metrics: readVoipMetrics(octets) };
  }

  #word(at: number): number {
    return Number(this.#words[at] ?? 0n);
  }
}

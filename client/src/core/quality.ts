import type { MediaCounters } from '../ports/peer-connection.ts';

export type QualityWords = 'Good' | 'Fair' | 'Poor';

export interface Quality {
  readonly words: QualityWords;
  /** Mean opinion score, 1 to 4.5, as ITU-T G.107 Annex B reckons it. */
  readonly mos: number;
  readonly roundTripMs: number;
  readonly jitterMs: number;
  readonly lossRatio: number;
}

/** Default rating of G.107 with everything but delay and loss at rest. */
const BASE_RATING = 93.2;
/** Robustness of G.711 with loss concealment against random loss (ITU-T G.113 Appendix I). */
const LOSS_ROBUSTNESS = 25.1;
/** Encoding, packets of 20 ms and the sound card, on top of what is measured. */
const FIXED_DELAY_MS = 40;
const TWO_WAY_TALK_SUFFERS_MS = 177.3;

/** Simplified E-model over the interval between two samples. */
export function qualityBetween(before: MediaCounters, after: MediaCounters): Quality {
  const { jitterMs, roundTripMs } = after;
  const lost = Math.max(0, after.packetsLost - before.packetsLost);
  const received = Math.max(0, after.packetsReceived - before.packetsReceived);
  const lossRatio = lost + received === 0 ? 0 : lost / (lost + received);
  const mos = mosOf(ratingOf({ jitterMs, roundTripMs, lossRatio }));
  return { words: wordsOf(mos), mos, roundTripMs, jitterMs, lossRatio };
}

function ratingOf(leg: {
  readonly jitterMs: number;
  readonly roundTripMs: number;
  readonly lossRatio: number;
}): number {
  // A jitter buffer grows to about twice the jitter.
  const delayMs = leg.roundTripMs / 2 + 2 * leg.jitterMs + FIXED_DELAY_MS;
  const late = Math.max(0, delayMs - TWO_WAY_TALK_SUFFERS_MS);
  const lossPercent = leg.lossRatio * 100;
  const loss = (95 * lossPercent) / (lossPercent + LOSS_ROBUSTNESS);
  return BASE_RATING - 0.024 * delayMs - 0.11 * late - loss;
}

function mosOf(rating: number): number {
  if (rating <= 0) return 1;
  if (rating >= 100) return 4.5;
  return 1 + 0.035 * rating + rating * (rating - 60) * (100 - rating) * 7e-6;
}

export function wordsOf(mos: number): QualityWords {
  if (mos >= 4) return 'Good';
  return mos >= 3.1 ? 'Fair' : 'Poor';
}

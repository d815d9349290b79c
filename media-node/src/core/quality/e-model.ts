/** Which E-model rates a codec. A score of the one is not to be compared with a score of the other. */
export type Band = 'narrowband' | 'wideband';

/** What a codec costs by itself, and how well it bears loss that falls at random. */
export interface CodecImpairment {
  readonly band: Band;
  /** Ie, or Ie,WB. */
  readonly equipment: number;
  /** Bpl. */
  readonly lossRobustness: number;
}

export interface SpeechPath {
  /** From 0 to 1. */
  readonly lossRatio: number;
  /** From mouth to ear. */
  readonly oneWayDelayMs: number;
}

/** R with nothing but the band itself in the way: all other inputs at their defaults. */
const UNIMPAIRED: Readonly<Record<Band, number>> = {
  // ITU-T G.107 (06/2015) §7.7, ITU-T G.107.1 (06/2019) §7.7.
  narrowband: 93.2,
  wideband: 129,
};
/** Beyond this impairment of the equipment nothing is left to lose (G.107 eq. 7-29). */
const MOST_LOST = 95;
const DELAY_UNFELT_MS = 100;

/** Transmission rating R: echo is taken to be cancelled, the talkers to be like all others. */
export function ratingOf(codec: CodecImpairment, { lossRatio, oneWayDelayMs }: SpeechPath): number {
  const equipment = withLoss(codec, 100 * lossRatio);
  return UNIMPAIRED[codec.band] - delayImpairment(oneWayDelayMs) - equipment;
}

/** Ie,eff (G.107 eq. 7-29, G.107.1 eq. 7-15). */
function withLoss({ equipment, lossRobustness }: CodecImpairment, lossPercent: number): number {
  return equipment + ((MOST_LOST - equipment) * lossPercent) / (lossPercent + lossRobustness);
}

/** Idd (G.107 eq. 7-27 and 7-28, with sT 1 and mT 100 ms; the same in G.107.1). */
function delayImpairment(delayMs: number): number {
  if (delayMs <= DELAY_UNFELT_MS) return 0;
  const octaves = Math.log2(delayMs / DELAY_UNFELT_MS);
  const sixth = (value: number): number => (1 + value ** 6) ** (1 / 6);
  return 25 * (sixth(octaves) - 3 * sixth(octaves / 3) + 2);
}

/** Mean opinion score, 1 to 4.5 (G.107 Annex B; G.107.1 Annex A for the wider scale). */
export function mosOf(rating: number, band: Band): number {
  const scaled = band === 'wideband' ? rating / 1.29 : rating;
  if (scaled <= 0) return 1;
  if (scaled >= 100) return 4.5;
  return Math.max(1, 1 + 0.035 * scaled + scaled * (scaled - 60) * (100 - scaled) * 7e-6);
}

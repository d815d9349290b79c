import type { CodecImpairment } from './e-model.ts';

/** ITU-T G.113 (09/2024) Appendix I: G.711 whose receiver conceals, as browsers and phones do. */
const G711: CodecImpairment = { band: 'narrowband', equipment: 0, lossRobustness: 25.1 };

const wide = (equipment: number, lossRobustness: number): CodecImpairment => ({
  ...{ band: 'wideband', equipment, lossRobustness },
});
const narrow = (equipment: number, lossRobustness: number): CodecImpairment => ({
  ...{ band: 'narrowband', equipment, lossRobustness },
});

/**
 * By the mode of a frame (RFC 4867). G.113 Appendix IV, tables IV.3 and IV.4, of G.722.2: with both
 * ears, the context for which robustness is published. Assumed of 14.25, 18.25 and 19.85 kbit/s,
 * which are not in IV.3: no better than the next lower mode that is. Of modes that are not in IV.4:
 * no more robust than 12.65 kbit/s, the least that is. That 23.85 kbit/s costs more than 23.05 is
 * published so.
 */
const AMR_WB: readonly CodecImpairment[] = [
  wide(56, 4.3),
  wide(41, 4.3),
  wide(20, 4.3),
  wide(20, 4.3),
  wide(17, 4.3),
  wide(17, 4.3),
  wide(17, 4.3),
  wide(8, 4.6),
  wide(10, 4.9),
];

/**
 * G.113 Appendix I has no row for AMR, but for the codecs that two of its modes are
 * (3GPP TS 26.071 table 1): GSM-EFR at 12.2 kbit/s and IS-641 at 7.4. Assumed of the two between
 * them: no better than 7.4; and of that: as robust as GSM-EFR. Below it nothing is published.
 */
const AMR: readonly (CodecImpairment | undefined)[] = [
  ...[undefined, undefined, undefined, undefined],
  ...[narrow(10, 10), narrow(10, 10), narrow(10, 10)],
  narrow(5, 10),
];

interface Modes {
  readonly of: readonly (CodecImpairment | undefined)[];
  /** Where nobody has said anything yet: as phones start (3GPP TS 26.114 §5.2.1). */
  readonly first: number;
}
const MODES: Readonly<Record<string, Modes>> = {
  'AMR-WB': { of: AMR_WB, first: 2 },
  AMR: { of: AMR, first: 7 },
};

/**
 * By the name in SDP. Planning values, as G.113 calls them; each is told with what is assumed.
 * A codec that is not here is not rated.
 */
const IMPAIRMENTS: Readonly<Record<string, CodecImpairment>> = {
  PCMU: G711,
  PCMA: G711,
  // Table IV.1 at 64 kbit/s. Assumed: no better against loss than G.722.2.
  G722: wide(13, 4.3),
  // Assumed: no worse than the mode of AMR-WB that it contains (3GPP TS 26.445 §4.1).
  EVS: wide(20, 4.3),
  // No ITU-T value. Assumed: what Alahmadi, Počta and Melvin derived (2021) for wideband Opus of
  // 13 kbit/s, VBR, the most they measured on this scale; browsers send more.
  OPUS: wide(19.96, 19.5),
};

/** `frames` of speech by their modes, where the codec has modes; none: its usual one. */
export function impairmentOf(
  codec: string,
  frames: readonly number[] = [],
): CodecImpairment | undefined {
  const name = codec.toUpperCase();
  const modes = MODES[name];
  return modes ? mixed(modes, frames) : IMPAIRMENTS[name];
}

/** On average over the frames, for R adds up; `undefined` where one of them has no value. */
function mixed({ of, first }: Modes, frames: readonly number[]): CodecImpairment | undefined {
  const spoken = frames.flatMap((count, mode) => (count > 0 ? [{ count, cost: of[mode] }] : []));
  const inAll = spoken.reduce((sum, { count }) => sum + count, 0);
  let equipment = 0;
  let lossRobustness = 0;
  for (const { cost, count } of spoken) {
    if (!cost) return undefined;
    equipment += (cost.equipment * count) / inAll;
    lossRobustness += (cost.lossRobustness * count) / inAll;
  }
  const usual = of[first];
  return usual && inAll > 0 ? { band: usual.band, equipment, lossRobustness } : usual;
}

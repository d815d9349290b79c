import type { CodecImpairment } from './e-model.ts';

/** ITU-T G.113 (09/2024) Appendix I: G.711 whose receiver conceals, as browsers and phones do. */
const G711: CodecImpairment = { band: 'narrowband', equipment: 0, lossRobustness: 25.1 };

/**
 * G.113 Appendix IV, tables IV.3 and IV.4, G.722.2 at 12.65 kbit/s: with both ears, the context for
 * which robustness is published. The mode is the sender's, frame by frame; this one is common.
 */
const AMR_WB: CodecImpairment = { band: 'wideband', equipment: 20, lossRobustness: 4.3 };

/**
 * By the name in SDP. Planning values, as G.113 calls them; each is told with what is assumed.
 * A codec that is not here is not rated.
 */
const IMPAIRMENTS: Readonly<Record<string, CodecImpairment>> = {
  PCMU: G711,
  PCMA: G711,
  // Table IV.1 at 64 kbit/s. Assumed: no better against loss than G.722.2.
  G722: { band: 'wideband', equipment: 13, lossRobustness: 4.3 },
  'AMR-WB': AMR_WB,
  // Assumed: no worse than the mode of AMR-WB that it contains (3GPP TS 26.445 §4.1).
  EVS: AMR_WB,
  // Appendix I has no row for it. Assumed: GSM-EFR at 12.2 kbit/s, which is its highest mode.
  AMR: { band: 'narrowband', equipment: 5, lossRobustness: 10 },
  // No ITU-T value. Assumed: what Alahmadi, Počta and Melvin derived (2021) for wideband Opus of
  // 13 kbit/s, VBR, the most they measured on this scale; browsers send more.
  OPUS: { band: 'wideband', equipment: 19.96, lossRobustness: 19.5 },
};

export const impairmentOf = (codec: string): CodecImpairment | undefined =>
  IMPAIRMENTS[codec.toUpperCase()];

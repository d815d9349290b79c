/** Which of the two AMR codecs; they differ in tables alone (RFC 4867 §1). */
export type AmrBand = 'narrow' | 'wide';

interface AmrTable {
  /** Bits of speech or comfort noise by frame type; absent: no frame of that type exists. */
  readonly bits: readonly (number | undefined)[];
  readonly sid: number;
  /** The highest speech mode. */
  readonly topMode: number;
  readonly clockRateHz: number;
  /** Of each speech mode. */
  readonly kbitPerS: readonly number[];
}

/** 3GPP TS 26.101 table 1a and TS 26.201 table 1; SPEECH_LOST is of wideband alone. */
const TABLES: Readonly<Record<AmrBand, AmrTable>> = {
  narrow: {
    bits: [95, 103, 118, 134, 148, 159, 204, 244, 39],
    sid: 8,
    topMode: 7,
    clockRateHz: 8000,
    kbitPerS: [4.75, 5.15, 5.9, 6.7, 7.4, 7.95, 10.2, 12.2],
  },
  wide: {
    bits: [132, 177, 253, 285, 317, 365, 397, 461, 477, 40],
    sid: 9,
    topMode: 8,
    clockRateHz: 16_000,
    kbitPerS: [6.6, 8.85, 12.65, 14.25, 15.85, 18.25, 19.85, 23.05, 23.85],
  },
};

export const SPEECH_LOST = 14;
export const NO_DATA = 15;

/** One frame of 20 ms as the codecs take it: a ToC octet, then whole octets (RFC 4867 §5.3). */
export interface AmrFrame {
  readonly frameType: number;
  /** False: damaged on its way (Q bit, RFC 4867 §4.3.2). */
  readonly isGood: boolean;
  readonly octets: Uint8Array;
}

export const amrTable = (band: AmrBand): AmrTable => TABLES[band];

/** Bits of a frame type; `undefined` where there is no such type. */
export function amrBits(band: AmrBand, frameType: number): number | undefined {
  if (frameType === NO_DATA || (band === 'wide' && frameType === SPEECH_LOST)) return 0;
  return TABLES[band].bits[frameType];
}

export const isSpeech = (band: AmrBand, frameType: number): boolean =>
  frameType <= TABLES[band].topMode;

export const tocOctet = (frameType: number, isGood: boolean): number =>
  (frameType << 3) | (isGood ? 4 : 0);

/** A frame out of an encoder. */
export function amrFrameOf(octets: Uint8Array): AmrFrame {
  const toc = octets[0] ?? tocOctet(NO_DATA, true);
  return { frameType: (toc >> 3) & 0x0f, isGood: (toc & 4) !== 0, octets };
}

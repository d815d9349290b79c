/** Bits of a frame of EVS Primary by its type, 2.8 to 128 kbit/s and SID (3GPP TS 26.445 table A.4). */
const BITS = [56, 144, 160, 192, 264, 328, 488, 640, 960, 1280, 1920, 2560, 48];
/** Octets of AMR-WB IO in its compact format: protected too, and nothing that we take. */
const INTEROPERABLE_OCTETS = [17, 23, 32, 36, 40, 46, 50, 58, 60];
/** The clock counts 16 kHz at every bandwidth (A.2.3). */
export const EVS_CLOCK_HZ = 16_000;
export const EVS_SID = 12;
export const EVS_LOST = 14;
export const EVS_NO_DATA = 15;

/** One frame of 20 ms as the codecs take it: an octet of its type, then whole octets. */
export interface EvsFrame {
  readonly frameType: number;
  readonly octets: Uint8Array;
}

/** `undefined` where there is no such type. */
export function evsOctets(frameType: number): number | undefined {
  if (frameType === EVS_LOST || frameType === EVS_NO_DATA) return 0;
  const bits = BITS[frameType];
  return bits === undefined ? undefined : bits / 8;
}

const TYPES: ReadonlyMap<number, number> = new Map(BITS.map((bits, type) => [bits / 8, type]));

/** The type of a frame that is alone in a payload of the compact format (table A.1). */
export const evsTypeOf = (octets: number): number | undefined => TYPES.get(octets);

/** Lengths that mean the compact format: a payload of another format is never as long (A.2.1). */
export const isProtectedLength = (octets: number): boolean =>
  TYPES.has(octets) || INTEROPERABLE_OCTETS.includes(octets);

/** Silence, told or not sent at all. */
export const isEvsPause = (frameType: number): boolean =>
  frameType === EVS_SID || frameType === EVS_NO_DATA;

/** And not one of the frames that stand for its lack. */
export const isEvsSpeech = (frameType: number): boolean =>
  !isEvsPause(frameType) && frameType !== EVS_LOST;

export function evsFrame(frameType: number, data: Uint8Array): EvsFrame {
  const octets = new Uint8Array(1 + data.length);
  octets[0] = frameType;
  octets.set(data, 1);
  return { frameType, octets };
}

/** A frame out of an encoder. */
export const evsFrameOf = (octets: Uint8Array): EvsFrame => ({
  frameType: octets[0] ?? EVS_NO_DATA,
  octets,
});

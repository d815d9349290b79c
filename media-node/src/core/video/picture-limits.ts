import type { PictureSize } from '../../ports/video-codecs.ts';
import type { PictureLimits } from '../../ports/video-transcoder.ts';

const SIDE = 16;
/** Fewer are no video any more: before that, pictures are made smaller. */
const MIN_PICTURES_PER_S = 15;
const MAX_PICTURES_PER_S = 30;
/** 1 Mbit/s for 640x480. */
const BITS_PER_S_AND_MACROBLOCK = 830;
const MIN_BITS_PER_S = 60_000;

/** Of VP8, which knows no levels: as much as H.264 of level 3.1 takes. */
export const VP8_LIMITS: PictureLimits = {
  macroblocks: 3600,
  macroblocksPerS: 108_000,
  bitsPerS: 2_500_000,
};

/** `level_idc` → MaxFS, MaxMBPS, kbit/s (ITU-T H.264 table A-1). */
const LEVELS: ReadonlyMap<number, readonly [number, number, number]> = new Map([
  [10, [99, 1485, 64]],
  [11, [396, 3000, 192]],
  [12, [396, 6000, 384]],
  [13, [396, 11_880, 768]],
  [20, [396, 11_880, 2000]],
  [21, [792, 19_800, 4000]],
  [22, [1620, 20_250, 4000]],
  [30, [1620, 40_500, 10_000]],
  [31, [3600, 108_000, 14_000]],
  [32, [5120, 216_000, 20_000]],
  [40, [8160, 245_760, 20_000]],
]);
const LEVEL_1B = [99, 1485, 128] as const;
const ONE_B_FLAG = 0x10;

/** What a `profile-level-id` takes; absent it is level 1 (RFC 6184 §8.1). */
export function h264Limits(profileLevelId = '42000a'): PictureLimits {
  const bits = Number.parseInt(profileLevelId, 16);
  const level = Number.isNaN(bits) ? 10 : bits & 0xff;
  const isOneB = level === 9 || (level === 11 && ((bits >> 8) & ONE_B_FLAG) !== 0);
  const known = [...LEVELS.keys()].filter((it) => it <= level);
  const highest = LEVELS.get(Math.max(10, ...known));
  const [macroblocks, macroblocksPerS, kbps] = isOneB ? LEVEL_1B : (highest ?? LEVEL_1B);
  return { macroblocks, macroblocksPerS, bitsPerS: kbps * 1000, level };
}

const macroblocksOf = ({ width, height }: PictureSize): number =>
  Math.ceil(width / SIDE) * Math.ceil(height / SIDE);

const even = (length: number): number => Math.max(SIDE, 2 * Math.floor(length / 2));

/** The same picture as large as it may be; never larger than it is, and of even sides. */
export function fittedSize(size: PictureSize, limits: PictureLimits): PictureSize {
  const most = Math.min(limits.macroblocks, limits.macroblocksPerS / MIN_PICTURES_PER_S);
  // No side may be longer than the root of eight times all macroblocks (ITU-T H.264 §A.3.1).
  const longest = SIDE * Math.floor(Math.sqrt(8 * limits.macroblocks));
  const { width, height } = size;
  let scale = Math.min(1, longest / Math.max(width, height));
  const scaled = () => ({ width: even(width * scale), height: even(height * scale) });
  if (macroblocksOf(scaled()) > most) scale = Math.sqrt((most * SIDE * SIDE) / (width * height));
  // Whole macroblocks at the edges may be too many by a row.
  while (macroblocksOf(scaled()) > most && scale > 1 / 64) scale *= 0.99;
  return scaled();
}

export const picturesPerS = (size: PictureSize, { macroblocksPerS }: PictureLimits): number =>
  Math.max(1, Math.min(MAX_PICTURES_PER_S, Math.floor(macroblocksPerS / macroblocksOf(size))));

/** What a picture of that size is worth, and no more than the receiver takes. */
export function bitsPerSOf(
  size: PictureSize,
  limits: PictureLimits,
  asked = Number.POSITIVE_INFINITY,
): number {
  const wanted = Math.min(
    macroblocksOf(size) * BITS_PER_S_AND_MACROBLOCK,
    limits.bitsPerS,
    Math.max(asked, MIN_BITS_PER_S),
  );
  return Math.floor(wanted);
}

/** RFC 5626 §4.5: where no flow is left, and where one is. */
const BASE_ALL_FAILED_MS = 30_000;
const BASE_MS = 90_000;
const MAX_MS = 1_800_000;
/** The power of two from which the maximum holds anyway. */
const MAX_DOUBLINGS = 10;

export interface Failures {
  /** In a row, at least one. */
  readonly count: number;
  /** A registration that still holds. */
  readonly isBound: boolean;
}

/** RFC 5626 §4.5: half to all of the base doubled per failure. `chance` is 0 to 1. */
export function backoffMs({ count, isBound }: Failures, chance: number): number {
  const base = isBound ? BASE_MS : BASE_ALL_FAILED_MS;
  const upper = Math.min(MAX_MS, base * 2 ** Math.min(count, MAX_DOUBLINGS));
  return Math.round(upper * (0.5 + chance / 2));
}

const REFRESH_AHEAD_S = 600;
const LONG_S = 1200;

/** 3GPP TS 24.229 §5.1.1.4.1: 600 s before the end if it is over 1200 s away, else at half. */
export const refreshMs = (expiresS: number): number =>
  (expiresS > LONG_S ? expiresS - REFRESH_AHEAD_S : expiresS / 2) * 1000;

const CHANCE_RANGE = 65_536;
export const CHANCE_BITS = 64;

/** A number from 0 up to 1 out of a random text, for jitter. */
export function chanceOf(randomText: string): number {
  let hash = 0;
  for (const char of randomText) hash = (hash * 31 + char.charCodeAt(0)) % CHANCE_RANGE;
  return hash / CHANCE_RANGE;
}

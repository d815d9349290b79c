/** Nearest to nothing: from half a round before to half a round after. */
const around = (place: number, round: number): number =>
  ((((place + round / 2) % round) + round) % round) - round / 2;

/** Of all places, so many have to agree. */
const AGREEING = 0.75;

/** On a circle: the place that most are near to, and how far the furthest of three quarters is from it. */
export function agreedPlace(
  places: readonly number[],
  round: number,
): { readonly at: number; readonly wander: number } {
  const counted = Math.ceil(places.length * AGREEING) - 1;
  const wanderFrom = (base: number): number =>
    places.map((it) => Math.abs(around(it - base, round))).sort((a, b) => a - b)[counted] ??
    Number.NaN;
  return places
    .map((at) => ({ at, wander: wanderFrom(at) }))
    .reduce((best, it) => (it.wander < best.wander ? it : best), {
      at: Number.NaN,
      wander: Number.POSITIVE_INFINITY,
    });
}

/** What one side said and heard in the same time, by where in the texts the two begin. */
export interface SideInTime {
  /** What this side says over and over: how long that is. */
  readonly roundMs: number;
  readonly saidFromMs: number;
  readonly heardFromMs: number;
}

/**
 * From mouth to ear, there and back together. No clock is shared: what one side's recordings begin
 * later than the other's is taken from one way and added to the other. `begunLaterMs`: by how much
 * the second's begin later than the first's at most.
 */
export function bothWaysMs(first: SideInTime, second: SideInTime, begunLaterMs: number): number {
  const wayOf = (from: SideInTime, to: SideInTime, shiftMs: number): number =>
    around(from.saidFromMs - to.heardFromMs + shiftMs, from.roundMs) - shiftMs;
  // Of rounds of seconds, so that neither way is taken for one round more or less.
  return wayOf(first, second, begunLaterMs / 2) + wayOf(second, first, -begunLaterMs / 2);
}

/**
 * Twice the 400 ms that a call may take one way (ITU-T G.114) and the 300 ms that our jitter buffer may
 * take besides on a machine that is busy.
 */
export const GOOD_LAG_MS = 1400;

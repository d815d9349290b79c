/** A bucket of turns, so that many who want to register at once do so one after another. */
export interface Pace {
  readonly turns: number;
  readonly atMs: number;
}

/** How much of a second's worth may go at once. */
const BURST_SHARE = 0.1;

export const burstOf = (perS: number): number => Math.max(1, perS * BURST_SHARE);

export const startPace = (nowMs: number, perS: number): Pace => ({
  turns: burstOf(perS),
  atMs: nowMs,
});

/** Takes one turn, or says how long until there is one. */
export function takeTurn(
  { atMs, turns }: Pace,
  nowMs: number,
  perS: number,
): { readonly pace: Pace; readonly waitMs: number } {
  const refilled = Math.min(burstOf(perS), turns + (Math.max(0, nowMs - atMs) * perS) / 1000);
  return refilled >= 1
    ? { pace: { turns: refilled - 1, atMs: nowMs }, waitMs: 0 }
    : { pace: { turns: refilled, atMs: nowMs }, waitMs: Math.ceil(((1 - refilled) * 1000) / perS) };
}

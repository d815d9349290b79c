const WINDOW_MS = 1_000;

/** The most that came within any one second, wherever it begins. */
export function peakPerS(timesMs: readonly number[]): number {
  const sorted = timesMs.toSorted((one, other) => one - other);
  let first = 0;
  let peak = 0;
  for (const [last, timeMs] of sorted.entries()) {
    while (timeMs - (sorted[first] ?? timeMs) >= WINDOW_MS) first += 1;
    peak = Math.max(peak, last - first + 1);
  }
  return peak;
}

/** How many came in each second from `startMs` on, up to the last of them. */
export function curveOf(timesMs: readonly number[], startMs: number): readonly number[] {
  const seconds = timesMs
    .map((it) => Math.floor((it - startMs) / WINDOW_MS))
    .filter((it) => it >= 0);
  const curve = Array.from({ length: Math.max(-1, ...seconds) + 1 }, () => 0);
  for (const second of seconds) curve[second] = (curve[second] ?? 0) + 1;
  return curve;
}

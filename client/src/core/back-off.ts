const FIRST_MS = 500;
const LONGEST_MS = 20_000;

/** Doubles with each attempt; half of it is chance, so that a crowd does not return at once. */
export function backOffMs(attempt: number, fraction: number): number {
  const ceilingMs = Math.min(LONGEST_MS, FIRST_MS * 2 ** attempt);
  return Math.round(ceilingMs * (0.5 + fraction / 2));
}

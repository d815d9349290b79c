const HALF = 0.5;
const NEARLY_ALL = 0.95;

/** The nearest-rank percentile: always a value that was measured. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  const rank = Math.max(1, Math.ceil(share * sorted.length));
  return sorted[rank - 1] ?? Number.NaN;
}

export const median = (values: readonly number[]): number => percentile(values, HALF);

/** To a tenth; what was never measured stays `NaN` and misses every bar. */
export const rounded = (value: number): number => Math.round(value * 10) / 10;

export const toHundredth = (value: number): number => Math.round(value * 100) / 100;

export interface Spread {
  readonly samples: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
}

export const spreadOf = (valuesMs: readonly number[]): Spread => ({
  samples: valuesMs.length,
  p50Ms: rounded(median(valuesMs)),
  p95Ms: rounded(percentile(valuesMs, NEARLY_ALL)),
});

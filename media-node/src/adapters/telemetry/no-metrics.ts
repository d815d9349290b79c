import type { Metrics } from '../../ports/metrics.ts';

/** For a machine where nobody collects them. */
export const noMetrics: Metrics = {
  count: () => undefined,
  gauge: () => undefined,
};

import { MetricUnit, Metrics as PowertoolsMetrics } from '@aws-lambda-powertools/metrics';
import type { Metrics } from '../ports/metrics.ts';

export interface PowertoolsMetricsOptions {
  readonly namespace: string;
  readonly service: string;
}

/** Embedded metric format: a metric is a log line, written at once, and costs no call. */
export function createPowertoolsMetrics(options: PowertoolsMetricsOptions): Metrics {
  const { namespace, service: serviceName } = options;
  const metrics = new PowertoolsMetrics({ namespace, serviceName });
  return {
    count(name, dimensions = {}) {
      const single = metrics.singleMetric();
      single.addDimensions({ ...dimensions });
      single.addMetric(name, MetricUnit.Count, 1);
    },
  };
}

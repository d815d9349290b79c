import type { Clock } from '../../ports/clock.ts';
import type { Metrics } from '../../ports/metrics.ts';

export interface EmfMetricsDeps {
  readonly stream: { write(line: string): unknown };
  readonly clock: Pick<Clock, 'nowMs'>;
}

export interface EmfMetricsOptions {
  readonly namespace: string;
  /** Stand on every metric. */
  readonly dimensions?: Readonly<Record<string, string>>;
}

interface Measurement {
  readonly name: string;
  readonly value: number;
  readonly unit: 'Count' | 'None';
  readonly dimensions: Readonly<Record<string, string>>;
}

/** CloudWatch's embedded metric format: a log line that becomes a metric, without any call. */
export function createEmfMetrics(
  { stream, clock }: EmfMetricsDeps,
  { namespace, dimensions: standing = {} }: EmfMetricsOptions,
): Metrics {
  function write({ name, value, unit, dimensions }: Measurement): void {
    const all = { ...standing, ...dimensions };
    const directive = {
      Namespace: namespace,
      Dimensions: [Object.keys(all)],
      Metrics: [{ Name: name, Unit: unit }],
    };
    const _aws = { Timestamp: clock.nowMs(), CloudWatchMetrics: [directive] };
    stream.write(`${JSON.stringify({ _aws, ...all, [name]: value })}\n`);
  }
  return {
    count(name, dimensions = {}, times = 1) {
      write({ name, value: times, unit: 'Count', dimensions });
    },
    gauge(name, value, dimensions = {}) {
      write({ name, value, unit: 'None', dimensions });
    },
  };
}

export type MetricName = 'requests' | 'requests_refused' | 'requests_failed' | 'tokens_refused';

export interface Metrics {
  /** Dimensions are few: every new value is a metric of its own. */
  count(name: MetricName, dimensions?: Readonly<Record<string, string>>): void;
}

/** Counters and gauges; a metric's name carries its unit, its dimensions are few. */
export interface Metrics {
  count(name: string, dimensions?: Readonly<Record<string, string>>): void;
  gauge(name: string, value: number): void;
}

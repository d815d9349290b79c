/** Counters and gauges; a metric's name carries its unit, its dimensions are few. */
export interface Metrics {
  /** Once, or so many `times` at once. */
  count(name: string, dimensions?: Readonly<Record<string, string>>, times?: number): void;
  gauge(name: string, value: number, dimensions?: Readonly<Record<string, string>>): void;
}

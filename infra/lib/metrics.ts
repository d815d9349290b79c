import { Duration } from 'aws-cdk-lib';
import { Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';

export const NAMESPACE = 'Isthmus';

/** Gauge of every node: call slots in use of those it has, in percent. Scaling follows it. */
export const usedCallSlots = (): Metric =>
  new Metric({
    namespace: NAMESPACE,
    metricName: 'call_slots_used_percent',
    dimensionsMap: { service: 'media-node' },
    statistic: Stats.AVERAGE,
    period: Duration.minutes(1),
  });

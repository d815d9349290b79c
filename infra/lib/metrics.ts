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

/** Tokens presented once too often, too late or by the wrong tenant: guessing, or a client gone wrong. */
export const refusedTokens = (): Metric =>
  new Metric({
    namespace: NAMESPACE,
    metricName: 'tokens_refused',
    dimensionsMap: { service: 'functions' },
    statistic: Stats.SUM,
    period: Duration.minutes(1),
  });

/** Counted by nodes: what must never happen in health. */
export const nodeEvents = (metricName: 'nodes_buried' | 'leases_lost'): Metric =>
  new Metric({
    namespace: NAMESPACE,
    metricName,
    dimensionsMap: { service: 'media-node' },
    statistic: Stats.SUM,
    period: Duration.minutes(1),
  });

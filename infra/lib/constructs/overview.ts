import { Duration } from 'aws-cdk-lib';
import {
  type Alarm,
  AlarmStatusWidget,
  Dashboard,
  GraphWidget,
  type IMetric,
  Stats,
} from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { usedCallSlots } from '../metrics.ts';
import type { SignallingStack } from '../stacks/signalling-stack.ts';
import type { Stage } from '../stage.ts';

export interface OverviewProps {
  readonly stage: Stage;
  readonly signalling: Pick<SignallingStack, 'frontDoor' | 'functions' | 'table'>;
  readonly alarms: readonly Alarm[];
}

const HALF_ROW = 12;

/** One page to look at first when something is wrong. */
export class Overview extends Construct {
  constructor(scope: Construct, id: string, { alarms, signalling, stage }: OverviewProps) {
    super(scope, id);
    const { frontDoor, functions, table } = signalling;
    const lambdas = Object.values(functions).map(({ lambda }) => lambda);
    const graph = (title: string, left: readonly IMetric[]) =>
      new GraphWidget({ title, left: [...left], width: HALF_ROW });
    new Dashboard(this, 'Dashboard', {
      dashboardName: `Isthmus-${stage.name}`,
      defaultInterval: Duration.hours(3),
      widgets: [
        [new AlarmStatusWidget({ alarms: [...alarms], width: 2 * HALF_ROW })],
        [
          graph('Call slots in use, %', [usedCallSlots()]),
          graph('WebSocket', [frontDoor.metricConnections(), frontDoor.metricMessages()]),
        ],
        [
          graph(
            'Functions, p99 ms',
            lambdas.map((lambda) => lambda.metricDuration({ statistic: Stats.p(99) })),
          ),
          graph('Failures', [
            ...lambdas.map((lambda) => lambda.metricErrors()),
            table.metricThrottledRequests(),
          ]),
        ],
      ],
    });
  }
}

import {
  Alarm,
  ComparisonOperator,
  type IMetric,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { type ITopic, Topic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { Stage } from '../stage.ts';

export interface AlarmsProps {
  readonly stage: Stage;
}

export interface AlarmWhen {
  readonly metric: IMetric;
  readonly atLeast: number;
  /** Of three minutes; one is enough where once is too often. */
  readonly minutes?: 1 | 2;
  /** What to do about it: the heading in docs/operations.md. */
  readonly runbook: string;
}

/** One topic for whoever is on duty, and every alarm that rings it. */
export class Alarms extends Construct {
  readonly topic: ITopic;
  readonly #raised: Alarm[] = [];

  constructor(scope: Construct, id: string, { stage }: AlarmsProps) {
    super(scope, id);
    const key = new Key(this, 'Key', {
      description: `Isthmus ${stage.name}: alarms`,
      enableKeyRotation: true,
      removalPolicy: stage.removalPolicy,
    });
    // CloudWatch publishes as itself: without these rights an encrypted topic stays silent.
    key.grant(
      new ServicePrincipal('cloudwatch.amazonaws.com'),
      'kms:Decrypt',
      'kms:GenerateDataKey',
    );
    this.topic = new Topic(this, 'Topic', { masterKey: key, enforceSSL: true });
  }

  get all(): readonly Alarm[] {
    return this.#raised;
  }

  raise(
    scope: Construct,
    name: string,
    { atLeast, metric, minutes = 2, runbook }: AlarmWhen,
  ): void {
    const alarm = new Alarm(scope, name, {
      metric,
      threshold: atLeast,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      evaluationPeriods: 3,
      datapointsToAlarm: minutes,
      treatMissingData: TreatMissingData.NOT_BREACHING,
      alarmDescription: `docs/operations.md: ${runbook}`,
    });
    alarm.addAlarmAction(new SnsAction(this.topic));
    this.#raised.push(alarm);
  }
}

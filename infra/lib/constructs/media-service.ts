import { fileURLToPath } from 'node:url';
import { Aws, Duration } from 'aws-cdk-lib';
import { Schedule } from 'aws-cdk-lib/aws-applicationautoscaling';
import type { IMetric } from 'aws-cdk-lib/aws-cloudwatch';
import { type SecurityGroup, SubnetType, type Vpc } from 'aws-cdk-lib/aws-ec2';
import { Platform } from 'aws-cdk-lib/aws-ecr-assets';
import {
  AwsLogDriverMode,
  Cluster,
  ContainerImage,
  ContainerInsights,
  CpuArchitecture,
  FargateService,
  FargateTaskDefinition,
  LogDrivers,
  OperatingSystemFamily,
} from 'aws-cdk-lib/aws-ecs';
import { type IRole, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { usedCallSlots } from '../metrics.ts';
import { accept } from '../reasons.ts';
import type { Stage } from '../stage.ts';
import { type NodeSurroundings, nodeEnvironment } from './node-environment.ts';

const REPOSITORY = fileURLToPath(new URL('../../..', import.meta.url));

export interface MediaServiceProps extends NodeSurroundings {
  readonly stage: Stage;
  readonly vpc: Vpc;
  readonly securityGroup: SecurityGroup;
}

/** Scaling aims below full, because a new task takes a minute to come up. */
const TARGET_PERCENT = 60;
/** The longest that Fargate grants between SIGTERM and SIGKILL. */
const STOP_TIMEOUT = Duration.seconds(120);
/** Exits 0 as soon as the control port answers; the node listens at the task's own address. */
const HEALTH_CHECK = ['CMD', 'node', 'check-health.mjs'];

/** Media nodes on Fargate: each task with a network interface, a public address and a role. */
export class MediaService extends Construct {
  readonly #service: FargateService;
  readonly #task: FargateTaskDefinition;

  constructor(scope: Construct, id: string, props: MediaServiceProps) {
    super(scope, id);
    const { securityGroup, stage, vpc } = props;
    const cluster = new Cluster(this, 'Cluster', {
      vpc,
      containerInsightsV2: ContainerInsights.ENABLED,
    });
    this.#task = this.#defineTask(props);
    this.#service = new FargateService(this, 'Service', {
      cluster,
      taskDefinition: this.#task,
      assignPublicIp: true,
      vpcSubnets: { subnetType: SubnetType.PUBLIC },
      securityGroups: [securityGroup],
      desiredCount: stage.nodes.min,
      minHealthyPercent: 100,
      maxHealthyPercent: 200,
      circuitBreaker: { enable: true, rollback: true },
    });
    this.#grantProtection(cluster);
    this.#scale(stage);
  }

  get taskRole(): IRole {
    return this.#task.taskRole;
  }

  metricProcessorPercent(): IMetric {
    return this.#service.metricCpuUtilization({ period: Duration.minutes(1) });
  }

  #defineTask(props: MediaServiceProps): FargateTaskDefinition {
    const { stage } = props;
    const task = new FargateTaskDefinition(this, 'Task', {
      cpu: 2_048,
      memoryLimitMiB: 4_096,
      runtimePlatform: {
        cpuArchitecture: CpuArchitecture.ARM64,
        operatingSystemFamily: OperatingSystemFamily.LINUX,
      },
    });
    const logGroup = new LogGroup(this, 'Log', {
      retention: stage.logRetention,
      removalPolicy: stage.removalPolicy,
    });
    task.addContainer('node', {
      image: ContainerImage.fromAsset(REPOSITORY, {
        file: 'media-node/Dockerfile',
        platform: Platform.LINUX_ARM64,
        exclude: NOT_IN_IMAGE,
      }),
      environment: nodeEnvironment(props),
      // A log that cannot be written must not hold a call up.
      logging: LogDrivers.awsLogs({
        streamPrefix: 'node',
        logGroup,
        mode: AwsLogDriverMode.NON_BLOCKING,
      }),
      stopTimeout: STOP_TIMEOUT,
      readonlyRootFilesystem: true,
      user: 'node',
      healthCheck: {
        command: HEALTH_CHECK,
        interval: Duration.seconds(10),
        retries: 3,
        // Two addresses are asked for first, for a quarter of a minute at worst.
        startPeriod: Duration.seconds(60),
      },
    });
    accept(
      task,
      'ECS2',
      'the variables are names and addresses; secrets are sealed with KMS in the table',
    );
    const execution = task.obtainExecutionRole();
    accept(execution, 'IAM5[Resource::*]', 'ecr:GetAuthorizationToken has no resource scope');
    return task;
  }

  /** A node with live calls asks not to be stopped: neither by scaling in nor by a deployment. */
  #grantProtection(cluster: Cluster): void {
    this.#task.addToTaskRolePolicy(
      new PolicyStatement({
        actions: ['ecs:GetTaskProtection', 'ecs:UpdateTaskProtection'],
        resources: [
          `arn:${Aws.PARTITION}:ecs:${Aws.REGION}:${Aws.ACCOUNT_ID}:task/${cluster.clusterName}/*`,
        ],
      }),
    );
  }

  #scale(stage: Stage): void {
    const { max, min } = stage.nodes;
    const scaling = this.#service.autoScaleTaskCount({ minCapacity: min, maxCapacity: max });
    scaling.scaleToTrackCustomMetric('UsedCallSlots', {
      metric: usedCallSlots(),
      targetValue: TARGET_PERCENT,
      scaleOutCooldown: Duration.seconds(30),
      scaleInCooldown: Duration.minutes(10),
    });
    scaling.scaleOnSchedule('Morning', {
      schedule: Schedule.cron({ hour: '6', minute: '30', weekDay: 'MON-FRI' }),
      minCapacity: min + 1,
    });
    scaling.scaleOnSchedule('Evening', {
      schedule: Schedule.cron({ hour: '20', minute: '0' }),
      minCapacity: min,
    });
  }
}

/** The image is built of sources and the lock file; the rest would only change its fingerprint. */
const NOT_IN_IMAGE = [
  '.git',
  '.data',
  '.tsbuild',
  '**/node_modules',
  'cdk.out',
  'coverage',
  'dist',
  'docs',
  'media-node/native*/build',
  'infra/lib',
  'infra/bin',
  'test',
];

import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { MediaService } from '../constructs/media-service.ts';
import { Overview } from '../constructs/overview.ts';
import { nodeEvents, usedCallSlots } from '../metrics.ts';
import { accept } from '../reasons.ts';
import type { Stage } from '../stage.ts';
import { TABLE_RIGHTS } from '../table-rights.ts';
import type { NetworkStack } from './network-stack.ts';
import type { SignallingStack } from './signalling-stack.ts';

export interface MediaStackProps extends StackProps {
  readonly stage: Stage;
  readonly network: NetworkStack;
  readonly signalling: SignallingStack;
}

const ALMOST_FULL_PERCENT = 85;

/** The nodes: the only part that holds state, and the only one with public addresses. */
export class MediaStack extends Stack {
  constructor(
    scope: Construct,
    id: string,
    { network, signalling, stage, ...props }: MediaStackProps,
  ) {
    super(scope, id, props);
    const { alarms, frontDoor, sealKey, table } = signalling;
    const service = new MediaService(this, 'Nodes', {
      stage,
      vpc: network.vpc,
      vpcCidr: network.cidr,
      securityGroup: network.nodeGroup,
      tableName: table.tableName,
      gatewayEndpoint: frontDoor.callbackUrl,
      sealKeyArn: sealKey.keyArn,
    });
    table.grant(service.taskRole, TABLE_RIGHTS.node);
    sealKey.grantUnseal(service.taskRole);
    frontDoor.grantPush(service.taskRole);
    this.#acceptWildcards(service, signalling);
    alarms.raise(this, 'NodesAlmostFull', {
      metric: usedCallSlots(),
      atLeast: ALMOST_FULL_PERCENT,
      runbook: 'Nodes almost full',
    });
    alarms.raise(this, 'NodesBusy', {
      metric: service.metricProcessorPercent(),
      atLeast: ALMOST_FULL_PERCENT,
      runbook: 'Nodes almost full',
    });
    alarms.raise(this, 'NodeLost', {
      metric: nodeEvents('nodes_buried'),
      atLeast: 1,
      minutes: 1,
      runbook: 'A node was lost',
    });
    alarms.raise(this, 'LeaseLost', {
      metric: nodeEvents('leases_lost'),
      atLeast: 1,
      minutes: 1,
      runbook: 'A node lost its lease',
    });
    new Overview(this, 'Overview', { signalling, stage, alarms: alarms.all });
  }

  /** The findings carry logical ids: a renamed construct must be named anew here. */
  #acceptWildcards(service: MediaService, signalling: SignallingStack): void {
    const api = `${signalling.stackName}:ExportsOutputRefFrontDoorApi9446D656AECE4B69`;
    const here = '<AWS::Region>:<AWS::AccountId>';
    for (const method of ['GET', 'POST']) {
      accept(
        service.taskRole,
        `IAM5[Resource::arn:<AWS::Partition>:execute-api:${here}:${api}/${signalling.frontDoor.stageName}/${method}/@connections/*]`,
        'connections come and go; a node may post to those of this API and stage, and look for them',
      );
    }
    accept(
      service.taskRole,
      `IAM5[Resource::arn:<AWS::Partition>:ecs:${here}:task/<NodesCluster92816811>/*]`,
      'a task learns its id when it starts; it may protect tasks of this cluster alone',
    );
  }
}

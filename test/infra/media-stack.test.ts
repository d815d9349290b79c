import { readEnv } from '@isthmus/media-node/env';
import { Match } from 'aws-cdk-lib/assertions';
import { resourcesOf, synthesised, type Templates } from './support/synthesised.ts';

let templates: Templates;
beforeAll(() => {
  templates = synthesised('prod');
});

interface Container {
  readonly Environment: readonly { readonly Name: string; readonly Value: unknown }[];
}

const container = (): Container => {
  const [, task] = resourcesOf(templates.media, 'AWS::ECS::TaskDefinition')[0] ?? [];
  const [only] = (task?.Properties['ContainerDefinitions'] ?? []) as Container[];
  return only ?? { Environment: [] };
};

describe('OPS-1: the network', () => {
  it('opens to the internet the media ports and nothing else', () => {
    const open = resourcesOf(templates.network, 'AWS::EC2::SecurityGroup').flatMap(
      ([, { Properties }]) => (Properties['SecurityGroupIngress'] ?? []) as unknown[],
    );

    expect(open).toEqual([
      expect.objectContaining({
        CidrIp: '0.0.0.0/0',
        IpProtocol: 'udp',
        FromPort: 40_000,
        ToPort: 49_999,
      }),
      // MED-5: for browsers whose UDP is blocked.
      expect.objectContaining({
        CidrIp: '0.0.0.0/0',
        IpProtocol: 'tcp',
        FromPort: 40_000,
        ToPort: 40_000,
      }),
    ]);
  });

  it('opens the control port to the functions alone', () => {
    templates.network.resourceCountIs('AWS::EC2::SecurityGroupIngress', 1);
    templates.network.hasResourceProperties('AWS::EC2::SecurityGroupIngress', {
      FromPort: 8_443,
      ToPort: 8_443,
      IpProtocol: 'tcp',
      SourceSecurityGroupId: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Functions'), 'GroupId'] },
    });
  });

  it('has no NAT gateway, and one endpoint: that of DynamoDB', () => {
    templates.network.resourceCountIs('AWS::EC2::NatGateway', 0);
    templates.network.resourceCountIs('AWS::EC2::VPCEndpoint', 1);
    templates.network.hasResourceProperties('AWS::EC2::VPCEndpoint', {
      VpcEndpointType: 'Gateway',
    });
  });
});

describe('OPS-1: the media nodes', () => {
  it('run on ARM64, unprivileged, on a file system they cannot write', () => {
    templates.media.hasResourceProperties('AWS::ECS::TaskDefinition', {
      RuntimePlatform: { CpuArchitecture: 'ARM64' },
      ContainerDefinitions: [
        Match.objectLike({
          ReadonlyRootFilesystem: true,
          User: 'node',
          Privileged: Match.absent(),
        }),
      ],
    });
  });

  it('have public addresses of their own', () => {
    templates.media.hasResourceProperties('AWS::ECS::Service', {
      LaunchType: 'FARGATE',
      NetworkConfiguration: { AwsvpcConfiguration: { AssignPublicIp: 'ENABLED' } },
    });
  });

  it('are given every variable they need, in a form they read', () => {
    const given = container().Environment.map(({ Name, Value }) => [
      Name,
      typeof Value === 'string' ? Value : 'known when deployed',
    ]);

    const env = readEnv(Object.fromEntries(given) as Record<string, string>);

    expect(env).toMatchObject({
      controlPort: 8_443,
      mediaPort: 40_000,
      stunPort: 40_001,
      iceTcp: { port: 40_000 },
      rtpPorts: { from: 40_002, to: 49_999 },
      allowLanMedia: false,
    });
  });

  it('are not given the addresses that only a running task knows', () => {
    const names = container().Environment.map(({ Name }) => Name);

    expect(names).not.toContain('CONTROL_ADDRESS');
    expect(names).not.toContain('ANNOUNCED_ADDRESS');
  });

  it('are asked for their health by a program of the image', () => {
    templates.media.hasResourceProperties('AWS::ECS::TaskDefinition', {
      ContainerDefinitions: [
        Match.objectLike({
          HealthCheck: Match.objectLike({ Command: ['CMD', 'node', 'check-health.mjs'] }),
        }),
      ],
    });
  });

  it('SEC-3: know the addresses of their own network', () => {
    const [, vpc] = resourcesOf(templates.network, 'AWS::EC2::VPC')[0] ?? [];

    expect(container().Environment).toContainEqual({
      Name: 'OWN_NETWORKS',
      Value: vpc?.Properties['CidrBlock'],
    });
  });
});

describe('SES-8: live calls', () => {
  it('have two minutes when their node is stopped, and the node waits for less', () => {
    const { drainS } = readEnv({
      TABLE_NAME: 't',
      GATEWAY_ENDPOINT: 'https://g',
      AWS_REGION: 'r',
      SEAL_KMS_KEY_ID: 'k',
    });

    expect(drainS).toBeLessThan(120);
    templates.media.hasResourceProperties('AWS::ECS::TaskDefinition', {
      ContainerDefinitions: [Match.objectLike({ StopTimeout: 120 })],
    });
  });

  it('are not ended by a deployment: new nodes come before old ones go', () => {
    templates.media.hasResourceProperties('AWS::ECS::Service', {
      DeploymentConfiguration: Match.objectLike({
        MinimumHealthyPercent: 100,
        MaximumPercent: 200,
        DeploymentCircuitBreaker: { Enable: true, Rollback: true },
      }),
    });
  });

  it('let a node ask for protection, for tasks of its own cluster', () => {
    templates.media.hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({ Action: ['ecs:GetTaskProtection', 'ecs:UpdateTaskProtection'] }),
        ]),
      },
    });
  });
});

describe('OPS-4: the number of nodes', () => {
  it('follows the call slots in use', () => {
    templates.media.hasResourceProperties('AWS::ApplicationAutoScaling::ScalingPolicy', {
      PolicyType: 'TargetTrackingScaling',
      TargetTrackingScalingPolicyConfiguration: Match.objectLike({
        TargetValue: 60,
        CustomizedMetricSpecification: Match.objectLike({
          MetricName: 'call_slots_used_percent',
          Namespace: 'Isthmus',
        }),
      }),
    });
  });
});

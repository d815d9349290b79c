import { REQUESTS } from '@isthmus/shared/wire/requests';
import { Match, type Template } from 'aws-cdk-lib/assertions';
import { resourcesOf, synthesised } from './support/synthesised.ts';

let signalling: Template;
let prod: Template;
beforeAll(() => {
  ({ signalling } = synthesised('dev'));
  ({ signalling: prod } = synthesised('prod'));
});

const routes = () =>
  resourcesOf(signalling, 'AWS::ApiGatewayV2::Route').map(([, { Properties }]) => Properties);
const routeOf = (key: string) => routes().find((route) => route['RouteKey'] === key);

describe('OPS-1: the WebSocket API', () => {
  it('has a route for every action of the wire, and no other', () => {
    const keys = routes().map((route) => String(route['RouteKey']));

    const own = ['$connect', '$disconnect', '$default', 'ping'];
    expect(keys.sort()).toEqual([...Object.keys(REQUESTS), ...own].sort());
  });

  it.each([...Object.keys(REQUESTS), '$default'])('answers %s on the same frame', (action) => {
    expect(routeOf(action)).toMatchObject({ RouteResponseSelectionExpression: '$default' });
  });

  it('lets the gateway answer pings by itself', () => {
    signalling.hasResourceProperties('AWS::ApiGatewayV2::Integration', {
      IntegrationType: 'MOCK',
      TemplateSelectionExpression: '200',
    });
  });

  it('keeps an access log with no message in it', () => {
    const [, stage] = resourcesOf(signalling, 'AWS::ApiGatewayV2::Stage')[0] ?? [];

    const settings = JSON.stringify(stage?.Properties['AccessLogSettings']);
    expect(settings).toContain('$context.connectionId');
    expect(settings).not.toContain('$request.body');
  });
});

describe('SEC-1: $connect', () => {
  it('is refused by the gateway itself when no Origin is sent', () => {
    signalling.hasResourceProperties('AWS::ApiGatewayV2::Authorizer', {
      AuthorizerType: 'REQUEST',
      IdentitySource: ['route.request.header.Origin'],
    });
  });

  it('asks the authorizer', () => {
    expect(routeOf('$connect')).toMatchObject({ AuthorizationType: 'CUSTOM' });
  });
});

describe('OPS-1: the functions', () => {
  const functions = () =>
    resourcesOf(signalling, 'AWS::Lambda::Function').map(([id, { Properties }]) => ({
      id,
      properties: Properties,
    }));

  it('are six, one a concern', () => {
    expect(functions()).toHaveLength(6);
  });

  it('run on Node 24 and ARM64', () => {
    for (const { properties } of functions()) {
      expect(properties).toMatchObject({ Runtime: 'nodejs24.x', Architectures: ['arm64'] });
    }
  });

  it('are in the VPC only where they speak to nodes', () => {
    const inside = functions()
      .filter(({ properties }) => 'VpcConfig' in properties)
      .map(({ id }) => id.replace(/Function.*/, ''));

    expect(inside.sort()).toEqual(['Connection', 'Registration', 'Session']);
  });

  it('have a whole core where they hash passwords, and a share of one elsewhere', () => {
    const wholeCore = functions()
      .filter(({ properties }) => Number(properties['MemorySize']) >= 1_769)
      .map(({ id }) => id.replace(/Function.*/, ''));

    expect(wholeCore.sort()).toEqual(['Login', 'Token']);
  });

  it('hold neither a secret nor a name of one that they do not need', () => {
    const sealing = functions().filter(({ properties }) =>
      JSON.stringify(properties['Environment']).includes('SEAL_KMS_KEY_ID'),
    );

    expect(sealing.map(({ id }) => id.replace(/Function.*/, ''))).toEqual(['Login']);
  });
});

describe('SEC-2: what is kept', () => {
  it('is encrypted, can be restored to a moment, and expires', () => {
    signalling.hasResourceProperties('AWS::DynamoDB::GlobalTable', {
      BillingMode: 'PAY_PER_REQUEST',
      SSESpecification: { SSEEnabled: true, SSEType: 'KMS' },
      TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true },
      GlobalSecondaryIndexes: [Match.objectLike({ IndexName: 'gsi1' })],
      Replicas: [
        Match.objectLike({
          PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        }),
      ],
    });
  });

  it('outlives its stack in production', () => {
    prod.hasResource('AWS::DynamoDB::GlobalTable', { DeletionPolicy: 'Retain' });
    prod.hasResourceProperties('AWS::DynamoDB::GlobalTable', {
      Replicas: [Match.objectLike({ DeletionProtectionEnabled: true })],
    });
  });

  it('is sealed with keys that rotate', () => {
    signalling.allResourcesProperties('AWS::KMS::Key', { EnableKeyRotation: true });
  });

  it('is in no bucket', () => {
    signalling.resourceCountIs('AWS::S3::Bucket', 0);
  });
});

describe('OPS-5: alarms', () => {
  it('ring a topic, each with its runbook', () => {
    signalling.allResourcesProperties('AWS::CloudWatch::Alarm', {
      AlarmActions: [Match.anyValue()],
      AlarmDescription: Match.stringLikeRegexp('^docs/operations.md: '),
    });
  });
});

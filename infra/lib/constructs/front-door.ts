import { Duration } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import { LogGroupLogDestination, WebSocketApi, WebSocketStage } from 'aws-cdk-lib/aws-apigatewayv2';
import { WebSocketLambdaAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import {
  WebSocketLambdaIntegration,
  WebSocketMockIntegration,
} from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { type Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { type IGrantable, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { accept } from '../reasons.ts';
import { ROUTES, type RoutedConcern } from '../routes.ts';
import type { Stage } from '../stage.ts';

export interface FrontDoorProps {
  readonly stage: Stage;
  readonly functions: Readonly<Record<RoutedConcern | 'authorize' | 'connection', IFunction>>;
}

/** The managed WebSocket: what is said on it is routed by `action` and answered on the same frame. */
export class FrontDoor extends Construct {
  readonly #api: WebSocketApi;
  readonly #stage: WebSocketStage;

  constructor(scope: Construct, id: string, { functions, stage }: FrontDoorProps) {
    super(scope, id);
    const to = (name: string, target: IFunction) => new WebSocketLambdaIntegration(name, target);
    this.#api = new WebSocketApi(this, 'Api', {
      apiName: `isthmus-${stage.name}`,
      routeSelectionExpression: '$request.body.action',
      connectRouteOptions: {
        integration: to('Connect', functions.connection),
        // No Origin, no authorizer: the gateway itself refuses who does not say where it is from.
        authorizer: new WebSocketLambdaAuthorizer('Origin', functions.authorize, {
          identitySource: ['route.request.header.Origin'],
        }),
      },
      disconnectRouteOptions: { integration: to('Disconnect', functions.connection) },
      // Not named `Default`: the framework hides that id, and two routes would then share a name.
      defaultRouteOptions: { integration: to('Fallback', functions.session), returnResponse: true },
    });
    for (const [action, concern] of Object.entries(ROUTES)) {
      const integration = to(`On ${action}`, functions[concern]);
      this.#api.addRoute(action, { integration, returnResponse: true });
    }
    this.#api.addRoute('ping', {
      integration: new WebSocketMockIntegration('Ping', {
        requestTemplates: { '200': '{"statusCode":200}' },
        templateSelectionExpression: '200',
      }),
    });
    this.#stage = this.#openStage(stage);
    this.#acceptOpenRoutes();
  }

  get url(): string {
    return this.#stage.url;
  }

  get stageName(): string {
    return this.#stage.stageName;
  }

  /** Where a node posts to, as `https`. */
  get callbackUrl(): string {
    return this.#stage.callbackUrl;
  }

  metricFailures(): Metric {
    const period = Duration.minutes(1);
    return this.#stage.metric('IntegrationError', { statistic: Stats.SUM, period });
  }

  metricConnections(): Metric {
    return this.#stage.metric('ConnectCount', { statistic: Stats.SUM });
  }

  metricMessages(): Metric {
    return this.#stage.metric('MessageCount', { statistic: Stats.SUM });
  }

  /** Post to a connection, and ask whether it is there; closing one is not among it. */
  grantPush(grantee: IGrantable): void {
    const connections = (method: string) =>
      this.#api.arnForExecuteApiV2(`${method}/@connections/*`, this.#stage.stageName);
    grantee.grantPrincipal.addToPrincipalPolicy(
      new PolicyStatement({
        actions: ['execute-api:ManageConnections'],
        resources: [connections('POST'), connections('GET')],
      }),
    );
  }

  #openStage(stage: Stage): WebSocketStage {
    const log = new LogGroup(this, 'AccessLog', {
      retention: stage.logRetention,
      removalPolicy: stage.removalPolicy,
    });
    return new WebSocketStage(this, 'Stage', {
      webSocketApi: this.#api,
      stageName: stage.name,
      autoDeploy: true,
      detailedMetricsEnabled: true,
      throttle: { rateLimit: 500, burstLimit: 1_000 },
      accessLogSettings: {
        destination: new LogGroupLogDestination(log),
        format: AccessLogFormat.custom(JSON.stringify(ACCESS_LOG)),
      },
    });
  }

  #acceptOpenRoutes(): void {
    for (const route of ['$disconnect', '$default', 'ping', ...Object.keys(ROUTES)]) {
      const found = this.#api.node.tryFindChild(`${route}-Route`);
      if (!found) throw new TypeError(`no construct of route ${route}`);
      accept(
        found,
        'APIG4',
        'a WebSocket API authorises on $connect alone; each command is authorised again by its Lambda',
      );
    }
  }
}

const ACCESS_LOG = {
  requestId: '$context.requestId',
  connectionId: '$context.connectionId',
  route: '$context.routeKey',
  status: '$context.status',
  latencyMs: '$context.integrationLatency',
  error: '$context.error.message',
  integrationError: '$context.integrationErrorMessage',
};

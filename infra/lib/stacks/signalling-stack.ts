import { ENV } from '@isthmus/functions/env';
import { CfnOutput, Duration, Stack, type StackProps } from 'aws-cdk-lib';
import { Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import { Alarms } from '../constructs/alarms.ts';
import { ConcernFunction, type InsideVpc } from '../constructs/concern-function.ts';
import { FrontDoor } from '../constructs/front-door.ts';
import { OneTable } from '../constructs/one-table.ts';
import { SealKey } from '../constructs/seal-key.ts';
import { refusedTokens } from '../metrics.ts';
import { accept } from '../reasons.ts';
import type { Stage } from '../stage.ts';
import { TABLE_RIGHTS } from '../table-rights.ts';

export interface SignallingStackProps extends StackProps {
  readonly stage: Stage;
  readonly inside: InsideVpc;
}

type Concern = 'authorize' | 'connection' | 'login' | 'token' | 'registration' | 'session';

/** The WebSocket, the Lambdas behind it, and what they keep. */
export class SignallingStack extends Stack {
  readonly alarms: Alarms;
  readonly frontDoor: FrontDoor;
  readonly sealKey: SealKey;
  readonly table: OneTable;
  readonly functions: Readonly<Record<Concern, ConcernFunction>>;
  readonly #answerKey: Secret;

  constructor(scope: Construct, id: string, props: SignallingStackProps) {
    super(scope, id, props);
    const { stage } = props;
    this.alarms = new Alarms(this, 'Alarms', { stage });
    this.table = new OneTable(this, 'Store', { stage });
    this.sealKey = new SealKey(this, 'Seal', { stage });
    this.#answerKey = this.#makeAnswerKey();
    this.functions = this.#makeFunctions(props);
    this.sealKey.grantSeal(this.functions.login.grantee);
    this.frontDoor = this.#openDoor(stage);
    this.#raiseAlarms();
    new CfnOutput(this, 'WebSocketUrl', { value: this.frontDoor.url });
    new CfnOutput(this, 'TableName', { value: this.table.tableName });
    new CfnOutput(this, 'SealKeyArn', { value: this.sealKey.keyArn });
  }

  /** 43 letters and digits and a `=` are base64 of 32 bytes, which is what the functions read. */
  #makeAnswerKey(): Secret {
    const secret = new Secret(this, 'AnswerKey', {
      description: 'Encrypts the answers kept for repeated requests',
      generateSecretString: { passwordLength: 43, excludePunctuation: true },
    });
    accept(
      secret,
      'SMG4',
      'what it encrypts lives five minutes; a deployment with a new secret rotates it',
    );
    return secret;
  }

  #makeFunctions({ inside, stage }: SignallingStackProps): Record<Concern, ConcernFunction> {
    const base = { [ENV.TABLE_NAME]: this.table.tableName };
    const answering = {
      ...base,
      [ENV.ANSWER_KEY]: `${this.#answerKey.secretValue.unsafeUnwrap()}=`,
    };
    const sealing = { ...answering, [ENV.SEAL_KMS_KEY_ID]: this.sealKey.keyArn };
    const make = (
      handler: Concern,
      environment: Record<string, string>,
      more: { readonly inside?: InsideVpc; readonly wholeCore?: boolean } = {},
    ) => {
      const id = handler.charAt(0).toUpperCase() + handler.slice(1);
      const made = new ConcernFunction(this, id, { stage, handler, environment, ...more });
      this.table.grant(made.grantee, TABLE_RIGHTS[handler]);
      return made;
    };
    return {
      authorize: make('authorize', base),
      connection: make('connection', base, { inside }),
      login: make('login', sealing, { wholeCore: true }),
      token: make('token', answering, { wholeCore: true }),
      registration: make('registration', answering, { inside }),
      session: make('session', answering, { inside }),
    };
  }

  #openDoor(stage: Stage): FrontDoor {
    const { authorize, connection, login, registration, session, token } = this.functions;
    return new FrontDoor(this, 'FrontDoor', {
      stage,
      functions: {
        authorize: authorize.lambda,
        connection: connection.lambda,
        login: login.lambda,
        token: token.lambda,
        registration: registration.lambda,
        session: session.lambda,
      },
    });
  }

  #raiseAlarms(): void {
    const period = Duration.minutes(1);
    for (const [name, { lambda }] of Object.entries(this.functions)) {
      const metric = lambda.metricErrors({ period });
      this.alarms.raise(this, `${name}Errors`, { metric, atLeast: 5, runbook: 'Function errors' });
    }
    const slow = this.functions.session.lambda.metricDuration({ statistic: Stats.p(99), period });
    this.alarms.raise(this, 'SlowCommands', {
      metric: slow,
      atLeast: 1_000,
      runbook: 'Slow commands',
    });
    this.alarms.raise(this, 'GatewayFailures', {
      metric: this.frontDoor.metricFailures(),
      atLeast: 5,
      runbook: 'Function errors',
    });
    this.alarms.raise(this, 'TableThrottled', {
      metric: this.table.metricThrottledRequests(),
      atLeast: 1,
      runbook: 'Table throttled',
    });
    this.alarms.raise(this, 'TokensRefused', {
      metric: refusedTokens(),
      atLeast: 10,
      runbook: 'Tokens refused',
    });
  }
}

import { fileURLToPath } from 'node:url';
import { Duration } from 'aws-cdk-lib';
import type { IVpc, SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import { SubnetType } from 'aws-cdk-lib/aws-ec2';
import { type IGrantable, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, type IFunction, LoggingFormat, Runtime } from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { accept } from '../reasons.ts';
import type { Stage } from '../stage.ts';

const at = (path: string) => fileURLToPath(new URL(`../../../${path}`, import.meta.url));

export interface InsideVpc {
  readonly vpc: IVpc;
  readonly securityGroup: SecurityGroup;
}

export interface ConcernFunctionProps {
  readonly stage: Stage;
  /** File name in functions/src/handlers, without its ending. */
  readonly handler: string;
  readonly environment: Readonly<Record<string, string>>;
  /** For those that hash passwords: on a whole core one takes a fifth of a second. */
  readonly wholeCore?: boolean;
  /** Only for those that speak to media nodes. */
  readonly inside?: InsideVpc;
}

/** Lambda sells processor by the memory: half a gigabyte is what a cold start wants. */
const MB_OF_A_SHARE = 512;
const MB_OF_A_CORE = 1_769;

/** Hyperplane interfaces are made by the service; none of these actions has a resource scope. */
const INTERFACE_ACTIONS = [
  'ec2:AssignPrivateIpAddresses',
  'ec2:CreateNetworkInterface',
  'ec2:DeleteNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:UnassignPrivateIpAddresses',
];

/** One Lambda for one concern: bundled with all it imports, and with a role of its own. */
export class ConcernFunction extends Construct {
  readonly lambda: IFunction;
  readonly #role: Role;

  constructor(scope: Construct, id: string, props: ConcernFunctionProps) {
    super(scope, id);
    const { environment, handler, inside, stage, wholeCore = false } = props;
    const logGroup = new LogGroup(this, 'Log', {
      retention: stage.logRetention,
      removalPolicy: stage.removalPolicy,
    });
    this.#role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      description: `Isthmus ${stage.name}: ${handler}`,
    });
    logGroup.grantWrite(this.#role);
    if (inside) this.#allowInterfaces();
    this.lambda = new NodejsFunction(this, 'Function', {
      entry: at(`functions/src/handlers/${handler}.ts`),
      projectRoot: at(''),
      depsLockFilePath: at('package-lock.json'),
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      memorySize: wholeCore ? MB_OF_A_CORE : MB_OF_A_SHARE,
      timeout: Duration.seconds(10),
      role: this.#role,
      logGroup,
      loggingFormat: LoggingFormat.JSON,
      environment: { ...environment, NODE_OPTIONS: '--enable-source-maps' },
      // CommonJS starts a quarter faster than ESM once the AWS SDK is in the bundle.
      bundling: {
        minify: true,
        sourceMap: true,
        sourcesContent: false,
        target: 'node24',
        mainFields: ['module', 'main'],
        externalModules: [],
      },
      ...(inside
        ? {
            vpc: inside.vpc,
            vpcSubnets: { subnetType: SubnetType.PRIVATE_ISOLATED },
            securityGroups: [inside.securityGroup],
          }
        : {}),
    });
  }

  get grantee(): IGrantable {
    return this.#role;
  }

  #allowInterfaces(): void {
    this.#role.addToPolicy(new PolicyStatement({ actions: INTERFACE_ACTIONS, resources: ['*'] }));
    accept(
      this.#role,
      'IAM5[Resource::*]',
      'network interfaces of a Lambda in a VPC: the service creates them, and the actions have no resource scope',
    );
  }
}

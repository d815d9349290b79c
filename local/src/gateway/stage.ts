import type { Clock } from '@isthmus/media-node/ports/clock';

/** A Lambda handler as it is deployed; the gateway alone decides what it is called with. */
export type LambdaHandler = (event: never, context: never) => unknown;

/** Where a message goes. A MOCK route is answered by the gateway itself, without a Lambda. */
export type Route =
  | { readonly handler: LambdaHandler; readonly twoWay?: boolean }
  | { readonly mock: string };

/** By route key: an action, `$connect`, `$disconnect` or `$default`. */
export type Routes = Readonly<Record<string, Route>> & {
  readonly $connect?: Route;
  readonly $disconnect?: Route;
};

export interface Authorizer {
  readonly handler: LambdaHandler;
  /** What must be present, or the answer is 401 and the Lambda is not called. */
  readonly identitySources?: readonly IdentitySource[];
}

export type IdentitySource =
  | `route.request.querystring.${string}`
  | `route.request.header.${string}`;

/** Everything AWS is allowed to do to us and rarely does. May be switched while it runs. */
export interface Faults {
  /** Messages and deliveries overtake one another. */
  reorder: boolean;
  /** Some messages are handled twice, some deliveries arrive twice. */
  duplicate: boolean;
  /** `$disconnect` is never called. */
  dropDisconnect: boolean;
}

export interface GatewayOptions {
  readonly stage: string;
  readonly apiId: string;
  readonly accountId: string;
  readonly region: string;
  /** Whose signature opens `@connections`. */
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly idleMs: number;
  readonly lifeMs: number;
  readonly integrationTimeoutMs: number;
  readonly maxMessageBytes: number;
  readonly maxFrameBytes: number;
  /** A client that reads too slowly: more than this waits to be sent to it. */
  readonly maxBufferedBytes: number;
  readonly connectsPerS: number;
  readonly requestsPerS: number;
}

export interface GatewayDeps {
  readonly routes: Routes;
  readonly authorizer?: Authorizer;
  readonly clock: Clock;
  readonly log?: {
    error(message: string, facts?: Readonly<Record<string, unknown>>): void;
  };
  /** From 0 up to 1; decides whom a fault strikes. */
  readonly random?: () => number;
}

/** The quotas of API Gateway WebSocket APIs. */
export const AWS_DEFAULTS: GatewayOptions = {
  stage: 'local',
  apiId: 'localapi01',
  accountId: '000000000000',
  region: 'us-east-1',
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  idleMs: 10 * 60_000,
  lifeMs: 2 * 3_600_000,
  integrationTimeoutMs: 29_000,
  maxMessageBytes: 128 * 1024,
  maxFrameBytes: 32 * 1024,
  maxBufferedBytes: 1024 * 1024,
  connectsPerS: 500,
  requestsPerS: 10_000,
};

export const MAX_URL_CHARS = 4096;

import {
  ApiGatewayManagementApiClient,
  GetConnectionCommand,
  GoneException,
  LimitExceededException,
  PostToConnectionCommand,
} from '@aws-sdk/client-apigatewaymanagementapi';
import type { ConnectionId } from '@isthmus/shared/domain/ids';
import { IwfError } from '@isthmus/shared/errors/iwf-error';
import type { ClientPush } from '../../ports/client-push.ts';
import type { Clock } from '../../ports/clock.ts';

export interface ApiGatewayPushDeps {
  readonly clock: Clock;
  /** From 0 up to 1. */
  readonly random?: () => number;
}

export interface ApiGatewayPushOptions {
  /** `https://{api}.execute-api.{region}.amazonaws.com/{stage}` */
  readonly endpoint: string;
  readonly region: string;
}

const MAX_TRIES = 5;
const FIRST_PAUSE_MS = 40;
/** Only the gateway of one machine speaks plain HTTP; it knows these and nothing else. */
const LOCAL_CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'local' };

/** Node → browser by the management API of the WebSocket stage. */
export function createApiGatewayPush(
  deps: ApiGatewayPushDeps,
  { endpoint, region }: ApiGatewayPushOptions,
): ClientPush {
  const client = new ApiGatewayManagementApiClient({
    endpoint,
    region,
    maxAttempts: 2,
    ...(endpoint.startsWith('http:') && { credentials: LOCAL_CREDENTIALS }),
  });
  return {
    async post(connection: ConnectionId, json: string) {
      const command = new PostToConnectionCommand({ ConnectionId: connection, Data: json });
      const reached = await reach(deps, 'post to connection', () => client.send(command));
      return reached ? 'delivered' : 'gone';
    },
    async probe(connection: ConnectionId) {
      const command = new GetConnectionCommand({ ConnectionId: connection });
      const reached = await reach(deps, 'get connection', () => client.send(command));
      return reached ? 'alive' : 'gone';
    },
  };
}

/** False: the connection is gone. Throttling, or a client that reads too slowly, may pass. */
async function reach(
  { clock, random = Math.random }: ApiGatewayPushDeps,
  operation: string,
  send: () => Promise<unknown>,
): Promise<boolean> {
  for (let tryNo = 1; tryNo < MAX_TRIES; tryNo += 1) {
    const outcome = await outcomeOf(operation, send);
    if (outcome !== 'throttled') return outcome === 'reached';
    const pauseMs = FIRST_PAUSE_MS * 2 ** (tryNo - 1) * (0.5 + random());
    await new Promise<void>((resolve) => {
      clock.after(pauseMs, resolve);
    });
  }
  const last = await outcomeOf(operation, send);
  if (last === 'throttled') throw new IwfError('store.failed', { operation: `${operation}: 429` });
  return last === 'reached';
}

async function outcomeOf(
  operation: string,
  send: () => Promise<unknown>,
): Promise<'reached' | 'gone' | 'throttled'> {
  try {
    await send();
    return 'reached';
  } catch (cause) {
    if (cause instanceof GoneException) return 'gone';
    if (cause instanceof LimitExceededException) return 'throttled';
    throw new IwfError('store.failed', { operation }, { cause });
  }
}

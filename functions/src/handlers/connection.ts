import { connectionId } from '@isthmus/shared/domain/ids';
import middy from '@middy/core';
import { composeConnection } from '../compose.ts';
import { processEnv } from '../env.ts';
import {
  type GatewayEvent,
  type GatewayResponse,
  gatewayEvent,
  type LambdaHandler,
  tenantOf,
} from '../middleware/gateway-event.ts';
import { refuseOnError } from '../middleware/refuse-on-error.ts';
import { withLog } from '../middleware/with-log.ts';
import type { Log, LogScope } from '../ports/log.ts';
import type { ConnectionLife } from '../use-cases/connection-life.ts';
import { lazy } from './lazy.ts';

export interface ConnectionHandlerDeps {
  readonly life: ConnectionLife;
  readonly log: Log & LogScope;
}

/** `$connect` and `$disconnect`. Nothing is posted here: the connection is not there yet (410). */
export function createConnectionHandler({ life, log }: ConnectionHandlerDeps): LambdaHandler {
  const answer = async (event: unknown): Promise<GatewayResponse> => {
    const known = gatewayEvent.parse(event);
    return known.requestContext.routeKey === '$disconnect'
      ? closed(life, known)
      : opened(life, known);
  };
  const handler = middy({ timeoutEarlyInMillis: 0 }).use(refuseOnError(log)).handler(answer);
  return withLog<GatewayResponse>(log, (event, context) => handler(event, context as never));
}

async function opened(life: ConnectionLife, event: GatewayEvent): Promise<GatewayResponse> {
  const tenantId = tenantOf(event);
  const sourceIp = event.requestContext.identity?.sourceIp;
  // Without the authorizer's word nobody knows for whom the connection was let in.
  if (tenantId === undefined || sourceIp === undefined) return { statusCode: 403 };
  await life.open({ connectionId: event.requestContext.connectionId, tenantId, sourceIp });
  return { statusCode: 200 };
}

async function closed(life: ConnectionLife, event: GatewayEvent): Promise<GatewayResponse> {
  await life.close(connectionId(event.requestContext.connectionId));
  return { statusCode: 200 };
}

export const handler = lazy(() => createConnectionHandler(composeConnection(processEnv())));

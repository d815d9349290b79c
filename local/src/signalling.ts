import { type AllHandlers, createAllHandlers } from '@isthmus/functions/all-handlers';
import type { Telemetry } from '@isthmus/functions/compose';
import type { Env } from '@isthmus/functions/env';
import { systemClock } from '@isthmus/media-node/adapters/time/system-clock';
import { CALL_ACTIONS } from '@isthmus/shared/wire/requests';
import { createGateway, type Gateway } from './gateway/gateway.ts';
import type { Route, Routes } from './gateway/stage.ts';

export interface SignallingOptions {
  readonly env: Env;
  readonly telemetry: Telemetry;
  readonly stage: string;
  readonly log: { error(message: string, facts?: Readonly<Record<string, unknown>>): void };
}

/** The gateway with the very Lambda handlers that are deployed, routed as infra routes them. */
export function createSignalling({ env, telemetry, stage, log }: SignallingOptions): Gateway {
  const handlers = createAllHandlers(env, telemetry);
  return createGateway(
    {
      routes: routesTo(handlers),
      authorizer: {
        handler: handlers.authorize,
        identitySources: ['route.request.header.Origin'],
      },
      clock: systemClock,
      log,
    },
    { stage },
  );
}

function routesTo(handlers: AllHandlers): Routes {
  const twoWay = (handler: AllHandlers['session']): Route => ({
    handler: handler,
    twoWay: true,
  });
  const session = twoWay(handlers.session);
  const registration = twoWay(handlers.registration);
  const connection: Route = { handler: handlers.connection };
  return {
    $connect: connection,
    $disconnect: connection,
    $default: session,
    ping: { mock: '{"pong":true}' },
    login: twoWay(handlers.login),
    token: twoWay(handlers.token),
    register: registration,
    resume: registration,
    logout: registration,
    'message.send': session,
    'forwarding.set': session,
    'forwarding.get': session,
    ...Object.fromEntries(CALL_ACTIONS.map((action) => [action, session])),
  };
}

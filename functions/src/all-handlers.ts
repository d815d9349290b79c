import {
  composeAuthorize,
  composeConnection,
  composeLogin,
  composeRegistration,
  composeSession,
  composeToken,
  powertools,
  type Telemetry,
} from './compose.ts';
import type { Env } from './env.ts';
import { createAuthorizeHandler, type Verdict } from './handlers/authorize.ts';
import { createConnectionHandler } from './handlers/connection.ts';
import { createLoginHandler } from './handlers/login.ts';
import { createRegistrationHandler } from './handlers/registration.ts';
import { createSessionHandler } from './handlers/session.ts';
import { createTokenHandler } from './handlers/token.ts';
import type { LambdaHandler } from './middleware/gateway-event.ts';

export interface AllHandlers {
  readonly authorize: LambdaHandler<Verdict>;
  readonly connection: LambdaHandler;
  readonly login: LambdaHandler;
  readonly token: LambdaHandler;
  readonly registration: LambdaHandler;
  readonly session: LambdaHandler;
}

/** Every Lambda in one process, for a machine that has no Lambda service. */
export const createAllHandlers = (
  env: Env,
  telemetry: Telemetry = powertools(env),
): AllHandlers => ({
  authorize: createAuthorizeHandler(composeAuthorize(env, telemetry)),
  connection: createConnectionHandler(composeConnection(env, telemetry)),
  login: createLoginHandler(composeLogin(env, telemetry)),
  token: createTokenHandler(composeToken(env, telemetry)),
  registration: createRegistrationHandler(composeRegistration(env, telemetry)),
  session: createSessionHandler(composeSession(env, telemetry)),
});

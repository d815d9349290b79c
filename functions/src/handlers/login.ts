import { composeLogin } from '../compose.ts';
import { processEnv } from '../env.ts';
import type { LambdaHandler } from '../middleware/gateway-event.ts';
import type { ConnectionStore } from '../ports/connection-store.ts';
import { connectionOf } from '../use-cases/authorise-command.ts';
import type { LogIn } from '../use-cases/log-in.ts';
import { lazy } from './lazy.ts';
import { createMessageHandler, type MessageHandlerDeps } from './message-handler.ts';

export interface LoginHandlerDeps extends MessageHandlerDeps {
  readonly connections: ConnectionStore;
  readonly logIn: LogIn;
}

/** `login`: options 1 and 2. The only Lambda that sees IMS passwords, on their way to the seal. */
export const createLoginHandler = (deps: LoginHandlerDeps): LambdaHandler =>
  createMessageHandler(deps, {
    login: async (connection, request) => deps.logIn(await connectionOf(deps, connection), request),
  });

export const handler = lazy(() => createLoginHandler(composeLogin(processEnv())));

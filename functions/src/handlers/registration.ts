import { composeRegistration } from '../compose.ts';
import { processEnv } from '../env.ts';
import type { LambdaHandler } from '../middleware/gateway-event.ts';
import type { ConnectionStore } from '../ports/connection-store.ts';
import { connectionOf } from '../use-cases/authorise-command.ts';
import type { LogOut } from '../use-cases/log-out.ts';
import type { Register } from '../use-cases/register.ts';
import type { Resume } from '../use-cases/resume.ts';
import { lazy } from './lazy.ts';
import { createMessageHandler, type MessageHandlerDeps } from './message-handler.ts';

export interface RegistrationHandlerDeps extends MessageHandlerDeps {
  readonly connections: ConnectionStore;
  readonly register: Register;
  readonly resume: Resume;
  readonly logOut: LogOut;
}

/** `register`, `resume` and `logout`: the life of a session. */
export const createRegistrationHandler = (deps: RegistrationHandlerDeps): LambdaHandler =>
  createMessageHandler(deps, {
    register: async (connection, request) =>
      deps.register(await connectionOf(deps, connection), request),
    resume: async (connection, request) =>
      deps.resume(await connectionOf(deps, connection), request),
    logout: async (connection) => deps.logOut(await connectionOf(deps, connection)),
  });

export const handler = lazy(() => createRegistrationHandler(composeRegistration(processEnv())));

import { composeToken } from '../compose.ts';
import { processEnv } from '../env.ts';
import type { LambdaHandler } from '../middleware/gateway-event.ts';
import type { ConnectionStore } from '../ports/connection-store.ts';
import { connectionOf } from '../use-cases/authorise-command.ts';
import type { IssueToken } from '../use-cases/issue-token.ts';
import { lazy } from './lazy.ts';
import { createMessageHandler, type MessageHandlerDeps } from './message-handler.ts';

export interface TokenHandlerDeps extends MessageHandlerDeps {
  readonly connections: ConnectionStore;
  readonly issueToken: IssueToken;
}

/** `token`: option 3. */
export const createTokenHandler = (deps: TokenHandlerDeps): LambdaHandler =>
  createMessageHandler(deps, {
    token: async (connection, request) =>
      deps.issueToken(await connectionOf(deps, connection), request),
  });

export const handler = lazy(() => createTokenHandler(composeToken(processEnv())));

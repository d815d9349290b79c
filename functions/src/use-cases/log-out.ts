import { connectionId, sessionId } from '@isthmus/shared/domain/ids';
import { IwfError, isIwfError } from '@isthmus/shared/errors/iwf-error';
import type { ConnectionItem, SessionItem } from '@isthmus/shared/store/items';
import type { AnswerOf } from '@isthmus/shared/wire/answers';
import type { Log } from '../ports/log.ts';
import { type AskNodeDeps, askNode } from './ask-node.ts';
import { type AuthoriseDeps, sessionOn } from './authorise-command.ts';

export interface LogOutDeps extends AuthoriseDeps, AskNodeDeps {
  readonly log: Log;
}

export type LogOut = (connection: ConnectionItem) => Promise<AnswerOf<'logout'>>;

/** Ends the session of the connection; without one it only forgets who had logged in. */
export const createLogOut =
  (deps: LogOutDeps): LogOut =>
  async (connection) => {
    const socket = connectionId(connection.connectionId);
    if (connection.sessionId !== undefined) await endSession(deps, await sessionOn(deps, socket));
    else if (!connection.login) throw new IwfError('session.none', {});
    await deps.connections.clear(socket);
    return {};
  };

/** The user is logged out even where the node is gone: it took its registrations with it. */
export async function endSession(deps: LogOutDeps, session: SessionItem): Promise<void> {
  try {
    await askNode(deps, session.nodeId, {
      kind: 'unregister',
      commandId: `${session.sessionId}:unregister`,
      tenant: session.tenantId,
      sessionId: session.sessionId,
    });
  } catch (error) {
    if (!isIwfError(error, 'node.unavailable')) throw error;
    deps.log.warn('node not told of a log-out', { sessionId: session.sessionId });
  }
  await deps.sessions.end(sessionId(session.sessionId));
}

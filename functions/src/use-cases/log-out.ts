import { connectionId, sessionId, tenantId } from '@isthmus/shared/domain/ids';
import { IwfError, isIwfError } from '@isthmus/shared/errors/iwf-error';
import type { ConnectionItem, SessionItem } from '@isthmus/shared/store/items';
import type { AnswerOf } from '@isthmus/shared/wire/answers';
import type { Clock } from '../ports/clock.ts';
import type { UserStore } from '../ports/directory.ts';
import type { Log } from '../ports/log.ts';
import { type AskOwnerDeps, askOwner } from './ask-node.ts';
import { type AuthoriseDeps, sessionOn } from './authorise-command.ts';

export interface EndSessionDeps extends AuthoriseDeps, AskOwnerDeps {
  readonly log: Log;
}

export interface LogOutDeps extends EndSessionDeps {
  readonly users: UserStore;
  readonly clock: Clock;
}

export type LogOut = (connection: ConnectionItem) => Promise<AnswerOf<'logout'>>;

/**
 * Ends the session of the connection; without one it only forgets who had logged in. Tokens that the
 * user has fetched and not used are good no more (REG-3).
 */
export const createLogOut =
  (deps: LogOutDeps): LogOut =>
  async (connection) => {
    const socket = connectionId(connection.connectionId);
    const user = await leave(deps, connection);
    await deps.users.revokeTokens(tenantId(user.tenantId), user.userName, deps.clock.nowMs());
    await deps.connections.clear(socket);
    return {};
  };

/** Who has left. */
async function leave(deps: LogOutDeps, { connectionId: id, login, sessionId: of }: ConnectionItem) {
  if (of === undefined) {
    if (login) return login;
    throw new IwfError('session.none', {});
  }
  const session = await sessionOn(deps, connectionId(id));
  await endSession(deps, session);
  return session;
}

/** The user is logged out even where the node is gone: it took its registrations with it. */
export async function endSession(deps: EndSessionDeps, session: SessionItem): Promise<void> {
  try {
    await askOwner(deps, session, {
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

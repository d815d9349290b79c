import { type ConnectionId, sessionId } from '@isthmus/shared/domain/ids';
import { IwfError } from '@isthmus/shared/errors/iwf-error';
import type { ConnectionItem, SessionItem } from '@isthmus/shared/store/items';
import type { ConnectionStore } from '../ports/connection-store.ts';
import type { SessionStore } from '../ports/session-store.ts';

export interface AuthoriseDeps {
  readonly connections: ConnectionStore;
  readonly sessions: SessionStore;
}

/** The connection a message came in on; a message after its end finds none. */
export async function connectionOf(
  deps: Pick<AuthoriseDeps, 'connections'>,
  connection: ConnectionId,
): Promise<ConnectionItem> {
  const item = await deps.connections.get(connection);
  if (!item) throw new IwfError('session.none', {});
  return item;
}

/** Connection → session → tenant, anew for every command: nothing of it is taken from the client. */
export async function sessionOn(
  deps: AuthoriseDeps,
  connection: ConnectionId,
): Promise<SessionItem> {
  const item = await connectionOf(deps, connection);
  if (item.sessionId === undefined) throw new IwfError('session.none', {});
  const session = await deps.sessions.get(sessionId(item.sessionId));
  if (session?.state !== 'live') throw new IwfError('session.ended', { sessionId: item.sessionId });
  // Another connection has resumed the session, or the item is not this tenant's at all.
  if (session.connectionId !== connection || session.tenantId !== item.tenantId) {
    throw new IwfError('session.foreign', { sessionId: item.sessionId });
  }
  return session;
}

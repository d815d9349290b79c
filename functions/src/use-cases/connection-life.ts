import { type ConnectionId, connectionId, sessionId } from '@isthmus/shared/domain/ids';
import { isIwfError } from '@isthmus/shared/errors/iwf-error';
import type { ConnectionItem } from '@isthmus/shared/store/items';
import type { Clock } from '../ports/clock.ts';
import type { ConnectionStore } from '../ports/connection-store.ts';
import type { Log } from '../ports/log.ts';
import type { SessionStore } from '../ports/session-store.ts';
import { type AskOwnerDeps, askOwner } from './ask-node.ts';
import { connectionTtl } from './session-life.ts';

export interface ConnectionLifeDeps extends AskOwnerDeps {
  readonly connections: ConnectionStore;
  readonly sessions: SessionStore;
  readonly clock: Clock;
  readonly log: Log;
}

export interface ConnectionLife {
  open(connection: Pick<ConnectionItem, 'connectionId' | 'tenantId' | 'sourceIp'>): Promise<void>;
  /** The grace time of the session starts, unless another connection has resumed it. */
  close(connection: ConnectionId): Promise<void>;
}

export function createConnectionLife(deps: ConnectionLifeDeps): ConnectionLife {
  return {
    async open(connection) {
      const ttl = connectionTtl(deps.clock.nowMs());
      await deps.connections.open({ ...connection, ttl });
    },
    async close(connection) {
      const item = await deps.connections.get(connection);
      await deps.connections.close(connection);
      if (item?.sessionId !== undefined) await detach(deps, item.sessionId, connection);
    },
  };
}

async function detach(deps: ConnectionLifeDeps, session: string, connection: ConnectionId) {
  const item = await deps.sessions.get(sessionId(session));
  if (item?.state !== 'live' || item.connectionId !== connection) return;
  await deps.sessions.detach(sessionId(session), connection);
  try {
    await askOwner(deps, item, {
      kind: 'detach',
      commandId: `${session}:detach:${connection}`,
      tenant: item.tenantId,
      sessionId: session,
      connectionId: connectionId(connection),
    });
  } catch (error) {
    // The node probes its connections, as `$disconnect` is best effort anyhow.
    if (!isIwfError(error, 'node.unavailable')) throw error;
    deps.log.warn('node not told of a closed connection', { sessionId: session });
  }
}

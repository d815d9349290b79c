import type { ConnectionId, SessionId, TenantId } from '@isthmus/shared/domain/ids';
import type { EventItem, SessionItem } from '@isthmus/shared/store/items';

export interface SessionStore {
  create(session: SessionItem): Promise<void>;
  get(session: SessionId): Promise<SessionItem | undefined>;
  /** Gives a live session to a new connection. False: it has ended. */
  move(session: SessionId, connection: ConnectionId, ttl: number): Promise<boolean>;
  /** Forgets the connection unless a newer one has attached. */
  detach(session: SessionId, connection: ConnectionId): Promise<void>;
  end(session: SessionId): Promise<void>;
  /** The live sessions of one user, one a device. */
  liveOf(tenant: TenantId, userName: string): Promise<readonly SessionItem[]>;
  /** Stored events after `seq`, in order, until `limitBytes` of JSON are reached. */
  eventsAfter(session: SessionId, seq: number, limitBytes: number): Promise<readonly EventItem[]>;
}

import type { ConnectionId, SessionId } from '@isthmus/shared/domain/ids';
import type { ConnectionItem } from '@isthmus/shared/store/items';

export type Login = NonNullable<ConnectionItem['login']>;

/** One item per WebSocket: who has logged in on it, and whose session it carries. */
export interface ConnectionStore {
  open(connection: ConnectionItem): Promise<void>;
  get(connection: ConnectionId): Promise<ConnectionItem | undefined>;
  /** False: the WebSocket has closed meanwhile. The same holds for `attach`. */
  logIn(connection: ConnectionId, login: Login): Promise<boolean>;
  /** The connection carries the session from now on; the log-in has served its purpose. */
  attach(connection: ConnectionId, session: SessionId): Promise<boolean>;
  /** Forgets log-in and session, as after a log-out. */
  clear(connection: ConnectionId): Promise<void>;
  close(connection: ConnectionId): Promise<void>;
}

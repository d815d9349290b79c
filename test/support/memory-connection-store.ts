import type { ConnectionId, SessionId } from '@isthmus/shared/domain/ids';
import type { ConnectionItem } from '@isthmus/shared/store/items';
import type { Clock } from '../../functions/src/ports/clock.ts';
import type { ConnectionStore, Login } from '../../functions/src/ports/connection-store.ts';

export class MemoryConnectionStore implements ConnectionStore {
  readonly #clock: Clock;
  readonly #items = new Map<string, ConnectionItem>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  open(connection: ConnectionItem): Promise<void> {
    this.#items.set(connection.connectionId, connection);
    return Promise.resolve();
  }

  get(connection: ConnectionId): Promise<ConnectionItem | undefined> {
    const item = this.#items.get(connection);
    return Promise.resolve(item && item.ttl > this.#clock.nowMs() / 1000 ? item : undefined);
  }

  logIn(connection: ConnectionId, login: Login): Promise<boolean> {
    return this.#change(connection, (item) => ({ ...item, login }));
  }

  attach(connection: ConnectionId, session: SessionId): Promise<boolean> {
    return this.#change(connection, ({ login: _, ...item }) => ({ ...item, sessionId: session }));
  }

  async clear(connection: ConnectionId): Promise<void> {
    await this.#change(connection, ({ login: _, sessionId: __, ...item }) => item);
  }

  close(connection: ConnectionId): Promise<void> {
    this.#items.delete(connection);
    return Promise.resolve();
  }

  #change(
    connection: ConnectionId,
    change: (item: ConnectionItem) => ConnectionItem,
  ): Promise<boolean> {
    const item = this.#items.get(connection);
    if (item) this.#items.set(connection, change(item));
    return Promise.resolve(item !== undefined);
  }
}

import type { ConnectionId, SessionId, TenantId } from '@isthmus/shared/domain/ids';
import type { EventItem, SessionItem } from '@isthmus/shared/store/items';
import type { Clock } from '../../functions/src/ports/clock.ts';
import type { SessionStore } from '../../functions/src/ports/session-store.ts';

const KEPT_AFTER_END_S = 3_600;

export class MemorySessionStore implements SessionStore {
  readonly #clock: Clock;
  readonly #items = new Map<string, SessionItem>();
  readonly #events = new Map<string, EventItem[]>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  create(session: SessionItem): Promise<void> {
    this.#items.set(session.sessionId, session);
    return Promise.resolve();
  }

  get(session: SessionId): Promise<SessionItem | undefined> {
    const item = this.#items.get(session);
    return Promise.resolve(item && item.ttl > this.#nowS() ? item : undefined);
  }

  async move(session: SessionId, connection: ConnectionId, ttl: number): Promise<boolean> {
    const item = await this.get(session);
    if (item?.state !== 'live') return false;
    this.#items.set(session, { ...item, connectionId: connection, ttl });
    return true;
  }

  detach(session: SessionId, connection: ConnectionId): Promise<void> {
    const item = this.#items.get(session);
    if (item?.connectionId === connection) {
      const { connectionId: _, ...detached } = item;
      this.#items.set(session, detached);
    }
    return Promise.resolve();
  }

  end(session: SessionId): Promise<void> {
    const item = this.#items.get(session);
    if (item) {
      const { connectionId: _, ...rest } = item;
      const ttl = this.#nowS() + KEPT_AFTER_END_S;
      this.#items.set(session, { ...rest, state: 'ended', ttl });
    }
    return Promise.resolve();
  }

  liveOf(tenant: TenantId, userName: string): Promise<readonly SessionItem[]> {
    const live = [...this.#items.values()].filter(
      (item) =>
        item.tenantId === tenant &&
        item.userName === userName &&
        item.state === 'live' &&
        item.ttl > this.#nowS(),
    );
    return Promise.resolve(live);
  }

  eventsAfter(session: SessionId, seq: number, limitBytes: number): Promise<readonly EventItem[]> {
    const events: EventItem[] = [];
    let sizeBytes = 0;
    for (const event of this.#events.get(session) ?? []) {
      if (event.seq <= seq || event.ttl <= this.#nowS()) continue;
      sizeBytes += Buffer.byteLength(event.json);
      if (sizeBytes > limitBytes && events.length > 0) break;
      events.push(event);
    }
    return Promise.resolve(events);
  }

  appendEvent(session: string, event: EventItem): Promise<void> {
    const events = [...(this.#events.get(session) ?? []), event];
    this.#events.set(
      session,
      events.sort((a, b) => a.seq - b.seq),
    );
    return Promise.resolve();
  }

  #nowS(): number {
    return Math.floor(this.#clock.nowMs() / 1000);
  }
}

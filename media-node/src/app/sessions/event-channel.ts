import type { ConnectionId } from '@isthmus/shared/domain/ids';
import type { Unsequenced } from '@isthmus/shared/wire/events';
import type { ClientPush } from '../../ports/client-push.ts';
import type { Log } from '../../ports/log.ts';
import type { SessionOwner, SessionStore } from '../../ports/stores.ts';

export interface EventChannelDeps {
  readonly log: Log;
  readonly push: ClientPush;
  readonly sessions: SessionStore;
  /** The connection an event was posted to no longer exists. */
  readonly onGone: (connection: ConnectionId) => void;
}

/**
 * The way from the node to one client: numbers each event, keeps it for replay, posts it. One event
 * is posted after the other; the gateway may still deliver them in another order.
 */
export class EventChannel {
  readonly #deps: EventChannelDeps;
  readonly #owner: SessionOwner;
  #connection: ConnectionId | undefined;
  #seq: number;
  #tail: Promise<unknown> = Promise.resolve();

  constructor(deps: EventChannelDeps, owner: SessionOwner, lastSeq: number) {
    this.#deps = deps;
    this.#owner = owner;
    this.#seq = lastSeq;
  }

  get connection(): ConnectionId | undefined {
    return this.#connection;
  }

  attach(connection: ConnectionId): void {
    this.#connection = connection;
  }

  detach(): void {
    this.#connection = undefined;
  }

  send(event: Unsequenced): void {
    this.#seq += 1;
    const seq = this.#seq;
    const json = JSON.stringify({ ...event, seq });
    this.#tail = this.#tail.then(() => this.#deliver(seq, json));
  }

  /** Resolves when everything sent so far has been stored and posted. */
  async flushed(): Promise<void> {
    await this.#tail;
  }

  async #deliver(seq: number, json: string): Promise<void> {
    const { log, push, sessions } = this.#deps;
    const connection = this.#connection;
    try {
      const stored = sessions.appendEvent(this.#owner, seq, json);
      // Stored before it is said to be delivered: an event that no `resume` could fetch is lost.
      const posted = connection ? push.post(connection, json) : Promise.resolve('delivered');
      const [, outcome] = await Promise.all([stored, posted]);
      if (connection && outcome === 'gone') this.#deps.onGone(connection);
    } catch (cause) {
      log.error('event could not be delivered', { seq, cause });
    }
  }
}

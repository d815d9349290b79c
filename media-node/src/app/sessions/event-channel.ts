import type { ConnectionId } from '@isthmus/shared/domain/ids';
import type { Unsequenced } from '@isthmus/shared/wire/events';
import type { ClientPush } from '../../ports/client-push.ts';
import type { Log } from '../../ports/log.ts';
import type { SessionOwner, SessionStore, Tenure } from '../../ports/stores.ts';

export interface EventChannelDeps {
  readonly log: Log;
  readonly push: ClientPush;
  readonly sessions: SessionStore;
  readonly tenure: () => Tenure;
  /** The connection an event was posted to no longer exists. */
  readonly onGone: (connection: ConnectionId) => void;
}

/** Posted to a live WebSocket, kept for one to come, or neither. */
export type EventFate = 'posted' | 'kept' | 'lost';

/** Who had the session before may have written one event more while we asked for the last. */
const MAX_NUMBERINGS = 5;

/**
 * The way from the node to one client: numbers each event, keeps it for replay, posts it. One event
 * is posted after the other; the gateway may still deliver them in another order.
 */
export class EventChannel {
  readonly #deps: EventChannelDeps;
  readonly #owner: SessionOwner;
  #connection: ConnectionId | undefined;
  #seq: number;
  #isSilent = false;
  /** Nobody else numbers events of this session any more. */
  #isAlone: boolean;
  #tail: Promise<unknown> = Promise.resolve();

  constructor(deps: EventChannelDeps, owner: SessionOwner, lastSeq: number) {
    this.#deps = deps;
    this.#owner = owner;
    this.#seq = lastSeq;
    this.#isAlone = lastSeq === 0;
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

  /** The session is another node's from now on, or may be. */
  silence(): void {
    this.#isSilent = true;
  }

  send(event: Unsequenced): void {
    void this.deliver(event);
  }

  /** Resolves with what became of the event. */
  deliver(event: Unsequenced): Promise<EventFate> {
    const fate = this.#tail.then(() => this.#number(event));
    this.#tail = fate;
    return fate;
  }

  /** Resolves when everything sent so far has been stored and posted. */
  async flushed(): Promise<void> {
    await this.#tail;
  }

  async #number(event: Unsequenced): Promise<EventFate> {
    try {
      for (let tries = 0; tries < MAX_NUMBERINGS; tries += 1) {
        if (this.#isSilent) return 'lost';
        this.#seq += 1;
        const fate = await this.#deliver(this.#seq, JSON.stringify({ ...event, seq: this.#seq }));
        if (fate !== undefined) return fate;
        this.#seq = Math.max(this.#seq, await this.#deps.sessions.lastSeq(this.#owner.sessionId));
      }
      this.#deps.log.error('event found no number', { seq: this.#seq });
    } catch (cause) {
      this.#deps.log.error('event could not be delivered', { seq: this.#seq, cause });
    }
    return 'lost';
  }

  /** Undefined: the number was another node's. */
  async #deliver(seq: number, json: string): Promise<EventFate | undefined> {
    const { onGone, push, sessions, tenure } = this.#deps;
    const connection = this.#connection;
    const stored = sessions.appendEvent({ owner: this.#owner, seq, json, writer: tenure() });
    // A client that has two events of one number drops the later one.
    if (!this.#isAlone && !(await stored)) return undefined;
    // Stored before it is said to be delivered: an event that no `resume` could fetch is lost.
    const posted = connection ? push.post(connection, json) : Promise.resolve('delivered');
    const [isStored, outcome] = await Promise.all([stored, posted]);
    if (connection && outcome === 'gone') onGone(connection);
    this.#isAlone ||= isStored;
    if (!isStored) return undefined;
    return connection && outcome !== 'gone' ? 'posted' : 'kept';
  }
}

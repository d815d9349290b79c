import type { ConnectionId, SessionId, TenantId } from '@isthmus/shared/domain/ids';
import { IwfError } from '@isthmus/shared/errors/iwf-error';
import type { ClientPush } from '../../ports/client-push.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type { SessionStore, Tenure } from '../../ports/stores.ts';
import { EventChannel } from './event-channel.ts';
import { isAttachedTo, type Session, type SessionEnd, type SessionFacts } from './session.ts';

export interface SessionsDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly push: ClientPush;
  readonly sessions: SessionStore;
  /** Under which the node acts now. */
  readonly tenure: () => Tenure;
}

export interface SessionsOptions {
  /** How often a connection is probed: `$disconnect` is best effort and may never come. */
  readonly probeMs: number;
}

/** All sessions of this node: who is attached, who is in grace, who has ended. */
export class Sessions {
  readonly #deps: SessionsDeps;
  readonly #options: SessionsOptions;
  readonly #byId = new Map<SessionId, Session>();
  /** Sessions that are being taken over: what is asked of them waits. */
  readonly #arriving = new Map<SessionId, Promise<unknown>>();
  #hasLost = false;
  #stopProbing: () => void;
  /** Set by the node: releases calls and registration of a session that ended. */
  onEnded: (session: Session, reason: SessionEnd) => void = () => undefined;

  constructor(deps: SessionsDeps, options: SessionsOptions) {
    this.#deps = deps;
    this.#options = options;
    this.#stopProbing = this.#scheduleProbe();
  }

  async open(facts: SessionFacts, connection: ConnectionId | undefined): Promise<Session> {
    const known = this.#byId.get(facts.sessionId);
    if (known) return known;
    const lastSeq = await this.#deps.sessions.lastSeq(facts.sessionId);
    const log = this.#deps.log.with({ tenant: facts.tenantId, sessionId: facts.sessionId });
    const onGone = (gone: ConnectionId): void => {
      this.detach(facts.sessionId, gone);
    };
    const channel = new EventChannel({ ...this.#deps, log, onGone }, facts, lastSeq);
    const session: Session = { ...facts, channel, line: undefined, stopGrace: undefined };
    this.#byId.set(facts.sessionId, session);
    if (connection) channel.attach(connection);
    else this.#startGrace(session);
    return session;
  }

  /** Marks a session as on its way here for as long as `arrival` takes. */
  arrive<T>(sessionId: SessionId, arrival: () => Promise<T>): Promise<T> {
    const arriving = arrival().finally(() => this.#arriving.delete(sessionId));
    this.#arriving.set(sessionId, arriving);
    return arriving;
  }

  /** Resolves when a session that is on its way here has come, or will not. */
  async settled(sessionId: SessionId): Promise<void> {
    await this.#arriving.get(sessionId)?.catch(() => undefined);
  }

  /** The session is another node's now: nothing is said, nothing is ended. */
  release(session: Session): void {
    session.stopGrace?.();
    session.channel.silence();
    session.line = undefined;
    if (this.#byId.get(session.sessionId) === session) this.#byId.delete(session.sessionId);
  }

  /** The lease is lost: all of them may be another node's by now. */
  abandon(): readonly Session[] {
    this.#hasLost = true;
    const all = [...this.#byId.values()];
    for (const session of all) this.release(session);
    return all;
  }

  /**
   * Throws `session.ended` for one this node does not have, `session.foreign` across tenants. A node
   * that once lost its lease does not know what became of the sessions it had: `node.unavailable`.
   */
  get(sessionId: SessionId, tenant: TenantId): Session {
    const session = this.#byId.get(sessionId);
    if (!session && this.#hasLost) {
      throw new IwfError('node.unavailable', { nodeId: this.#deps.tenure().nodeId });
    }
    if (!session) throw new IwfError('session.ended', { sessionId });
    if (session.tenantId !== tenant) throw new IwfError('session.foreign', { sessionId });
    return session;
  }

  find(matches: (session: Session) => boolean): readonly Session[] {
    return [...this.#byId.values()].filter(matches);
  }

  attach(session: Session, connection: ConnectionId): void {
    session.stopGrace?.();
    session.stopGrace = undefined;
    session.channel.attach(connection);
  }

  /** The WebSocket is gone: the grace time runs, unless another one has attached meanwhile. */
  detach(sessionId: SessionId, connection: ConnectionId): void {
    const session = this.#byId.get(sessionId);
    if (!session || !isAttachedTo(session, connection)) return;
    session.channel.detach();
    this.#deps.sessions.detach(sessionId, connection).catch((cause: unknown) => {
      this.#deps.log.error('session could not be detached', { sessionId, cause });
    });
    this.#startGrace(session);
  }

  #startGrace(session: Session): void {
    session.stopGrace = this.#deps.clock.after(session.tenant.graceS * 1000, () => {
      this.end(session, 'grace-expired');
    });
  }

  end(session: Session, reason: SessionEnd): void {
    if (!this.#byId.delete(session.sessionId)) return;
    session.stopGrace?.();
    this.onEnded(session, reason);
    // Whoever still holds it begins no call by it.
    session.line = undefined;
    session.channel.send({ event: 'session.ended', reason });
    this.#deps.sessions.end(session.sessionId, this.#deps.tenure()).catch((cause: unknown) => {
      this.#deps.log.error('session could not be ended', { sessionId: session.sessionId, cause });
    });
  }

  async close(): Promise<void> {
    this.#stopProbing();
    const all = [...this.#byId.values()];
    for (const session of all) this.end(session, 'node-stopped');
    await Promise.all(all.map((session) => session.channel.flushed()));
  }

  #scheduleProbe(): () => void {
    return this.#deps.clock.after(this.#options.probeMs, () => {
      void this.#probeAll().finally(() => {
        this.#stopProbing = this.#scheduleProbe();
      });
    });
  }

  async #probeAll(): Promise<void> {
    for (const session of this.#byId.values()) {
      const { connection } = session.channel;
      if (connection && (await this.#isGone(connection)))
        this.detach(session.sessionId, connection);
    }
  }

  async #isGone(connection: ConnectionId): Promise<boolean> {
    try {
      return (await this.#deps.push.probe(connection)) === 'gone';
    } catch (cause) {
      this.#deps.log.warn('connection could not be probed', { cause });
      return false;
    }
  }
}

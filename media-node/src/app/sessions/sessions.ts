import type { ConnectionId, SessionId, TenantId } from '@isthmus/shared/domain/ids';
import { IwfError } from '@isthmus/shared/errors/iwf-error';
import type { ClientPush } from '../../ports/client-push.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type { SessionStore } from '../../ports/stores.ts';
import { EventChannel } from './event-channel.ts';
import { isAttachedTo, type Session, type SessionEnd, type SessionFacts } from './session.ts';

export interface SessionsDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly push: ClientPush;
  readonly sessions: SessionStore;
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
  #stopProbing: () => void;
  /** Set by the node: releases calls and registration of a session that ended. */
  onEnded: (session: Session) => void = () => undefined;

  constructor(deps: SessionsDeps, options: SessionsOptions) {
    this.#deps = deps;
    this.#options = options;
    this.#stopProbing = this.#scheduleProbe();
  }

  async open(facts: SessionFacts, connection: ConnectionId): Promise<Session> {
    const known = this.#byId.get(facts.sessionId);
    if (known) return known;
    const lastSeq = await this.#deps.sessions.lastSeq(facts.sessionId);
    const log = this.#deps.log.with({ tenant: facts.tenantId, sessionId: facts.sessionId });
    const onGone = (gone: ConnectionId): void => {
      this.detach(facts.sessionId, gone);
    };
    const { push, sessions } = this.#deps;
    const channel = new EventChannel({ log, push, sessions, onGone }, facts, lastSeq);
    const session: Session = { ...facts, channel, line: undefined, stopGrace: undefined };
    this.#byId.set(facts.sessionId, session);
    channel.attach(connection);
    return session;
  }

  /** Throws `session.ended` for one this node does not have, `session.foreign` across tenants. */
  get(sessionId: SessionId, tenant: TenantId): Session {
    const session = this.#byId.get(sessionId);
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
    session.stopGrace = this.#deps.clock.after(session.tenant.graceS * 1000, () => {
      this.end(session, 'grace-expired');
    });
  }

  end(session: Session, reason: SessionEnd): void {
    if (!this.#byId.delete(session.sessionId)) return;
    session.stopGrace?.();
    this.onEnded(session);
    session.channel.send({ event: 'session.ended', reason });
    this.#deps.sessions.end(session.sessionId).catch((cause: unknown) => {
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

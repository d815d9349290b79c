import type { Event } from '@isthmus/shared/wire/events';
import { asPhoneError, type PhoneErrorView } from '../core/phone-error.ts';
import {
  type ConnectionState,
  type Credentials,
  type SessionEffect,
  type SessionEvent,
  type SessionKey,
  type SessionState,
  stepSession,
} from '../core/session-machine.ts';
import type { Clock } from '../ports/clock.ts';
import type { Ids } from '../ports/ids.ts';
import type { Network } from '../ports/network.ts';
import type { OpenSocket, Socket } from '../ports/socket.ts';
import { createEventIntake, type EventIntake } from './event-intake.ts';
import { createRequestChannel, type RequestChannel } from './request-channel.ts';
import { createSocketPair, type SocketPair, type SocketPairListener } from './socket-pair.ts';

export interface SessionRunnerDeps {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly openSocket: OpenSocket;
  readonly network: Network;
  readonly onEvent: (event: Event) => void;
  readonly onConnection: (connection: ConnectionState) => void;
  readonly onFailure: (error: PhoneErrorView) => void;
}

export interface ServiceAddress {
  readonly url: string;
  readonly tenant: string;
  readonly device?: string | undefined;
}

export interface SessionRunner {
  readonly session: SessionKey | undefined;
  readonly isLoggedOut: boolean;
  readonly ask: RequestChannel['ask'];
  logIn(credentials: Credentials): void;
  logOut(): void;
}

type Performer = {
  readonly [Kind in SessionEffect['kind']]: (
    effect: SessionEffect & { readonly kind: Kind },
  ) => void;
};

/** Answers are cut at about 96 KB; a long one may have more behind it. */
const LONG_REPLAY_CHARS = 64_000;

export const createSessionRunner = (
  deps: SessionRunnerDeps,
  service: ServiceAddress,
): SessionRunner => new RunningSession(deps, service);

/** Carries out what the session machine decides. */
class RunningSession implements SessionRunner {
  readonly #deps: SessionRunnerDeps;
  readonly #tenant: string;
  readonly #device: string | undefined;
  readonly #channel: RequestChannel;
  readonly #intake: EventIntake;
  readonly #sockets: SocketPair;
  readonly ask: RequestChannel['ask'];
  #state: SessionState = { kind: 'logged-out' };
  #session: SessionKey | undefined;
  #stopTimer: (() => void) | undefined;

  constructor(deps: SessionRunnerDeps, { url, tenant, device }: ServiceAddress) {
    const { clock, ids, network, openSocket } = deps;
    this.#deps = deps;
    this.#tenant = tenant;
    this.#device = device;
    this.#channel = createRequestChannel(clock, ids);
    this.ask = this.#channel.ask;
    this.#intake = createEventIntake({
      clock,
      deliver: (event) => {
        this.#deliver(event);
      },
      fetchMissed: () => {
        this.#fetchMissed();
      },
    });
    this.#sockets = createSocketPair(
      { clock, openSocket },
      this.#socketListener(addressFor(url, tenant)),
    );
    network.watch(() => {
      this.#dispatch({ kind: 'network-changed' });
    });
  }

  get session(): SessionKey | undefined {
    return this.#session;
  }

  get isLoggedOut(): boolean {
    return this.#state.kind === 'logged-out';
  }

  logIn(credentials: Credentials): void {
    this.#dispatch({ kind: 'log-in-asked', credentials });
  }

  logOut(): void {
    this.#dispatch({ kind: 'log-out-asked' });
  }

  #dispatch(event: SessionEvent): void {
    const step = stepSession(this.#state, event);
    this.#state = step.state;
    for (const effect of step.effects) {
      (this.#performer[effect.kind] as (effect: SessionEffect) => void)(effect);
    }
  }

  #socketListener(url: string): SocketPairListener {
    const fraction = (): number => this.#deps.ids.fraction();
    return {
      url,
      received: (text) => {
        receive(text, this.#channel, this.#intake.take);
      },
      gone: (socket) => {
        this.#channel.lose(socket);
      },
      nextOpened: () => {
        this.#dispatch({ kind: 'next-opened' });
      },
      nextClosed: () => {
        this.#dispatch({ kind: 'next-closed', fraction: fraction() });
      },
      currentClosed: () => {
        this.#channel.carry(undefined);
        this.#dispatch({ kind: 'current-closed', fraction: fraction() });
      },
    };
  }

  #deliver(event: Event): void {
    this.#deps.onEvent(event);
    if (event.event === 'session.ended') this.#dispatch({ kind: 'session-ended' });
  }

  #fetchMissed(): void {
    if (!this.#session || !this.#sockets.current) return;
    // The gap is looked at again in a second, whether this was heard or not.
    this.#replay(this.#session, this.#sockets.current).catch(() => undefined);
  }

  async #replay(session: SessionKey, via: Socket | undefined): Promise<void> {
    const { sessionId, resumeKey } = session;
    const { lastSeq } = this.#intake;
    const request = { action: 'resume', sessionId, resumeKey, lastSeq } as const;
    const { events, iceServers } = await this.#channel.ask<'resume'>(request, via);
    if (iceServers && this.#session) this.#session = { ...this.#session, iceServers };
    for (const event of events) this.#intake.take(event);
    const mayHaveMore = JSON.stringify(events).length > LONG_REPLAY_CHARS;
    const cameForward = this.#intake.lastSeq > lastSeq;
    if (mayHaveMore && cameForward && this.#session) await this.#replay(session, via);
  }

  async #prove(credentials: Credentials): Promise<SessionEvent> {
    if (credentials.option === 'issued-token') return { kind: 'proved', token: credentials.token };
    const { option } = credentials;
    const who = { tenant: this.#tenant, ...proofIn(credentials) };
    if (option === 'token') {
      const { token } = await this.#channel.ask<'token'>({ action: 'token', ...who });
      return { kind: 'proved', token };
    }
    await this.#channel.ask<'login'>({ action: 'login', option, ...who });
    return { kind: 'proved' };
  }

  async #register(token: string | undefined): Promise<SessionEvent> {
    const how = {
      ...(token !== undefined && { token }),
      ...(this.#device !== undefined && { device: this.#device }),
    };
    const request = { action: 'register', tenant: this.#tenant, ...how } as const;
    return { kind: 'granted', session: await this.#channel.ask<'register'>(request) };
  }

  async #resume(session: SessionKey): Promise<SessionEvent> {
    await this.#replay(session, this.#sockets.next);
    return { kind: 'resumed' };
  }

  async #leave(): Promise<SessionEvent> {
    await this.#channel.ask<'logout'>({ action: 'logout' });
    return { kind: 'left' };
  }

  #whenDone(work: Promise<SessionEvent>): void {
    work
      .then((event) => {
        this.#dispatch(event);
      })
      .catch((thrown: unknown) => {
        const error = asPhoneError(thrown, 'connection.failed');
        this.#dispatch({ kind: 'refused', error, fraction: this.#deps.ids.fraction() });
      });
  }

  #closeAll(): void {
    this.#session = undefined;
    this.#intake.reset();
    this.#channel.abandonAll();
    this.#sockets.closeAll();
  }

  readonly #performer: Performer = {
    'open-next': () => {
      this.#sockets.openNext();
    },
    'adopt-next': () => {
      this.#sockets.adoptNext();
      this.#channel.carry(this.#sockets.current);
    },
    'drop-next': () => {
      this.#sockets.dropNext();
    },
    'close-all': () => {
      this.#closeAll();
    },
    prove: ({ credentials }) => {
      this.#whenDone(this.#prove(credentials));
    },
    register: ({ token }) => {
      this.#whenDone(this.#register(token));
    },
    begin: ({ session }) => {
      this.#session = session;
      this.#intake.open();
    },
    resume: ({ session }) => {
      this.#whenDone(this.#resume(session));
    },
    'log-out': () => {
      this.#whenDone(this.#leave());
    },
    'start-timer': ({ delayMs }) => {
      this.#stopTimer?.();
      this.#stopTimer = this.#deps.clock.after(delayMs, () => {
        this.#dispatch({ kind: 'timer-fired' });
      });
    },
    'stop-timer': () => this.#stopTimer?.(),
    announce: ({ connection }) => {
      this.#deps.onConnection(connection);
    },
    fail: ({ error }) => {
      this.#deps.onFailure(error);
    },
  };
}

/** The tenant's list of origins is looked up before anything can be said (SEC-1). */
function addressFor(url: string, tenant: string): string {
  const separator = url.includes('?') ? '&' : '?';
  return `${url}${separator}tenant=${encodeURIComponent(tenant)}`;
}

/** The gateway's own error frames name no request; the repetition of what they refuse is enough. */
function receive(text: string, channel: RequestChannel, take: (event: Event) => void): void {
  let frame: unknown;
  try {
    frame = JSON.parse(text);
  } catch {
    // Not JSON: nothing of ours, and nobody to tell.
    return;
  }
  if (typeof frame !== 'object' || frame === null) return;
  const fields = frame as Readonly<Record<string, unknown>>;
  if (channel.take(fields)) return;
  if (typeof fields['event'] === 'string' && typeof fields['seq'] === 'number') {
    take(frame as Event);
  }
}

/** What is sent is named one by one: the service refuses what it does not know. */
const proofIn = (credentials: Exclude<Credentials, { readonly option: 'issued-token' }>) =>
  'idToken' in credentials
    ? { idToken: credentials.idToken }
    : { userName: credentials.userName, password: credentials.password };

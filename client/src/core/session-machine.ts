import { assertNever } from '@isthmus/shared/assert-never';
import type { IceServer } from '../ports/peer-connection.ts';
import { backOffMs } from './back-off.ts';
import { type PhoneErrorView, phoneError } from './phone-error.ts';

export type Credentials =
  | {
      readonly option: 'ip-pbx' | 'same-credentials' | 'token';
      readonly userName: string;
      readonly password: string;
    }
  | { readonly option: 'ip-pbx' | 'token'; readonly idToken: string }
  | { readonly option: 'issued-token'; readonly token: string };

export interface SessionKey {
  readonly sessionId: string;
  readonly resumeKey: string;
  readonly iceServers: readonly IceServer[];
}

export type ConnectionState = 'offline' | 'connecting' | 'online' | 'reconnecting';

export type SessionState =
  | { readonly kind: 'logged-out' }
  | { readonly kind: 'connecting'; readonly credentials: Credentials }
  | { readonly kind: 'proving' }
  | { readonly kind: 'registering' }
  | { readonly kind: 'live'; readonly session: SessionKey }
  | {
      readonly kind: 'attaching';
      readonly session: SessionKey;
      readonly attempt: number;
      /** The former socket still carries us: make before break. */
      readonly carried: boolean;
    }
  | { readonly kind: 'waiting'; readonly session: SessionKey; readonly attempt: number }
  | { readonly kind: 'leaving' };

export type SessionEvent =
  | { readonly kind: 'log-in-asked'; readonly credentials: Credentials }
  | { readonly kind: 'next-opened' }
  | { readonly kind: 'next-closed'; readonly fraction: number }
  | { readonly kind: 'current-closed'; readonly fraction: number }
  | { readonly kind: 'proved'; readonly token?: string }
  | { readonly kind: 'granted'; readonly session: SessionKey }
  | { readonly kind: 'resumed' }
  | { readonly kind: 'refused'; readonly error: PhoneErrorView; readonly fraction: number }
  | { readonly kind: 'timer-fired' }
  /** A socket of the network before may be dead without saying so. */
  | { readonly kind: 'network-changed' }
  | { readonly kind: 'log-out-asked' }
  | { readonly kind: 'left' }
  | { readonly kind: 'session-ended' };

export type SessionEffect =
  | { readonly kind: 'open-next' }
  | { readonly kind: 'adopt-next' }
  | { readonly kind: 'drop-next' }
  | { readonly kind: 'close-all' }
  | { readonly kind: 'prove'; readonly credentials: Credentials }
  | { readonly kind: 'register'; readonly token?: string }
  | { readonly kind: 'resume'; readonly session: SessionKey }
  | { readonly kind: 'log-out' }
  | { readonly kind: 'begin'; readonly session: SessionKey }
  | { readonly kind: 'start-timer'; readonly delayMs: number }
  | { readonly kind: 'stop-timer' }
  | { readonly kind: 'announce'; readonly connection: ConnectionState }
  | { readonly kind: 'fail'; readonly error: PhoneErrorView };

export interface SessionStep {
  readonly state: SessionState;
  readonly effects: readonly SessionEffect[];
}

/** API Gateway ends every WebSocket after two hours; the next one is ready before that. */
export const RENEW_MS = 110 * 60_000;
const RENEW_RETRY_MS = 60_000;
const LOGGED_OUT: SessionState = { kind: 'logged-out' };

type In<Kind extends SessionState['kind']> = SessionState & { readonly kind: Kind };

const go = (state: SessionState, ...effects: readonly SessionEffect[]): SessionStep => ({
  state,
  effects,
});

export function stepSession(state: SessionState, event: SessionEvent): SessionStep {
  if (event.kind === 'session-ended') return state.kind === 'logged-out' ? go(state) : goOut();
  switch (state.kind) {
    case 'logged-out':
      return whenLoggedOut(state, event);
    case 'connecting':
    case 'proving':
    case 'registering':
      return whenLoggingIn(state, event);
    case 'live':
      return whenLive(state, event);
    case 'attaching':
      return whenAttaching(state, event);
    case 'waiting':
      return whenWaiting(state, event);
    case 'leaving':
      return ['left', 'refused', 'current-closed'].includes(event.kind) ? goOut() : go(state);
    default:
      return assertNever(state);
  }
}

function whenLoggedOut(state: SessionState, event: SessionEvent): SessionStep {
  if (event.kind !== 'log-in-asked') return go(state);
  const { credentials } = event;
  return go(
    { kind: 'connecting', credentials },
    { kind: 'announce', connection: 'connecting' },
    { kind: 'open-next' },
  );
}

function whenLoggingIn(
  state: In<'connecting'> | In<'proving'> | In<'registering'>,
  event: SessionEvent,
): SessionStep {
  switch (event.kind) {
    case 'next-opened':
      return state.kind === 'connecting' ? prove(state.credentials) : go(state);
    case 'proved': {
      const token = event.token === undefined ? {} : { token: event.token };
      return go({ kind: 'registering' }, { kind: 'register', ...token });
    }
    case 'granted':
      return go(
        { kind: 'live', session: event.session },
        { kind: 'begin', session: event.session },
        ...settled(),
      );
    case 'refused':
      return goOut(event.error);
    case 'next-closed':
    case 'current-closed':
      return goOut(phoneError('connection.failed'));
    case 'log-out-asked':
      return goOut(phoneError('request.abandoned'));
    default:
      return go(state);
  }
}

function prove(credentials: Credentials): SessionStep {
  if (credentials.option === 'issued-token') {
    const { token } = credentials;
    return go({ kind: 'registering' }, { kind: 'adopt-next' }, { kind: 'register', token });
  }
  return go({ kind: 'proving' }, { kind: 'adopt-next' }, { kind: 'prove', credentials });
}

function whenLive(state: In<'live'>, event: SessionEvent): SessionStep {
  const { session } = state;
  switch (event.kind) {
    case 'current-closed':
      return wait({ session, attempt: 0, fraction: event.fraction });
    case 'timer-fired':
    case 'network-changed':
      return go({ kind: 'attaching', session, attempt: 0, carried: true }, { kind: 'open-next' });
    case 'log-out-asked':
      return go({ kind: 'leaving' }, { kind: 'stop-timer' }, { kind: 'log-out' });
    default:
      return go(state);
  }
}

function whenAttaching(state: In<'attaching'>, event: SessionEvent): SessionStep {
  const { session, attempt } = state;
  switch (event.kind) {
    case 'next-opened':
      return go(state, { kind: 'resume', session });
    case 'resumed':
      return go({ kind: 'live', session }, { kind: 'adopt-next' }, ...settled());
    case 'refused':
      if (!event.error.retryable) return goOut(event.error);
      return notAttached(state, event.fraction);
    case 'next-closed':
      return notAttached(state, event.fraction);
    case 'current-closed':
      return go(
        { kind: 'attaching', session, attempt, carried: false },
        { kind: 'announce', connection: 'reconnecting' },
      );
    case 'log-out-asked':
      return state.carried ? go({ kind: 'leaving' }, { kind: 'log-out' }) : goOut();
    default:
      return go(state);
  }
}

function notAttached(state: In<'attaching'>, fraction: number): SessionStep {
  const { session, attempt } = state;
  if (!state.carried) {
    const waiting = wait({ session, attempt: attempt + 1, fraction });
    return go(waiting.state, { kind: 'drop-next' }, ...waiting.effects);
  }
  return go(
    { kind: 'live', session },
    { kind: 'drop-next' },
    { kind: 'start-timer', delayMs: RENEW_RETRY_MS },
  );
}

function whenWaiting(state: In<'waiting'>, event: SessionEvent): SessionStep {
  const { session, attempt } = state;
  if (event.kind === 'timer-fired' || event.kind === 'network-changed') {
    const next: SessionState = { kind: 'attaching', session, attempt, carried: false };
    return go(next, { kind: 'stop-timer' }, { kind: 'open-next' });
  }
  return event.kind === 'log-out-asked' ? goOut() : go(state);
}

function wait(where: {
  readonly session: SessionKey;
  readonly attempt: number;
  readonly fraction: number;
}): SessionStep {
  const { session, attempt, fraction } = where;
  return go(
    { kind: 'waiting', session, attempt },
    { kind: 'announce', connection: 'reconnecting' },
    { kind: 'start-timer', delayMs: backOffMs(attempt, fraction) },
  );
}

const settled = (): readonly SessionEffect[] => [
  { kind: 'start-timer', delayMs: RENEW_MS },
  { kind: 'announce', connection: 'online' },
];

function goOut(error?: PhoneErrorView): SessionStep {
  const reason: readonly SessionEffect[] = error ? [{ kind: 'fail', error }] : [];
  return go(
    LOGGED_OUT,
    { kind: 'stop-timer' },
    { kind: 'close-all' },
    { kind: 'announce', connection: 'offline' },
    ...reason,
  );
}

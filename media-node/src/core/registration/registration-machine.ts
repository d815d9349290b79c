import { assertNever } from '@isthmus/shared/assert-never';
import { backoffMs, refreshMs } from './backoff.ts';
import type {
  Attempt,
  RegisterResponse,
  RegistrationEffect,
  RegistrationEvent,
  RegistrationState,
  RegistrationStep,
} from './registration-types.ts';

/** 3GPP TS 24.229 §5.1.1.2.1. */
const EXPIRES_S = 600_000;
/** REG-6: whoever is challenged twice after answering has the wrong password. */
const MAX_ANSWERS = 2;
/** How long a farewell may take before it is left to expire. */
const FAREWELL_MS = 5_000;

export const idleRegistration: RegistrationState = { kind: 'idle' };

/** One event in, the next state and what is to be done about it out. `chance` (0 to 1) is the jitter. */
export function stepRegistration(
  state: RegistrationState,
  event: RegistrationEvent,
  chance: number,
): RegistrationStep {
  switch (state.kind) {
    case 'idle':
      return whenIdle(state, event);
    case 'offline':
      return whenOffline(state, event);
    case 'registering':
      return whenRegistering(state, event, chance);
    case 'registered':
      return whenRegistered(state, event);
    case 'waiting':
      return whenWaiting(state, event);
    case 'withdrawing':
      return whenWithdrawing(state, event);
    case 'deregistering':
      return whenDeregistering(state, event);
    case 'ended':
      return stay(state);
    default:
      return assertNever(state);
  }
}

type In<K extends RegistrationState['kind']> = Extract<RegistrationState, { kind: K }>;

const go = (
  state: RegistrationState,
  ...effects: readonly RegistrationEffect[]
): RegistrationStep => ({ state, effects });
const stay = (state: RegistrationState): RegistrationStep => go(state);

const stopNext = { kind: 'stop-timer', timer: 'next' } as const;
const next = (ms: number): RegistrationEffect => ({ kind: 'start-timer', timer: 'next', ms });

function attempt(expiresS: number, failures: number, isRefresh: boolean): RegistrationStep {
  return go(
    { kind: 'registering', attempt: { expiresS, answered: 0, failures }, isRefresh },
    { kind: 'send-register', expiresS, authorization: 'fresh' },
  );
}

const offline = (failures = 0, expiresS = EXPIRES_S): RegistrationState => ({
  kind: 'offline',
  failures,
  expiresS,
});
const end = (...effects: readonly RegistrationEffect[]): RegistrationStep =>
  go({ kind: 'ended' }, ...effects, { kind: 'report-end' });

function whenIdle(state: In<'idle'>, event: RegistrationEvent): RegistrationStep {
  if (event.kind === 'register-wanted') return go(offline());
  if (event.kind === 'deregister-wanted') return end();
  return stay(state);
}

function whenOffline(state: In<'offline'>, event: RegistrationEvent): RegistrationStep {
  if (event.kind === 'flow-up') return attempt(state.expiresS, state.failures, false);
  if (event.kind === 'deregister-wanted') return end();
  return stay(state);
}

function whenRegistering(
  state: In<'registering'>,
  event: RegistrationEvent,
  chance: number,
): RegistrationStep {
  switch (event.kind) {
    case 'response-received':
      return answered(state, event, chance);
    case 'response-missed':
      return failed(state, { reason: 'no response' }, chance);
    case 'flow-lost':
      return go(offline(state.attempt.failures), ...lostOnce(state, event.reason));
    case 'deregister-wanted':
      return go({ kind: 'withdrawing' }, farewell);
    default:
      return stay(state);
  }
}

const farewell = { kind: 'start-timer', timer: 'farewell', ms: FAREWELL_MS } as const;
const stopFarewell = { kind: 'stop-timer', timer: 'farewell' } as const;

function answered(
  state: In<'registering'>,
  response: RegisterResponse,
  chance: number,
): RegistrationStep {
  const { status } = response;
  if (status >= 200 && status < 300) return accepted(state.attempt, response);
  if (status === 401 || status === 407) return challenged(state, response);
  if (status === 423) return tooBrief(state, response);
  if (isPassing(status)) return failed(state, response, chance);
  return go({ kind: 'ended' }, { kind: 'report-refused', status, reason: response.reason });
}

/** 3GPP TS 24.229 §5.1.1.2: these say «not now» or «not here»; every other failure is final. */
const isPassing = (status: number): boolean =>
  status === 305 || status === 408 || status === 480 || (status >= 500 && status < 600);

function accepted({ expiresS }: Attempt, response: RegisterResponse): RegistrationStep {
  const granted = response.expiresS ?? expiresS;
  return go(
    { kind: 'registered', expiresS: granted },
    { kind: 'use-service-route', route: response.serviceRoute },
    { kind: 'report-registered', associated: response.associated },
    next(refreshMs(granted)),
  );
}

function challenged(state: In<'registering'>, response: RegisterResponse): RegistrationStep {
  const { attempt: made } = state;
  const { status } = response;
  if (!response.isAnswerable || made.answered >= MAX_ANSWERS) {
    return go({ kind: 'ended' }, { kind: 'report-refused', status, reason: response.reason });
  }
  return go(
    { ...state, attempt: { ...made, answered: made.answered + 1 } },
    { kind: 'send-register', expiresS: made.expiresS, authorization: 'answer' },
  );
}

/** RFC 3261 §10.2.8; a Min-Expires we already met would loop. */
function tooBrief(state: In<'registering'>, response: RegisterResponse): RegistrationStep {
  const { minExpiresS } = response;
  if (minExpiresS === undefined || minExpiresS <= state.attempt.expiresS) {
    return go({ kind: 'ended' }, { kind: 'report-refused', status: 423, reason: response.reason });
  }
  return attempt(minExpiresS, state.attempt.failures, state.isRefresh);
}

function failed(
  state: In<'registering'>,
  { reason, retryAfterS = 0 }: { readonly reason: string; readonly retryAfterS?: number },
  chance: number,
): RegistrationStep {
  const { expiresS } = state.attempt;
  const failures = state.attempt.failures + 1;
  const waitMs = Math.max(backoffMs(failures, chance), retryAfterS * 1000);
  return go({ kind: 'waiting', failures, expiresS }, ...lostOnce(state, reason), next(waitMs));
}

/** Who was not registered has nothing to lose. */
const lostOnce = (
  { isRefresh }: In<'registering'>,
  reason: string,
): readonly RegistrationEffect[] => (isRefresh ? [{ kind: 'report-lost', reason }] : []);

function whenRegistered(state: In<'registered'>, event: RegistrationEvent): RegistrationStep {
  switch (event.kind) {
    case 'timer-fired':
      return event.timer === 'next' ? attempt(EXPIRES_S, 0, true) : stay(state);
    case 'flow-lost':
      return go(offline(), stopNext, { kind: 'report-lost', reason: event.reason });
    case 'deregister-wanted':
      return go({ kind: 'deregistering', answered: 0 }, stopNext, farewell, {
        kind: 'send-register',
        expiresS: 0,
        authorization: 'fresh',
      });
    default:
      return stay(state);
  }
}

function whenWaiting(state: In<'waiting'>, event: RegistrationEvent): RegistrationStep {
  switch (event.kind) {
    case 'timer-fired':
      return event.timer === 'next' ? attempt(state.expiresS, state.failures, false) : stay(state);
    case 'flow-lost':
      return go(offline(state.failures, state.expiresS), stopNext);
    case 'deregister-wanted':
      return end(stopNext);
    default:
      return stay(state);
  }
}

function whenWithdrawing(state: In<'withdrawing'>, event: RegistrationEvent): RegistrationStep {
  switch (event.kind) {
    case 'response-received':
      return event.status >= 200 && event.status < 300
        ? go(
            { kind: 'deregistering', answered: 0 },
            { kind: 'use-service-route', route: event.serviceRoute },
            { kind: 'send-register', expiresS: 0, authorization: 'fresh' },
          )
        : end(stopFarewell);
    case 'response-missed':
    case 'flow-lost':
      return end(stopFarewell);
    case 'timer-fired':
      return event.timer === 'farewell' ? end() : stay(state);
    default:
      return stay(state);
  }
}

function whenDeregistering(state: In<'deregistering'>, event: RegistrationEvent): RegistrationStep {
  switch (event.kind) {
    case 'response-received':
      return farewellAnswered(state, event);
    case 'response-missed':
    case 'flow-lost':
      return end(stopFarewell);
    case 'timer-fired':
      return event.timer === 'farewell' ? end() : stay(state);
    default:
      return stay(state);
  }
}

function farewellAnswered(
  { answered: before }: In<'deregistering'>,
  { status, isAnswerable }: RegisterResponse,
): RegistrationStep {
  const isChallenge = status === 401 || status === 407;
  if (!isChallenge || !isAnswerable || before >= MAX_ANSWERS) return end(stopFarewell);
  return go(
    { kind: 'deregistering', answered: before + 1 },
    { kind: 'send-register', expiresS: 0, authorization: 'answer' },
  );
}

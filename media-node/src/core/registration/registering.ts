import { backoffMs, refreshMs } from './backoff.ts';
import type {
  RegisterResponse,
  RegistrationEffect,
  RegistrationEvent,
  RegistrationState,
  RegistrationStep,
  Tidying,
  Waiting,
} from './registration-types.ts';
import {
  answeredOnceMore,
  attempt,
  farewell,
  go,
  type In,
  isChallenge,
  isSuccess,
  leave,
  lost,
  offline,
  start,
  stay,
  stop,
} from './steps.ts';

export function whenRegistering(
  state: In<'registering'>,
  event: RegistrationEvent,
  chance: number,
): RegistrationStep {
  switch (event.kind) {
    case 'response-received':
      return answered(state, event, chance);
    case 'response-missed':
      return failed(state, {}, chance);
    case 'flow-lost':
      return cutOff(state, event.reason, chance);
    case 'deregister-wanted':
      return go({ kind: 'withdrawing', isBound: state.isBound }, farewell);
    case 'terminated-by-network':
      return terminated(state, event);
    case 'timer-fired':
      // The answer under way decides what comes next; only what we had is gone.
      return event.timer === 'expiry' && state.isBound
        ? go(unbound(state), lost('expired'))
        : stay(state);
    default:
      return stay(state);
  }
}

function answered(
  state: In<'registering'>,
  response: RegisterResponse,
  chance: number,
): RegistrationStep {
  const { status } = response;
  if (isSuccess(status)) return accepted(state, response, chance);
  if (isChallenge(status)) return challenged(state, response);
  if (state.attempt.tidying) return keptAsItWas(state.attempt.tidying);
  if (status === 423) return tooBrief(state, response);
  if (isPassing(response)) return failed(state, response, chance);
  return refused(state, response);
}

/** 3GPP TS 24.229 §5.1.1.2.1: «not now» or «not here», where every other failure is final. */
const PASSING: ReadonlySet<number> = new Set([305, 408, 480]);
/** Of those that forbid (§5.1.1.2.1 i), or that the same request would meet again. */
const FINAL: ReadonlySet<number> = new Set([403, 404, 501, 505, 513]);

const isPassing = ({ retryAfterS, status }: RegisterResponse): boolean =>
  !FINAL.has(status) &&
  (PASSING.has(status) || (status >= 500 && status < 600) || retryAfterS !== undefined);

/** IMS took or never gave what we had: nothing is left that could expire. */
const refused = (
  { isBound }: In<'registering'>,
  { reason, status }: RegisterResponse,
): RegistrationStep =>
  go({ kind: 'ended' }, ...stopExpiry(isBound), { kind: 'report-refused', status, reason });

const stopExpiry = (isBound: boolean): readonly RegistrationEffect[] =>
  isBound ? [stop('expiry')] : [];

/** Nothing is left that a failure could leave as it was. */
function unbound({ attempt: made }: In<'registering'>): In<'registering'> {
  const { tidying: _, ...attempt } = made;
  return { kind: 'registering', attempt, isBound: false };
}

/** A registrar may not take several contacts at once; it holds ours all the same. */
const keptAsItWas = ({ grantedS }: Tidying): RegistrationStep =>
  go({ kind: 'registered', expiresS: grantedS }, start('next', refreshMs(grantedS)));

function accepted(
  state: In<'registering'>,
  response: RegisterResponse,
  chance: number,
): RegistrationStep {
  const granted = response.expiresS ?? state.attempt.expiresS;
  // A 2xx that does not list our contact has not registered it (RFC 3261 §10.3).
  if (granted <= 0) return failed(state, response, chance);
  return go(
    { kind: 'registered', expiresS: granted },
    { kind: 'use-service-route', route: response.serviceRoute },
    { kind: 'use-gruus', gruus: response.gruus },
    { kind: 'report-registered', associated: response.associated },
    start('next', refreshMs(granted)),
    start('expiry', granted * 1000),
  );
}

function challenged(state: In<'registering'>, response: RegisterResponse): RegistrationStep {
  const { attempt: made } = state;
  const counted = answeredOnceMore(made.answered, response);
  if (!counted) return made.tidying ? keptAsItWas(made.tidying) : refused(state, response);
  return go(
    { ...state, attempt: { ...made, answered: counted } },
    {
      ...{ kind: 'send-register', expiresS: made.expiresS, authorization: 'answer' },
      ...(made.tidying && { withdraw: made.tidying.strays }),
    },
  );
}

/** RFC 3261 §10.2.8; a Min-Expires we already met would loop. */
function tooBrief(state: In<'registering'>, response: RegisterResponse): RegistrationStep {
  const { minExpiresS } = response;
  const { expiresS, failures } = state.attempt;
  if (minExpiresS === undefined || minExpiresS <= expiresS) return refused(state, response);
  return attempt({ expiresS: minExpiresS, failures }, state);
}

interface Failure {
  readonly status?: number;
  readonly retryAfterS?: number;
}

/**
 * 3GPP TS 24.229 §5.1.1.2.1, §5.1.1.4.1: another P-CSCF first. The second attempt follows the first
 * at once, every later one only after the back-off of RFC 5626 §4.5.
 */
function failed(state: In<'registering'>, failure: Failure, chance: number): RegistrationStep {
  const { isBound } = state;
  const { expiresS, tidying } = state.attempt;
  if (tidying) return keptAsItWas(tidying);
  const count = state.attempt.failures + 1;
  const waitMs = backoffMs({ count, isBound }, chance);
  const holdOffMs = (failure.retryAfterS ?? 0) * 1000;
  const waiting: Waiting = {
    ...{ failures: count, expiresS, isBound, isFlowUp: true, holdOffMs },
    kind: 'waiting',
  };
  const timer = start('next', Math.max(waitMs, holdOffMs));
  // Who asks for patience still holds our binding, and calls hang on it: no reason to leave yet.
  if (isBound && holdOffMs > 0) return go(waiting, timer);
  const elsewhereMs = count === 1 ? 0 : waitMs;
  const rediscover = failure.status === 305;
  return go({ ...waiting, elsewhereMs }, timer, leave(holdOffMs, rediscover));
}

/** A P-CSCF that hangs up on a REGISTER has failed it; the flow comes again by itself. */
function cutOff(state: In<'registering'>, reason: string, chance: number): RegistrationStep {
  const { expiresS } = state.attempt;
  const failures = state.attempt.failures + 1;
  const gone = state.isBound ? [stop('expiry'), lost(reason)] : [];
  if (failures === 1) return go(offline(failures, expiresS), ...gone);
  const waiting: RegistrationState = {
    ...{ kind: 'waiting', failures, expiresS, isBound: false, isFlowUp: false, holdOffMs: 0 },
  };
  return go(
    waiting,
    ...gone,
    start('next', backoffMs({ count: failures, isBound: false }, chance)),
  );
}

/** Causes that let us in again are met by the REGISTER under way. */
function terminated(
  state: In<'registering'>,
  { cause }: Extract<RegistrationEvent, { kind: 'terminated-by-network' }>,
): RegistrationStep {
  const gone = stopExpiry(state.isBound);
  if (cause === 'rejected' || cause === 'unregistered') {
    return go({ kind: 'withdrawing', isBound: false }, ...gone, farewell, {
      kind: 'report-unregistered',
    });
  }
  return go(unbound(state), ...gone, ...(state.isBound ? [lost(cause)] : []));
}

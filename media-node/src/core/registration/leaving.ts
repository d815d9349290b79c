import type {
  RegisterResponse,
  RegistrationEvent,
  RegistrationStep,
} from './registration-types.ts';
import {
  answeredOnceMore,
  deregister,
  end,
  go,
  type In,
  isChallenge,
  isSuccess,
  stay,
  stop,
} from './steps.ts';

/** A second REGISTER may not overtake the first (RFC 3261 §10.2). */
export function whenWithdrawing(
  state: In<'withdrawing'>,
  event: RegistrationEvent,
): RegistrationStep {
  switch (event.kind) {
    case 'response-received':
      return withdrawn(state, event);
    case 'response-missed':
      return state.isBound ? deregister() : end(stop('farewell'));
    case 'flow-lost':
      return end(stop('farewell'));
    case 'timer-fired':
      return timed(state, event.timer);
    default:
      return stay(state);
  }
}

function withdrawn(state: In<'withdrawing'>, response: RegisterResponse): RegistrationStep {
  if (isSuccess(response.status)) {
    return deregister({ kind: 'use-service-route', route: response.serviceRoute });
  }
  return state.isBound ? deregister() : end(stop('farewell'));
}

export function whenDeregistering(
  state: In<'deregistering'>,
  event: RegistrationEvent,
): RegistrationStep {
  switch (event.kind) {
    case 'response-received':
      return farewellAnswered(state, event);
    case 'response-missed':
    case 'flow-lost':
      return end(stop('farewell'));
    case 'timer-fired':
      return timed(state, event.timer);
    default:
      return stay(state);
  }
}

const timed = (
  state: In<'withdrawing'> | In<'deregistering'>,
  timer: Extract<RegistrationEvent, { kind: 'timer-fired' }>['timer'],
): RegistrationStep => (timer === 'farewell' ? end() : stay(state));

function farewellAnswered(
  { answered: before }: In<'deregistering'>,
  response: RegisterResponse,
): RegistrationStep {
  const answered = isChallenge(response.status) ? answeredOnceMore(before, response) : undefined;
  if (!answered) return end(stop('farewell'));
  return go(
    { kind: 'deregistering', answered },
    { kind: 'send-register', expiresS: 0, authorization: 'answer' },
  );
}

import { assertNever } from '@isthmus/shared/assert-never';
import { whenRegistered, whenWaiting } from './between-attempts.ts';
import { whenDeregistering, whenWithdrawing } from './leaving.ts';
import { whenRegistering } from './registering.ts';
import type {
  RegistrationEvent,
  RegistrationState,
  RegistrationStep,
} from './registration-types.ts';
import { attempt, end, go, type In, offline, stay } from './steps.ts';

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
      return whenRegistered(state, event, chance);
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

function whenIdle(state: In<'idle'>, event: RegistrationEvent): RegistrationStep {
  if (event.kind === 'register-wanted') return go(offline());
  if (event.kind === 'deregister-wanted') return end();
  return stay(state);
}

function whenOffline(state: In<'offline'>, event: RegistrationEvent): RegistrationStep {
  if (event.kind === 'flow-up') return attempt(state, { isBound: false });
  if (event.kind === 'deregister-wanted') return end();
  return stay(state);
}

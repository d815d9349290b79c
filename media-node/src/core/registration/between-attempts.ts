import { backoffMs } from './backoff.ts';
import type {
  RegistrationEffect,
  RegistrationEvent,
  RegistrationStep,
  Waiting,
} from './registration-types.ts';
import {
  attempt,
  deregister,
  EXPIRES_S,
  end,
  farewell,
  go,
  type In,
  leave,
  lost,
  offline,
  start,
  stay,
  stop,
} from './steps.ts';

type Termination = Extract<RegistrationEvent, { kind: 'terminated-by-network' }>;

const stopBoth = [stop('next'), stop('expiry')] as const;

export function whenRegistered(
  state: In<'registered'>,
  event: RegistrationEvent,
  chance: number,
): RegistrationStep {
  switch (event.kind) {
    case 'timer-fired':
      return whenTimed(state, event.timer);
    case 'flow-lost':
      return go(offline(), ...stopBoth, lost(event.reason));
    case 'deregister-wanted':
      return deregister(...stopBoth, farewell);
    case 'expiry-shortened':
      return shortened(state, event.expiresS);
    case 'terminated-by-network':
      return terminated(event, chance);
    case 'strays-found':
      return tidied(state, event.strays);
    case 'restoration-wanted':
      return again(...stopBoth, lost('restoration'));
    default:
      return stay(state);
  }
}

function whenTimed(
  state: In<'registered'>,
  timer: Extract<RegistrationEvent, { kind: 'timer-fired' }>['timer'],
): RegistrationStep {
  if (timer === 'next') return attempt({ expiresS: EXPIRES_S, failures: 0 }, { isBound: true });
  return timer === 'expiry' ? again(stop('next'), lost('expired')) : stay(state);
}

/**
 * Beside our own Contact and not by themselves: a P-CSCF may forget whom a REGISTER that only ends
 * something came from (3GPP TS 24.229 §5.2.5.1).
 */
function tidied({ expiresS }: In<'registered'>, strays: readonly string[]): RegistrationStep {
  const tidying = { strays, grantedS: expiresS };
  const begun = attempt({ expiresS: EXPIRES_S, failures: 0, tidying }, { isBound: true });
  return go(begun.state, stop('next'), ...begun.effects);
}

/** A registration from the beginning, on the flow we have. */
function again(...effects: readonly RegistrationEffect[]): RegistrationStep {
  const { effects: sent, state } = attempt(
    { expiresS: EXPIRES_S, failures: 0 },
    { isBound: false },
  );
  return go(state, ...effects, ...sent);
}

/** At half of what is left (3GPP TS 24.229 §5.1.1.5A); what is longer than believed is no shortening. */
function shortened(state: In<'registered'>, expiresS: number): RegistrationStep {
  if (expiresS >= state.expiresS) return stay(state);
  return go(
    { kind: 'registered', expiresS },
    start('next', (expiresS / 2) * 1000),
    start('expiry', expiresS * 1000),
  );
}

/** RFC 3680 §5.3: which of them ask us to come again, and when. */
function terminated({ cause, retryAfterS }: Termination, chance: number): RegistrationStep {
  switch (cause) {
    case 'deactivated':
    case 'expired':
      return again(...stopBoth, lost(cause));
    case 'probation': {
      const { next, waiting } = onProbation(retryAfterS, chance);
      return go(waiting, stop('expiry'), lost(cause), next);
    }
    default:
      return end(...stopBoth, { kind: 'report-unregistered' });
  }
}

function onProbation(
  retryAfterS: number | undefined,
  chance: number,
): { readonly waiting: Waiting; readonly next: RegistrationEffect } {
  const asked = retryAfterS === undefined ? undefined : retryAfterS * 1000;
  const ms = asked ?? backoffMs({ count: 1, isBound: false }, chance);
  return {
    waiting: {
      ...{ kind: 'waiting', failures: 0, expiresS: EXPIRES_S, isBound: false, isFlowUp: true },
      holdOffMs: 0,
    },
    next: start('next', ms),
  };
}

export function whenWaiting(state: Waiting, event: RegistrationEvent): RegistrationStep {
  switch (event.kind) {
    case 'timer-fired':
      return waited(state, event.timer);
    case 'flow-lost':
      return movedOrCut(state, event.reason);
    case 'flow-up':
      return go({ ...state, isFlowUp: true });
    case 'no-other-proxy':
      return go(staying(state));
    case 'deregister-wanted':
      return state.isBound && state.isFlowUp
        ? deregister(...stopBoth, farewell)
        : end(stop('next'), ...gone(state));
    case 'terminated-by-network':
      return terminatedMeanwhile(state, event);
    default:
      return stay(state);
  }
}

const gone = ({ isBound }: Waiting): readonly RegistrationEffect[] =>
  isBound ? [stop('expiry')] : [];

function staying({ elsewhereMs: _, ...state }: Waiting): Waiting {
  return state;
}

function waited(
  state: Waiting,
  timer: Extract<RegistrationEvent, { kind: 'timer-fired' }>['timer'],
): RegistrationStep {
  if (timer === 'expiry' && state.isBound) {
    // Nothing hangs on this P-CSCF any more, and it wants to be left alone.
    const left = { ...state, isBound: false, elsewhereMs: 0 };
    return go(left, lost('expired'), leave(state.holdOffMs));
  }
  if (timer !== 'next') return stay(state);
  return state.isFlowUp ? attempt(state, state) : go(offline(state.failures, state.expiresS));
}

/** What was bound was bound to the flow that went. */
function movedOrCut(state: Waiting, reason: string): RegistrationStep {
  const effects = state.isBound ? [stop('expiry'), lost(reason)] : [];
  const { elsewhereMs, failures, expiresS } = state;
  if (elsewhereMs === 0) return go(offline(failures, expiresS), stop('next'), ...effects);
  const cut = { ...staying(state), isBound: false, isFlowUp: false };
  if (elsewhereMs === undefined) return go(cut, ...effects);
  return go({ ...cut, holdOffMs: 0 }, ...effects, start('next', elsewhereMs));
}

/** We are about to come again anyway, unless we are not to come at all. */
function terminatedMeanwhile(state: Waiting, { cause }: Termination): RegistrationStep {
  if (cause === 'rejected' || cause === 'unregistered') {
    return end(stop('next'), ...gone(state), { kind: 'report-unregistered' });
  }
  return state.isBound
    ? go({ ...state, isBound: false }, stop('expiry'), lost(cause))
    : stay(state);
}

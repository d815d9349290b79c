import { type ReleaseCause, statusOfCause } from '@isthmus/shared/domain/release-cause';
import type { CallEffect, CallEvent, CallState, Device, Prepared, Step } from './call-types.ts';
import { whenOfferedEarly } from './early-offers.ts';
import { filmed, owing } from './filming.ts';
import { heldByThem } from './holding.ts';
import {
  ACCESS_SETUP_MS,
  ended,
  go,
  OPEN,
  type Release,
  release,
  reofferTo,
  stay,
  takenElsewhere,
} from './steps.ts';

/**
 * A network without a timer of its own still gets an answer; operators redirect at 20 to 30 s.
 * Tenants and users set their own.
 */
export const RING_MS = 60_000;

/** From now on. */
export const ringFor = (ms: number): CallEffect => ({
  kind: 'start-timer',
  timer: 'no-answer',
  ms,
});

type Alerting = CallState & { readonly kind: 'alerting' };

export function whenCalled(event: CallEvent & { readonly kind: 'ims-called' }): Step {
  const { devices, from, sdp } = event;
  const early = event.needsEarlyAnswer === true;
  return go(
    early
      ? { kind: 'reserving', devices, prepared: [], from }
      : { kind: 'alerting', devices, connected: [], ringing: false, from },
    ...devices.map(
      (device, index): CallEffect => ({
        ...{ kind: 'prepare-incoming', device, sdp },
        ...(early && index === 0 && { early }),
      }),
    ),
    ringFor(RING_MS),
  );
}

export function whenAlerting(state: Alerting, event: CallEvent): Step {
  switch (event.kind) {
    case 'media-prepared':
      return alert(state, event);
    case 'media-connected':
      return go({ ...state, connected: [...state.connected, event.device] });
    case 'media-refused':
      return without(state, event.device, 'not-acceptable');
    case 'device-rang':
      return ring(state);
    case 'device-accepted':
      return accepted(state, event);
    case 'device-declined':
      return declined(state, event.device, event.reason);
    case 'device-left':
    case 'media-failed':
    case 'consent-lost':
      return without(state, event.device, 'unavailable');
    case 'sip-cancelled':
      return release(cancelledBy(event, state.devices));
    case 'sip-hung-up':
      return release({ cause: 'network-failure', devices: state.devices });
    case 'ring-time-known':
      return go(state, ringFor(event.ms));
    case 'timer-fired':
      return refuse(state, 'no-answer');
    case 'device-hung-up':
      return declined(state, event.device, 'declined');
    default:
      return whenOfferedEarly(state, event) ?? stay(state);
  }
}

/** RFC 3326 §2: the caller's network cancels where another phone of the user answered. */
export const cancelledBy = (
  { isAnsweredElsewhere }: CallEvent & { readonly kind: 'sip-cancelled' },
  devices: readonly Device[],
): Release => ({ cause: isAnsweredElsewhere ? 'answered-elsewhere' : 'cancelled', devices });

export function alert(state: Alerting, { device, accessSdp }: Prepared): Step {
  const told = go(state, {
    kind: 'notify',
    device,
    notice: { event: 'call.incoming', from: state.from, sdp: accessSdp },
  });
  // A client that warms nothing up rings all the same: 180 does not wait for `call.ring`.
  const rung = ring(state);
  return go(rung.state, ...told.effects, ...rung.effects);
}

function ring(state: Alerting): Step {
  if (state.ringing) return stay(state);
  return go({ ...state, ringing: true }, { kind: 'send-ring' });
}

type Accepted = CallEvent & { readonly kind: 'device-accepted' };

function accepted(state: Alerting, event: Accepted): Step {
  const { device: winner, imsAnswer, isHeld } = event;
  if (!state.devices.includes(winner)) return stay(state);
  const losers = state.devices.filter((device) => device !== winner);
  const { offers, effects: reoffering } = reofferTo(winner, { made: 0, open: false }, event);
  const connected = state.connected.includes(winner);
  const held = heldByThem({ kind: 'established', device: winner, offers, connected }, isHeld);
  const pictures = owing(filmed(held.state, event), event.wish);
  return go(
    pictures.state,
    { kind: 'stop-timer', timer: 'no-answer' },
    { kind: 'send-answer', sdp: imsAnswer },
    { kind: 'record-answer' },
    { kind: 'set-gate', device: winner, gate: OPEN },
    { kind: 'notify', device: winner, notice: { event: 'call.answered' } },
    ...held.effects,
    ...pictures.effects,
    ...reoffering,
    { kind: 'start-timer', timer: 'access-setup', ms: ACCESS_SETUP_MS },
    ...losers.flatMap((device): CallEffect[] => [
      takenElsewhere(device, winner),
      { kind: 'release-media', device },
    ]),
  );
}

/** A person who declines declines on all devices; a busy device only takes itself out. */
function declined(state: Alerting, device: Device, reason: 'declined' | 'busy'): Step {
  return reason === 'declined' ? refuse(state, 'declined') : without(state, device, 'busy');
}

function without(state: Alerting, gone: Device, cause: ReleaseCause): Step {
  if (!state.devices.includes(gone)) return stay(state);
  const devices = state.devices.filter((device) => device !== gone);
  if (devices.length === 0) return refuse(state, cause);
  return go({ ...state, devices }, ended(gone, cause), { kind: 'release-media', device: gone });
}

function refuse(state: Alerting, cause: ReleaseCause): Step {
  return release(
    { cause, devices: state.devices },
    { kind: 'send-reject', status: statusOfCause(cause) },
  );
}

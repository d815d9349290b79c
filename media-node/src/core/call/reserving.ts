import { statusOfCause } from '@isthmus/shared/domain/release-cause';
import type { CallEffect, CallEvent, CallState, Device, Prepared, Step } from './call-types.ts';
import { offering, whenOfferedEarly } from './early-offers.ts';
import { alert, cancelledBy, ringFor } from './incoming.ts';
import { go, release, stay } from './steps.ts';

type Reserving = CallState & { readonly kind: 'reserving' };

/** RFC 3312 §8: the caller's resources never came. */
const PRECONDITION_FAILURE = 580;

/** No device is told before IMS has our answer and the caller all that it waits for (RFC 3312 §6). */
export function whenReserving(state: Reserving, event: CallEvent): Step {
  switch (event.kind) {
    case 'media-prepared':
      return prepared(state, event, event.imsAnswer);
    case 'sip-ready':
      return ready(state);
    // Our early offer was answered: what the device is to be offered may have changed by it.
    case 'sip-acknowledged':
      return event.sdp === undefined || state.early === undefined
        ? stay(state)
        : go(state, { kind: 'take-ims-answer', device: state.early, sdp: event.sdp });
    case 'ims-answer-taken':
      return stay(offering(state, event.reoffer));
    case 'ims-answer-refused':
      return refuse(statusOfCause('not-acceptable'));
    case 'media-refused':
    case 'device-left':
    case 'media-failed':
    case 'consent-lost':
      return without(state, event.device);
    case 'sip-cancelled':
      return release(cancelledBy(event, state.devices));
    case 'sip-hung-up':
      return release({ cause: 'network-failure', devices: state.devices });
    case 'ring-time-known':
      return stay({ ...state, ringMs: event.ms });
    case 'timer-fired':
      return refuse(PRECONDITION_FAILURE);
    default:
      return whenOfferedEarly(state, event) ?? stay(state);
  }
}

function prepared(
  state: Reserving,
  { device, accessSdp }: Prepared,
  imsAnswer: string | undefined,
): Step {
  const known = [...state.prepared, { device, accessSdp }];
  if (imsAnswer === undefined || state.early !== undefined)
    return go({ ...state, prepared: known });
  return go(
    { ...state, prepared: known, early: device },
    { kind: 'send-early-answer', sdp: imsAnswer },
  );
}

function ready({ devices, prepared: known, from, early, ringMs }: Reserving): Step {
  return known.reduce<Step>(
    (before, device) => {
      if (before.state.kind !== 'alerting') return before;
      const told = alert(before.state, device);
      return go(told.state, ...before.effects, ...told.effects);
    },
    go(
      {
        ...{ kind: 'alerting', devices, connected: [], ringing: false, from },
        ...(early !== undefined && { early }),
      },
      ...(ringMs === undefined ? [] : [ringFor(ringMs)]),
    ),
  );
}

/** Nobody was told, so nobody is to be told of the end either. */
function refuse(status: number): Step {
  const cause = status === PRECONDITION_FAILURE ? 'network-failure' : 'not-acceptable';
  return release({ cause, devices: [] }, { kind: 'send-reject', status });
}

function without(state: Reserving, gone: Device): Step {
  const isOther = (device: Device): boolean => device !== gone;
  if (state.devices.every(isOther)) return stay(state);
  const devices = state.devices.filter(isOther);
  if (devices.length === 0) {
    const status = statusOfCause('unavailable');
    return release({ cause: 'unavailable', devices: [] }, { kind: 'send-reject', status });
  }
  // Without the description IMS was to have from the first device, the call cannot come about.
  if (state.early === undefined && gone === state.devices[0])
    return refuse(statusOfCause('not-acceptable'));
  const closed: CallEffect = { kind: 'release-media', device: gone };
  return go(
    { ...state, devices, prepared: state.prepared.filter(({ device }) => isOther(device)) },
    closed,
  );
}

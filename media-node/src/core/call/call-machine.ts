import { assertNever } from '@isthmus/shared/assert-never';
import type { IwfErrorCode } from '@isthmus/shared/errors/iwf-error';
import type { CallEvent, CallState, Device, DeviceEvent, Step } from './call-types.ts';
import { whenEstablished } from './conversation.ts';
import { isHeld } from './holding.ts';
import { whenAlerting, whenCalled } from './incoming.ts';
import { whenCancelling, whenInviting, whenPreparing } from './outgoing.ts';
import { whenReserving } from './reserving.ts';
import { go, stay } from './steps.ts';

export const idle: CallState = { kind: 'idle' };

/** One event in, the next state and everything to be done about it out. */
export function step(state: CallState, event: CallEvent): Step {
  switch (state.kind) {
    case 'idle':
      return whenIdle(state, event);
    case 'preparing':
      return whenPreparing(state, event);
    case 'inviting':
      return whenInviting(state, event);
    case 'cancelling':
      return whenCancelling(state, event);
    case 'reserving':
      return whenReserving(state, event);
    case 'alerting':
      return whenAlerting(state, event);
    case 'established':
      return whenEstablished(state, event);
    case 'released':
      return stay(state);
    default:
      return assertNever(state);
  }
}

function whenIdle(state: CallState, event: CallEvent): Step {
  switch (event.kind) {
    case 'device-called': {
      const { device, target, sdp } = event;
      return go({ kind: 'preparing', device, target }, { kind: 'prepare-outgoing', device, sdp });
    }
    case 'ims-called':
      return whenCalled(event);
    default:
      return stay(state);
  }
}

/** `device-restarted` is its media's business alone: nothing of the call changes. */
type Command = Exclude<DeviceEvent['kind'], 'device-called' | 'device-left'> | 'device-restarted';

const FITS: Readonly<Record<Command, readonly CallState['kind'][]>> = {
  'device-rang': ['alerting'],
  'device-accepted': ['alerting'],
  'device-declined': ['alerting'],
  'device-answered': ['inviting', 'established'],
  'device-restarted': ['inviting', 'alerting', 'established'],
  'device-held': ['established'],
  'device-resumed': ['established'],
  'device-filmed': ['established'],
  'device-transferred': ['established'],
  'device-hung-up': ['preparing', 'inviting', 'alerting', 'established'],
};

/** Why a command of a device does not fit the call now; asked before its SDP is touched. */
export function refusalOf(
  state: CallState,
  command: Command,
  device: Device,
): IwfErrorCode | undefined {
  if (!involves(state, device)) return 'call.wrong-state';
  if (command === 'device-transferred' && isOnItsWay(state)) return 'call.wrong-state';
  return FITS[command].includes(state.kind) ? undefined : 'call.wrong-state';
}

/** One side is being handed on, or replaced: whom another transfer would be about is not settled. */
const isOnItsWay = (state: CallState): boolean =>
  state.kind === 'established' && (state.transfer ?? state.move ?? state.successor) !== undefined;

/** Whether an answer of the browser belongs to the re-offer it still owes one to. */
export const answersOpenOffer = (state: CallState, offerId: number): boolean =>
  'offers' in state && state.offers.open && state.offers.made - 1 === offerId;

/** Whether a side of the conversation holds it. */
export const isOnHold = (state: CallState): boolean =>
  state.kind === 'established' && isHeld(state);

export function involves(state: CallState, device: Device): boolean {
  if ('device' in state) return state.device === device;
  return 'devices' in state && state.devices.includes(device);
}

import type { CallEvent, CallState, Device, Step } from './call-types.ts';
import { go } from './steps.ts';

type Untaken = CallState & { readonly kind: 'reserving' | 'alerting' };

/** A new offer of the caller's before the answer, by UPDATE or PRACK (RFC 3311 §5.1, RFC 3262 §5). */
export function whenOfferedEarly(state: Untaken, event: CallEvent): Step | undefined {
  switch (event.kind) {
    case 'sip-reoffered':
      return offered(state, event.sdp);
    case 'ims-reoffer-taken':
      return go(offering(state, event.reoffer), {
        kind: 'send-reoffer-answer',
        sdp: event.imsAnswer,
      });
    case 'ims-reoffer-refused':
      return go(state, { kind: 'send-reoffer-refusal' });
    default:
      return undefined;
  }
}

/** Only who was described to the caller has something to answer with. */
function offered(state: Untaken, sdp: string | undefined): Step {
  const device = describing(state);
  if (device === undefined || sdp === undefined) return go(state, { kind: 'send-reoffer-refusal' });
  const isTold = state.kind === 'alerting';
  return go({ ...state, early: device }, { kind: 'take-early-offer', device, sdp, isTold });
}

/** Where the device described early has left, another takes its place with the caller. */
function describing(state: Untaken): Device | undefined {
  const { early, devices } = state;
  if (early === undefined || devices.includes(early)) return early;
  return state.kind === 'reserving' ? state.prepared[0]?.device : devices[0];
}

/** A device that was told nothing yet is offered at once what now fits. */
export function offering(state: Untaken, accessSdp: string | undefined): Untaken {
  if (state.kind === 'alerting' || accessSdp === undefined) return state;
  const { early, prepared } = state;
  return {
    ...state,
    prepared: prepared.map((it) => (it.device === early ? { ...it, accessSdp } : it)),
  };
}

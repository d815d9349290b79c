import type { CallEffect, CallEvent, CallState, Hold, Step } from './call-types.ts';
import { go, HELD, OPEN, stay } from './steps.ts';

type Established = CallState & { readonly kind: 'established' };

const NOBODY: Hold = { byUs: false, byThem: false, isAgreed: false, isOffering: false };
const holdOf = ({ hold = NOBODY }: Established): Hold => hold;

/** By whomever: nothing need come then. */
export const isHeld = (state: Established): boolean => holdOf(state).byUs || holdOf(state).byThem;

export const isHeldByUs = (state: Established): boolean => holdOf(state).byUs;

/** What may pass; what IMS takes is the media's own business. */
export const gateOf = (state: Established): CallEffect => ({
  ...{ kind: 'set-gate', device: state.device },
  gate: isHeldByUs(state) ? HELD : OPEN,
});

const told = ({ device, ...state }: Established): CallEffect => {
  const { byUs, byThem } = holdOf({ device, ...state });
  return { kind: 'notify', device, notice: { event: 'call.held', byUs, byThem } };
};

/** Our user holds and resumes at once; IMS is asked behind it. */
export function whenHolding(state: Established, event: CallEvent): Step {
  switch (event.kind) {
    case 'device-held':
      return isHeldByUs(state) ? stay(state) : offering(state, true);
    case 'device-resumed':
      return isHeldByUs(state) ? offering(state, false) : stay(state);
    case 'ims-offer-made':
      return go(state, { kind: 'send-offer', sdp: event.sdp });
    case 'sip-offer-answered': {
      const hold = { ...holdOf(state), isAgreed: isHeldByUs(state), isOffering: false };
      const { device } = state;
      return go({ ...state, hold }, { kind: 'take-ims-answer', device, sdp: event.sdp });
    }
    case 'sip-offer-refused':
      return refused(state);
    default:
      return stay(state);
  }
}

function offering(before: Established, byUs: boolean): Step {
  const state = { ...before, hold: { ...holdOf(before), byUs, isOffering: true } };
  return go(state, gateOf(state), told(state), again(state));
}

export const isOfferingToIms = (state: Established): boolean => holdOf(state).isOffering;

/** What our side wants now, whatever of it has changed. */
export function offerToIms(before: Established): Step {
  const state = { ...before, hold: { ...holdOf(before), isOffering: true } };
  return go(state, again(state));
}

const again = (state: Established): CallEffect => ({
  ...{ kind: 'make-ims-offer', device: state.device },
  isHeld: isHeldByUs(state),
});

/** A hold that IMS refuses still silences our side; a resumption that it refuses leaves the hold. */
function refused(before: Established): Step {
  const { byUs, isAgreed } = holdOf(before);
  const hold = { ...holdOf(before), byUs: byUs || isAgreed, isOffering: false };
  const state = { ...before, hold };
  return hold.byUs === byUs ? stay(state) : go(state, gateOf(state), told(state));
}

/** What IMS said of its own side. Where our offer has still to go, it is made anew by that. */
export function heldByThem(
  before: Established,
  byThem = false,
): { readonly state: Established; readonly effects: readonly CallEffect[] } {
  if (holdOf(before).byThem === byThem) return { state: before, effects: [] };
  const state = { ...before, hold: { ...holdOf(before), byThem } };
  return { state, effects: [told(state)] };
}

/** Theirs went first: ours says something else now (RFC 3264 §8.4). */
export const offerAgain = (state: Established): readonly CallEffect[] =>
  holdOf(state).isOffering ? [again(state)] : [];

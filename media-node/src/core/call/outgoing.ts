import { causeOfStatus, type ReleaseCause } from '@isthmus/shared/domain/release-cause';
import type { CallEffect, CallEvent, CallState, Step } from './call-types.ts';
import { go, LISTEN_ONLY, OPEN, release, reofferTo, stay } from './steps.ts';

/** Longer than any ring-back a caller will sit through; a proxy's Timer C is 3 min. */
export const NO_ANSWER_MS = 120_000;
/** ICE and DTLS have had the whole ringing time; what is not up by then is not coming. */
export const ACCESS_SETUP_MS = 15_000;
const NO_OFFERS = { made: 0, open: false } as const;

type In<Kind extends CallState['kind']> = CallState & { readonly kind: Kind };

export function whenPreparing(state: In<'preparing'>, event: CallEvent): Step {
  const { device, target } = state;
  switch (event.kind) {
    case 'media-prepared':
      return go(
        { kind: 'inviting', device, offers: NO_OFFERS, connected: false },
        { kind: 'grant-start', sdp: event.accessSdp },
        { kind: 'send-invite', target, sdp: event.imsOffer ?? '' },
        { kind: 'start-timer', timer: 'no-answer', ms: NO_ANSWER_MS },
      );
    case 'media-refused':
      return release(
        { cause: 'not-acceptable', devices: [] },
        { kind: 'refuse-start', code: event.code },
      );
    case 'device-hung-up':
    case 'device-left':
      return release(
        { cause: 'cancelled', devices: [device] },
        { kind: 'refuse-start', code: 'call.wrong-state' },
      );
    default:
      return stay(state);
  }
}

export function whenInviting(state: In<'inviting'>, event: CallEvent): Step {
  switch (event.kind) {
    case 'sip-progressed':
      return progressed(state, event.status, event.sdp);
    case 'sip-answered':
      return answered(state, event.sdp);
    case 'sip-rejected':
      return release({
        cause: causeOfStatus(event.status),
        devices: [state.device],
        sipStatus: event.status,
      });
    case 'sip-hung-up':
      return release({ cause: 'network-failure', devices: [state.device] });
    case 'device-hung-up':
    case 'device-left':
      return cancel(state, 'cancelled');
    case 'timer-fired':
      return cancel(state, event.timer === 'no-answer' ? 'no-answer' : 'media-lost');
    case 'media-failed':
    case 'consent-lost':
      return cancel(state, 'media-lost');
    default:
      return whileEarlyMedia(state, event);
  }
}

function whileEarlyMedia(state: In<'inviting'>, event: CallEvent): Step {
  const { device, offers } = state;
  switch (event.kind) {
    case 'ims-answer-taken': {
      const reoffer = reofferTo(device, offers, event.reoffer);
      return go({ ...state, offers: reoffer.offers }, ...reoffer.effects);
    }
    case 'device-answered':
      return go(
        { ...state, offers: { ...offers, open: false } },
        { kind: 'stop-timer', timer: 'reoffer' },
      );
    case 'media-connected':
      return go({ ...state, connected: true });
    // A provisional answer that cannot be used leaves the ringing as it is; the final one decides.
    default:
      return stay(state);
  }
}

function progressed(state: In<'inviting'>, status: number, sdp: string | undefined): Step {
  const { device } = state;
  if (sdp !== undefined) {
    return go(
      state,
      { kind: 'take-ims-answer', device, sdp },
      { kind: 'set-gate', device, gate: LISTEN_ONLY },
      { kind: 'notify', device, notice: { event: 'call.progress', state: 'early-media' } },
    );
  }
  if (status !== 180) return stay(state);
  return go(state, {
    kind: 'notify',
    device,
    notice: { event: 'call.progress', state: 'ringing' },
  });
}

function answered(state: In<'inviting'>, sdp: string): Step {
  const { device, offers, connected } = state;
  return go(
    { kind: 'established', device, offers, connected },
    { kind: 'stop-timer', timer: 'no-answer' },
    { kind: 'record-answer' },
    // The gate is set first: taking the answer shuts it again where a re-offer is needed.
    { kind: 'set-gate', device, gate: offers.open ? LISTEN_ONLY : OPEN },
    { kind: 'take-ims-answer', device, sdp },
    { kind: 'notify', device, notice: { event: 'call.answered' } },
    { kind: 'start-timer', timer: 'access-setup', ms: ACCESS_SETUP_MS },
  );
}

function cancel(state: In<'inviting'>, cause: ReleaseCause): Step {
  const { effects } = release({ cause, devices: [state.device] });
  const untilFinal = effects.filter((effect: CallEffect) => effect.kind !== 'finish');
  return go({ kind: 'cancelling', cause }, { kind: 'send-cancel' }, ...untilFinal, {
    kind: 'release-media',
    device: state.device,
  });
}

export function whenCancelling(state: In<'cancelling'>, event: CallEvent): Step {
  switch (event.kind) {
    // A CANCEL cannot recall a 200 already on its way (RFC 3261 §9.1): that dialog gets a BYE.
    case 'sip-answered':
      return release({ cause: state.cause, devices: [] }, { kind: 'send-bye' });
    case 'sip-rejected':
    case 'sip-hung-up':
      return release({ cause: state.cause, devices: [] });
    default:
      return stay(state);
  }
}

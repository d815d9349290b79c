import { causeOfStatus, type ReleaseCause } from '@isthmus/shared/domain/release-cause';
import type { CallEffect, CallEvent, CallState, Notice, Step } from './call-types.ts';
import { whenPath } from './path.ts';
import { whenPickedUp } from './picking-up.ts';
import { ACCESS_SETUP_MS, go, LISTEN_ONLY, OPEN, release, reofferTo, SHUT, stay } from './steps.ts';

/** Longer than any ring-back a caller will sit through; a proxy's Timer C is 3 min. */
export const NO_ANSWER_MS = 120_000;
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
        { cause: leavingCause(event), devices: [device] },
        { kind: 'refuse-start', code: 'call.wrong-state' },
      );
    default:
      return stay(state);
  }
}

export function whenInviting(state: In<'inviting'>, event: CallEvent): Step {
  return whenPickedUp(state, event) ?? whileRinging(state, event);
}

function whileRinging(state: In<'inviting'>, event: CallEvent): Step {
  switch (event.kind) {
    case 'sip-progressed':
      return progressed(state, event);
    case 'sip-answered':
      return answered(state, event.sdp);
    case 'sip-rejected':
      return release({
        cause: causeOfStatus(event.status, event.q850),
        devices: [state.device],
        sipStatus: event.status,
      });
    case 'sip-hung-up':
      return release({ cause: 'network-failure', devices: [state.device] });
    case 'device-hung-up':
    case 'device-left':
      return cancel(state, leavingCause(event));
    case 'timer-fired':
      return cancel(state, event.timer === 'no-answer' ? 'no-answer' : 'media-lost');
    case 'media-failed':
      return cancel(state, 'media-lost');
    default:
      return whenPath(state, event) ?? whileEarlyMedia(state, event);
  }
}

const leavingCause = (
  event: CallEvent & { readonly kind: 'device-hung-up' | 'device-left' },
): ReleaseCause => (event.kind === 'device-left' && event.cause) || 'cancelled';

function whileEarlyMedia(state: In<'inviting'>, event: CallEvent): Step {
  const { device, offers } = state;
  switch (event.kind) {
    case 'ims-answer-taken': {
      const reoffer = reofferTo(device, offers, event);
      return go({ ...state, offers: reoffer.offers }, ...reoffer.effects);
    }
    // An UPDATE before the answer (RFC 3311 §5.2).
    case 'sip-reoffered':
      return go(state, { kind: 'take-ims-reoffer', device, sdp: event.sdp });
    case 'ims-reoffer-taken': {
      const reoffer = reofferTo(device, offers, event);
      return go(
        { ...state, offers: reoffer.offers },
        { kind: 'send-reoffer-answer', sdp: event.imsAnswer },
        ...reoffer.effects,
      );
    }
    case 'ims-reoffer-refused':
      return go(state, { kind: 'send-reoffer-refusal' });
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

type Progressed = CallEvent & { readonly kind: 'sip-progressed' };

function progressed(state: In<'inviting'>, event: Progressed): Step {
  const { device } = state;
  const { sdp, earlyMedia } = event;
  const gate = earlyMedia === 'refused' ? SHUT : LISTEN_ONLY;
  const hearsEarlyMedia = hears(state, event);
  const notice = noticeOf(event, hearsEarlyMedia);
  return go(
    { ...state, hearsEarlyMedia },
    ...(sdp === undefined ? [] : [{ kind: 'take-ims-answer', device, sdp } as const]),
    ...(sdp === undefined && earlyMedia === undefined
      ? []
      : [{ kind: 'set-gate', device, gate } as const]),
    ...(notice ? [{ kind: 'notify', device, notice } as const] : []),
  );
}

/** What the far end plays is heard until the network forbids it (RFC 5009 §8, RFC 3960 §3.2). */
function hears({ hearsEarlyMedia }: In<'inviting'>, { earlyMedia, sdp }: Progressed): boolean {
  if (earlyMedia === 'refused') return false;
  return earlyMedia === 'authorized' || sdp !== undefined || hearsEarlyMedia === true;
}

/** A tone of the client's own only where nothing of the far end's is to be heard. */
function noticeOf({ status, sdp, earlyMedia }: Progressed, isHeard: boolean): Notice | undefined {
  const isNews = sdp !== undefined || earlyMedia !== undefined;
  if (isHeard && isNews)
    return { event: 'call.progress', state: 'early-media', localRingback: false };
  if (status !== 180) return undefined;
  return { event: 'call.progress', state: 'ringing', localRingback: !isHeard };
}

function answered(state: In<'inviting'>, sdp: string): Step {
  const { device, offers, connected, successor } = state;
  return go(
    { kind: 'established', device, offers, connected, ...(successor && { successor }) },
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

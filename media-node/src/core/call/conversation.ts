import { causeOfHangUp, type ReleaseCause } from '@isthmus/shared/domain/release-cause';
import type { CallEffect, CallEvent, CallState, CallTimer, Step } from './call-types.ts';
import { isDigit, whenDigit } from './digits.ts';
import { filmed, revertVideo, whenAcknowledged, whenFilming } from './filming.ts';
import { gateOf, heldByThem, isHeld, isHeldByUs, offerAgain, whenHolding } from './holding.ts';
import { parting, succeeded, whenMoving } from './moving.ts';
import { whenPath } from './path.ts';
import { go, release, reofferTo, stay } from './steps.ts';
import { whenTransferring } from './transferring.ts';

type Established = CallState & { readonly kind: 'established' };

export function whenEstablished(state: Established, event: CallEvent): Step {
  return (
    whenTransferring(state, event) ??
    whenMoving(state, event) ??
    whenPath(state, event) ??
    whenTalking(state, event)
  );
}

function whenTalking(state: Established, event: CallEvent): Step {
  switch (event.kind) {
    case 'device-hung-up':
      return hangUp(state, 'hung-up');
    case 'sip-hung-up':
      return release({ cause: causeOfHangUp(event.q850), devices: [state.device] });
    case 'device-left':
      return event.device === state.device ? hangUp(state, event.cause ?? 'hung-up') : stay(state);
    case 'media-failed':
      return event.device === state.device ? hangUp(state, 'media-lost') : stay(state);
    case 'ims-fell-silent':
      return isHeld(state) ? stay(state) : hangUp(state, 'media-lost');
    case 'ims-answer-refused':
      return hangUp(state, 'not-acceptable');
    case 'timer-fired':
      return timerFired(state, event.timer);
    case 'media-connected':
      return go({ ...state, connected: true }, { kind: 'stop-timer', timer: 'access-setup' });
    default:
      return whileNegotiating(state, event);
  }
}

function timerFired(state: Established, timer: CallTimer): Step {
  if (timer === 'transfer' || (timer === 'access-setup' && state.connected)) return stay(state);
  return hangUp(state, 'media-lost');
}

function whileNegotiating(state: Established, event: CallEvent): Step {
  const { device, offers } = state;
  switch (event.kind) {
    case 'ims-answer-taken':
      return taken(state, event);
    // Offerless INVITE: our 200 was the offer, the ACK brings the answer (RFC 3261 §13.2.2.4).
    case 'sip-acknowledged':
      return event.sdp === undefined
        ? whenAcknowledged(state)
        : go(state, { kind: 'take-ims-answer', device, sdp: event.sdp });
    case 'sip-reoffered':
      return go(state, { kind: 'take-ims-reoffer', device, sdp: event.sdp });
    case 'ims-reoffer-taken':
      return answering(state, event);
    case 'ims-reoffer-refused':
      return go(state, { kind: 'send-reoffer-refusal' });
    case 'device-answered': {
      const closed = { ...state, offers: { ...offers, open: false } };
      const more = whenFilming(closed, event) ?? stay(closed);
      const done: CallEffect = { kind: 'stop-timer', timer: 'reoffer' };
      return go(more.state, done, gateOf(state), ...more.effects);
    }
    case 'sip-offer-refused':
      return refused(state, event);
    default:
      if (isDigit(event)) return whenDigit(state, event);
      return whenFilming(state, event) ?? whenHolding(state, event);
  }
}

function refused(state: Established, event: CallEvent): Step {
  const { state: now, effects } = whenHolding(state, event);
  return go(now, ...effects, ...revertVideo(state));
}

/** Of the other side, or of whoever takes its place. */
function answering(before: Established, event: Taken & { readonly imsAnswer: string }): Step {
  const { imsAnswer: sdp } = event;
  if (!before.successor) return taken(before, event, { kind: 'send-reoffer-answer', sdp });
  const { effects, state } = succeeded(before, before.successor, sdp);
  return taken(state, event, ...effects);
}

type Taken = CallEvent & { readonly kind: 'ims-answer-taken' | 'ims-reoffer-taken' };

function taken(before: Established, event: Taken, ...first: readonly CallEffect[]): Step {
  const reoffer = reofferTo(before.device, before.offers, event);
  const state = { ...before, offers: reoffer.offers };
  const shut = reoffer.effects.length > 0 && isHeldByUs(state) ? [gateOf(state)] : [];
  const held = heldByThem(state, event.isHeld);
  const isTheirs = event.kind === 'ims-reoffer-taken';
  const pictures = filmed(held.state, event, isTheirs);
  const more = isTheirs ? offerAgain(state) : [];
  const told = [...held.effects, ...pictures.effects];
  return go(pictures.state, ...first, ...reoffer.effects, ...shut, ...told, ...more);
}

const hangUp = (state: Established, cause: ReleaseCause): Step =>
  release({ cause, devices: [state.device] }, ...parting(state));

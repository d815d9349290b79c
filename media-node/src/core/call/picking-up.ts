import type { CallEvent, CallState, Step } from './call-types.ts';
import { filmed } from './filming.ts';
import { heldByThem } from './holding.ts';
import { ACCESS_SETUP_MS, go, LISTEN_ONLY, OPEN, reofferTo } from './steps.ts';

type Inviting = CallState & { readonly kind: 'inviting' };
type Taken = CallEvent & { readonly kind: 'ims-reoffer-taken' };

const BUSY_ALREADY = 491;
const NOT_ACCEPTABLE = 488;

/** Somebody takes a call of ours where it rings at another (RFC 3891 §3). */
export function whenPickedUp(state: Inviting, event: CallEvent): Step | undefined {
  const { successor, ...ringing } = state;
  if (event.kind === 'ims-replaced') {
    if (successor) return go(state, { kind: 'refuse-successor', status: BUSY_ALREADY });
    const { device } = state;
    return go(
      { ...state, successor: event.from },
      { kind: 'take-ims-reoffer', device, sdp: event.sdp },
    );
  }
  if (!successor) return undefined;
  if (event.kind === 'ims-reoffer-taken') return pickedUp(ringing, successor, event);
  if (event.kind !== 'ims-reoffer-refused') return undefined;
  return go(ringing, { kind: 'refuse-successor', status: NOT_ACCEPTABLE });
}

/** He is answered, and where it rang it stops. */
function pickedUp(before: Inviting, by: NonNullable<Inviting['successor']>, taken: Taken): Step {
  const { device, connected } = before;
  const reoffer = reofferTo(device, before.offers, taken);
  const { offers } = reoffer;
  const held = heldByThem({ kind: 'established', device, offers, connected }, taken.isHeld);
  const pictures = filmed(held.state, taken, true);
  return go(
    pictures.state,
    { kind: 'answer-successor', sdp: taken.imsAnswer },
    { kind: 'become-next' },
    { kind: 'stop-timer', timer: 'no-answer' },
    { kind: 'record-answer' },
    { kind: 'set-gate', device, gate: before.offers.open ? LISTEN_ONLY : OPEN },
    { kind: 'notify', device, notice: { event: 'call.answered' } },
    { kind: 'notify', device, notice: { event: 'call.moved', to: by } },
    ...held.effects,
    ...pictures.effects,
    ...reoffer.effects,
    { kind: 'start-timer', timer: 'access-setup', ms: ACCESS_SETUP_MS },
  );
}

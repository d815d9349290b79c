import { causeOfStatus, type ReleaseCause, wordsFor } from '@isthmus/shared/domain/release-cause';
import type { CallEffect, CallEvent, Caller, CallState, Step } from './call-types.ts';
import { gateOf } from './holding.ts';
import { go, release, stay } from './steps.ts';

type Established = CallState & { readonly kind: 'established' };

/** Nobody lets it ring longer; whoever handed us on is still there to take us back. */
const MOVE_MS = 60_000;
const BUSY_ALREADY = 491;
const NO_ANSWER = 408;
const TERMINATED = 487;

/** Whom we talk to hands us on (RFC 3515), or is replaced by somebody else (RFC 3891). */
export function whenMoving(state: Established, event: CallEvent): Step | undefined {
  switch (event.kind) {
    case 'ims-referred':
      return referred(state, event);
    case 'next-progressed':
      return state.move ? progressed(state, state.move.to, event.status) : stay(state);
    case 'next-answered':
      return state.move ? answered(state, state.move.to, event.sdp) : stay(state);
    case 'next-rejected':
      return failed(state, event.status, causeOfStatus(event.status, event.q850));
    case 'timer-fired':
      if (event.timer !== 'transfer' || !state.move) return undefined;
      return failed(state, NO_ANSWER, 'no-answer', { kind: 'cancel-next' });
    // He need not wait for how it goes with us (RFC 5589 §6).
    case 'sip-hung-up':
      return state.move && go({ ...state, move: { ...state.move, isAlone: true } });
    default:
      return whenReplaced(state, event);
  }
}

/** What is to be said at the end of the call, whichever of its sides are there. */
export const parting = ({ move }: Established): readonly CallEffect[] => [
  ...(move
    ? [{ kind: 'cancel-next' } as const, { kind: 'tell-referrer', status: TERMINATED } as const]
    : []),
  ...(move?.isAlone ? [] : [{ kind: 'send-bye' } as const]),
];

type Referred = CallEvent & { readonly kind: 'ims-referred' };

function referred(state: Established, { target }: Referred): Step {
  const { device, move, transfer } = state;
  if (move || transfer) return go(state, { kind: 'refuse-referral', status: BUSY_ALREADY });
  const to = { uri: target };
  return go(
    { ...state, move: { to, isAlone: false } },
    { kind: 'accept-referral' },
    { kind: 'tell-referrer', status: 100 },
    moving(state, to, 'trying'),
    { kind: 'start-timer', timer: 'transfer', ms: MOVE_MS },
    { kind: 'call-next', device, target },
  );
}

function progressed(state: Established, to: Caller, status: number): Step {
  const told: CallEffect = { kind: 'tell-referrer', status };
  return status === 180 ? go(state, told, moving(state, to, 'ringing')) : go(state, told);
}

function answered(before: Established, to: Caller, sdp: string): Step {
  const { state, effects } = withNobodyHolding(before);
  const { device } = state;
  return go(
    state,
    { kind: 'stop-timer', timer: 'transfer' },
    { kind: 'tell-referrer', status: 200 },
    { kind: 'become-next' },
    ...effects,
    { kind: 'take-ims-answer', device, sdp },
    moved(state, to),
  );
}

function failed(
  before: Established,
  status: number,
  cause: ReleaseCause,
  ...first: readonly CallEffect[]
): Step {
  const { move, ...state } = before;
  if (!move) return stay(before);
  const told: readonly CallEffect[] = [
    ...first,
    { kind: 'stop-timer', timer: 'transfer' },
    { kind: 'tell-referrer', status },
  ];
  if (move.isAlone) return release({ cause, devices: [state.device] }, ...told);
  const after = go(state, ...told, moving(state, move.to, 'failed', wordsFor(cause)));
  // The offer to somebody else was one without a hold.
  if (!state.hold?.byUs) return after;
  const again: CallEffect = { kind: 'make-ims-offer', device: state.device, isHeld: true };
  return go({ ...state, hold: { ...state.hold, isOffering: true } }, ...after.effects, again);
}

/** Somebody takes the place of whom we talk to. */
function whenReplaced(state: Established, event: CallEvent): Step | undefined {
  if (event.kind === 'ims-replaced') {
    const { device, move, successor } = state;
    if (move || successor) return go(state, { kind: 'refuse-successor', status: BUSY_ALREADY });
    return go(
      { ...state, successor: event.from },
      { kind: 'take-ims-reoffer', device, sdp: event.sdp },
    );
  }
  if (event.kind !== 'ims-reoffer-refused' || !state.successor) return undefined;
  const { successor: _, ...former } = state;
  return go(former, { kind: 'refuse-successor', status: 488 });
}

/** Our media is ready for the successor: he is answered, and the former let go. */
export function succeeded(
  before: Established,
  successor: Caller,
  imsAnswer: string,
): { readonly state: Established; readonly effects: readonly CallEffect[] } {
  const { state, effects } = withNobodyHolding(before);
  return {
    state,
    effects: [
      { kind: 'answer-successor', sdp: imsAnswer },
      { kind: 'become-next' },
      ...effects,
      moved(state, successor),
    ],
  };
}

function withNobodyHolding(before: Established): {
  readonly state: Established;
  readonly effects: readonly CallEffect[];
} {
  const { hold, move: _, successor: __, transfer: ___, ...state } = before;
  const { device } = state;
  if (!hold?.byUs && !hold?.byThem) return { state, effects: [gateOf(state)] };
  const notice = { event: 'call.held', byUs: false, byThem: false } as const;
  return { state, effects: [gateOf(state), { kind: 'notify', device, notice }] };
}

const WORDS = { trying: 'being put through', ringing: 'ringing', failed: '' } as const;

const moving = (
  { device }: Established,
  to: Caller,
  state: keyof typeof WORDS,
  text: string = WORDS[state],
): CallEffect => ({
  ...{ kind: 'notify', device },
  notice: { event: 'call.moving', state, to, text },
});

const moved = ({ device }: Established, to: Caller): CallEffect => ({
  ...{ kind: 'notify', device },
  notice: { event: 'call.moved', to },
});

import { assertNever } from '@isthmus/shared/assert-never';
import { type ReleaseCause, wordsFor } from '@isthmus/shared/domain/release-cause';
import type { VideoWish } from '@isthmus/shared/wire/video';
import type { Candidate } from '../ports/peer-connection.ts';
import type { Tone } from '../ports/tones.ts';
import type { Command, Dialled } from './call-command.ts';
import { type Held, type HoldEvent, isSameHold, NOBODY, stepHold } from './holding.ts';
import type { PhoneErrorView } from './phone-error.ts';
import { causeOfRefusal } from './start-refusals.ts';

export interface CallEnd {
  readonly cause: ReleaseCause;
  readonly text: string;
  /** Of `answered-elsewhere`: the device that took the call, if it has a name. */
  readonly takenBy?: string;
}

export type CallState =
  /** Until the node has answered `call.start`; its events may overtake that answer. */
  | {
      readonly kind: 'dialling';
      readonly dialled: Dialled;
      readonly started: boolean;
      readonly candidates: readonly Candidate[];
      readonly held: readonly CallEvent[];
    }
  | { readonly kind: 'ringing'; readonly alerted: boolean }
  /** Until `call.ring` is on its way, candidates wait. */
  | {
      readonly kind: 'incoming';
      readonly warm: boolean;
      readonly wanted: boolean;
      readonly candidates: readonly Candidate[];
    }
  | { readonly kind: 'accepting' }
  /** `held` absent: nobody holds it. */
  | { readonly kind: 'active'; readonly held?: Held }
  | { readonly kind: 'ended'; readonly end: CallEnd };

export type CallEvent =
  | { readonly kind: 'offer-made'; readonly sdp: string }
  | { readonly kind: 'answer-made'; readonly sdp: string; readonly offerId?: number }
  | { readonly kind: 'granted'; readonly sdp: string }
  | { readonly kind: 'command-refused'; readonly action: string; readonly error: PhoneErrorView }
  | { readonly kind: 'candidate-found'; readonly candidate: Candidate }
  | { readonly kind: 'progressed'; readonly localRingback: boolean }
  | { readonly kind: 'answered' }
  | { readonly kind: 'reoffered'; readonly offerId: number; readonly sdp: string }
  | { readonly kind: 'ended-by-node'; readonly end: CallEnd }
  | { readonly kind: 'accept-asked' }
  | { readonly kind: 'microphone-joined'; readonly video?: boolean }
  | { readonly kind: 'video-asked'; readonly video: VideoWish }
  | { readonly kind: 'decline-asked'; readonly reason: 'declined' | 'busy' }
  | { readonly kind: 'hang-up-asked' }
  | { readonly kind: 'media-refused'; readonly error: PhoneErrorView }
  | HoldEvent
  | { readonly kind: 'session-lost' };

export type CallEffect =
  | { readonly kind: 'send'; readonly command: Command }
  | { readonly kind: 'take-answer'; readonly sdp: string }
  | { readonly kind: 'make-answer'; readonly sdp: string; readonly offerId: number }
  | { readonly kind: 'join-microphone' }
  /** Microphone and loudspeaker follow who holds; the user is told. */
  | { readonly kind: 'show-held'; readonly held: Held }
  | { readonly kind: 'play'; readonly tone: Tone }
  | { readonly kind: 'close-media' }
  | { readonly kind: 'alert'; readonly error: PhoneErrorView };

export interface CallStep {
  readonly state: CallState;
  readonly effects: readonly CallEffect[];
}

export const dialling = (dialled: Dialled): CallState => ({
  kind: 'dialling',
  dialled,
  started: false,
  candidates: [],
  held: [],
});

export const INCOMING: CallState = {
  kind: 'incoming',
  warm: false,
  wanted: false,
  candidates: [],
};

type In<Kind extends CallState['kind']> = CallState & { readonly kind: Kind };
type Live = Exclude<CallState, In<'ended'>>;

const go = (state: CallState, ...effects: readonly CallEffect[]): CallStep => ({ state, effects });
const send = (command: Command): CallEffect => ({ kind: 'send', command });
const play = (tone: Tone): CallEffect => ({ kind: 'play', tone });

export function stepCall(state: CallState, event: CallEvent): CallStep {
  if (state.kind === 'ended') return go(state);
  const ending = whenEnding(state, event);
  if (ending) return ending;
  switch (state.kind) {
    case 'dialling':
      return whenDialling(state, event);
    case 'ringing':
      return whenRinging(state, event);
    case 'incoming':
      return whenIncoming(state, event);
    case 'accepting':
    case 'active':
      return whenTalking(state, event);
    default:
      return assertNever(state);
  }
}

/** What ends a call ends it at once for its user, in every state; the node is told behind it. */
function whenEnding(state: Live, event: CallEvent): CallStep | undefined {
  switch (event.kind) {
    case 'ended-by-node':
      return end(event.end);
    case 'session-lost':
      return endFor('network-failure');
    case 'hang-up-asked':
      return hangUp(state);
    case 'decline-asked':
      if (state.kind !== 'incoming' && state.kind !== 'accepting') return undefined;
      return decline(event.reason);
    case 'media-refused':
      return withoutMedia(state, event.error);
    case 'command-refused':
      return refused(state, event);
    default:
      return undefined;
  }
}

function hangUp(state: Live): CallStep {
  if (state.kind === 'incoming') return decline('declined');
  const isToldToNode = state.kind !== 'dialling' || state.started;
  const cause = state.kind === 'dialling' || state.kind === 'ringing' ? 'cancelled' : 'hung-up';
  return endFor(cause, ...(isToldToNode ? [send({ action: 'call.hang-up' })] : []));
}

const decline = (reason: 'declined' | 'busy'): CallStep =>
  endFor(reason, send({ action: 'call.decline', reason }));

function withoutMedia(state: Live, error: PhoneErrorView): CallStep {
  const alert: CallEffect = { kind: 'alert', error };
  if (state.kind === 'incoming' || state.kind === 'accepting') {
    return endFor('declined', alert, send({ action: 'call.decline', reason: 'declined' }));
  }
  const isKnown = state.kind !== 'dialling' || state.started;
  const told = isKnown ? [send({ action: 'call.hang-up' })] : [];
  return endFor(isKnown ? 'media-lost' : 'cancelled', alert, ...told);
}

type Refused = CallEvent & { readonly kind: 'command-refused' };

/** A refused `call.start` or `call.accept` leaves no call; without the others it may go on. */
function refused(state: Live, { action, error }: Refused): CallStep {
  const alert: CallEffect = { kind: 'alert', error };
  if (action === 'call.start') return endFor(causeOfRefusal(error.code), alert);
  if (action === 'call.hold' || action === 'call.resume') {
    if (state.kind !== 'active') return go(state);
    const { state: now, effects } = whenHolding(state, { kind: 'hold-refused', action });
    return go(now, alert, ...effects);
  }
  if (action !== 'call.accept') return go(state);
  return endFor('network-failure', alert, send({ action: 'call.hang-up' }));
}

function whenDialling(state: In<'dialling'>, event: CallEvent): CallStep {
  switch (event.kind) {
    case 'offer-made': {
      const command = { action: 'call.start', ...state.dialled, sdp: event.sdp } as const;
      return go({ ...state, started: true }, send(command));
    }
    case 'candidate-found':
      return go({ ...state, candidates: [...state.candidates, event.candidate] });
    case 'granted':
      return replay(state, event.sdp);
    case 'progressed':
    case 'answered':
    case 'reoffered':
    case 'held':
      return go({ ...state, held: [...state.held, event] });
    default:
      return go(state);
  }
}

function replay({ candidates, held }: In<'dialling'>, sdp: string): CallStep {
  let state: CallState = { kind: 'ringing', alerted: false };
  const effects: CallEffect[] = [{ kind: 'take-answer', sdp }, ...trickle(candidates)];
  for (const event of held) {
    const next = stepCall(state, event);
    state = next.state;
    effects.push(...next.effects);
  }
  return { state, effects };
}

const trickle = (candidates: readonly Candidate[]): readonly CallEffect[] =>
  candidates.length === 0 ? [] : [send({ action: 'call.candidate', candidates })];

function whenRinging(state: In<'ringing'>, event: CallEvent): CallStep {
  switch (event.kind) {
    case 'progressed':
      // What the far end plays itself is not drowned in a tone of ours (RFC 3960 §3.2).
      return go({ ...state, alerted: true }, play(event.localRingback ? 'ringback' : 'none'));
    case 'answered':
      return go({ kind: 'active' }, play('none'));
    default:
      return onTransport(state, event);
  }
}

function whenIncoming(state: In<'incoming'>, event: CallEvent): CallStep {
  switch (event.kind) {
    case 'answer-made': {
      const ring = [send({ action: 'call.ring', sdp: event.sdp }), ...trickle(state.candidates)];
      if (state.wanted) return go({ kind: 'accepting' }, ...ring, { kind: 'join-microphone' });
      return go({ ...state, warm: true, candidates: [] }, ...ring);
    }
    case 'candidate-found':
      if (state.warm) return onTransport(state, event);
      return go({ ...state, candidates: [...state.candidates, event.candidate] });
    case 'accept-asked':
      if (!state.warm) return go({ ...state, wanted: true }, play('none'));
      return go({ kind: 'accepting' }, play('none'), { kind: 'join-microphone' });
    default:
      return go(state);
  }
}

function whenTalking(state: In<'accepting'> | In<'active'>, event: CallEvent): CallStep {
  if (state.kind === 'accepting') {
    if (event.kind === 'microphone-joined') return accept(state, event);
    if (event.kind === 'answered') return go({ kind: 'active' });
  }
  if (state.kind === 'active' && isHoldEvent(event)) return whenHolding(state, event);
  // Before it is active, offer and answer speak for the camera.
  if (state.kind === 'active' && event.kind === 'video-asked')
    return go(state, send({ action: 'call.video', video: event.video }));
  return onTransport(state, event);
}

const accept = (
  state: In<'accepting'>,
  { video }: CallEvent & { readonly kind: 'microphone-joined' },
): CallStep => go(state, send({ action: 'call.accept', ...(video !== undefined && { video }) }));

const isHoldEvent = (event: CallEvent): event is HoldEvent =>
  event.kind === 'hold-asked' || event.kind === 'resume-asked' || event.kind === 'held';

function whenHolding(state: In<'active'>, event: HoldEvent): CallStep {
  const before = heldIn(state);
  const { held, command } = stepHold(before, event);
  if (isSameHold(before, held)) return go(state);
  const told = command === undefined ? [] : [send(command)];
  return go({ ...state, held }, { kind: 'show-held', held }, ...told);
}

/** It has been asked for a way already. */
export const isKnownToNode = (state: CallState): boolean =>
  state.kind === 'incoming' ? state.warm : state.kind !== 'dialling' && state.kind !== 'ended';

export const heldIn = (state: CallState): Held =>
  state.kind === 'active' ? (state.held ?? NOBODY) : NOBODY;

function onTransport(state: Live, event: CallEvent): CallStep {
  switch (event.kind) {
    case 'candidate-found':
      return go(state, ...trickle([event.candidate]));
    case 'reoffered':
      return go(state, { kind: 'make-answer', sdp: event.sdp, offerId: event.offerId });
    case 'answer-made':
      if (event.offerId === undefined) return go(state);
      return go(state, send({ action: 'call.answer', offerId: event.offerId, sdp: event.sdp }));
    default:
      return go(state);
  }
}

const endFor = (cause: ReleaseCause, ...effects: readonly CallEffect[]): CallStep =>
  end({ cause, text: wordsFor(cause) }, ...effects);

const end = (how: CallEnd, ...effects: readonly CallEffect[]): CallStep =>
  go({ kind: 'ended', end: how }, play('none'), ...effects, { kind: 'close-media' });

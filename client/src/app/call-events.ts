import type { Event } from '@isthmus/shared/wire/events';
import type { CallEnd, CallEvent, CallState } from '../core/call-machine.ts';
import type { CallPhase } from './call.ts';

const PHASES: Readonly<Record<CallState['kind'], CallPhase>> = {
  dialling: 'calling',
  ringing: 'ringing',
  incoming: 'incoming',
  accepting: 'connecting',
  active: 'active',
  ended: 'ended',
};

export function phaseOf(state: CallState): CallPhase {
  if (state.kind === 'ringing' && !state.alerted) return 'calling';
  return PHASES[state.kind];
}

/** What an event of the node means to the call; nothing where it is not about one. */
export function callEventOf(event: Event): CallEvent | undefined {
  switch (event.event) {
    case 'call.progress':
      return {
        kind: 'progressed',
        localRingback: event.localRingback ?? event.state === 'ringing',
      };
    case 'call.answered':
      return { kind: 'answered' };
    case 'call.offer':
      return { kind: 'reoffered', offerId: event.offerId, sdp: event.sdp };
    case 'call.ended':
      return { kind: 'ended-by-node', end: endOf(event) };
    case 'call.held':
      return { kind: 'held', held: { byUs: event.byUs, byThem: event.byThem } };
    case 'call.video':
    case 'call.transfer':
    case 'call.moving':
    case 'call.moved':
    case 'call.dtmf':
    case 'call.path':
    case 'call.incoming':
    case 'message.incoming':
    case 'message.settled':
    case 'registration':
    case 'session.ended':
      return undefined;
  }
}

const endOf = ({ cause, text, takenBy }: Event & { readonly event: 'call.ended' }): CallEnd => ({
  cause,
  text,
  ...(takenBy !== undefined && { takenBy }),
});

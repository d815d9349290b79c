import { sessionId } from '@isthmus/shared/domain/ids';
import { idle, step } from '../../../../../media-node/src/core/call/call-machine.ts';
import type {
  CallEffect,
  CallEvent,
  CallState,
} from '../../../../../media-node/src/core/call/call-types.ts';

export interface Walk {
  readonly state: CallState;
  readonly effects: readonly CallEffect[];
  /** Effects of the last event alone. */
  readonly last: readonly CallEffect[];
}

/** Feeds a call one event after another. */
export function walkFrom(start: CallState, ...events: readonly CallEvent[]): Walk {
  return events.reduce<Walk>(
    ({ state, effects }, event) => {
      const next = step(state, event);
      return { state: next.state, effects: [...effects, ...next.effects], last: next.effects };
    },
    { state: start, effects: [], last: [] },
  );
}

export const walk = (...events: readonly CallEvent[]): Walk => walkFrom(idle, ...events);

export const device = sessionId('device-a');

/** `device` called, IMS answered, and both hear each other. */
export const TALKING = walk(
  { kind: 'device-called', device, target: 'sip:echo@d', sdp: 'offer' },
  { kind: 'media-prepared', device, accessSdp: 'answer', imsOffer: 'ims offer' },
  { kind: 'sip-answered', sdp: 'ims answer' },
  { kind: 'ims-answer-taken', isHeld: false },
  { kind: 'media-connected', device },
).state;

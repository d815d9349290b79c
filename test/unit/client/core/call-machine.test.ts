import {
  type CallEvent,
  type CallState,
  dialling,
  INCOMING,
  stepCall,
} from '../../../../client/src/core/call-machine.ts';

const error = { code: 'internal', message: 'm', retryable: false };
const ending = { cause: 'busy', text: 'busy' } as const;

const STATES: Readonly<Record<string, CallState>> = {
  dialling: dialling({ target: 'echo' }),
  started: { ...dialling({ target: 'echo' }), started: true } as CallState,
  ringing: { kind: 'ringing', alerted: true },
  incoming: INCOMING,
  warm: { kind: 'incoming', warm: true, wanted: false, candidates: [] },
  accepting: { kind: 'accepting' },
  active: { kind: 'active' },
  ended: { kind: 'ended', end: ending },
};

const EVENTS: readonly CallEvent[] = [
  { kind: 'offer-made', sdp: 'o' },
  { kind: 'answer-made', sdp: 'a' },
  { kind: 'answer-made', sdp: 'a', offerId: 1 },
  { kind: 'granted', sdp: 'g' },
  { kind: 'command-refused', action: 'call.start', error },
  { kind: 'command-refused', action: 'call.accept', error },
  { kind: 'command-refused', action: 'call.candidate', error },
  { kind: 'candidate-found', candidate: { candidate: 'c' } },
  { kind: 'progressed', localRingback: true },
  { kind: 'progressed', localRingback: false },
  { kind: 'answered' },
  { kind: 'reoffered', offerId: 1, sdp: 'r' },
  { kind: 'ended-by-node', end: ending },
  { kind: 'accept-asked' },
  { kind: 'microphone-joined' },
  { kind: 'decline-asked', reason: 'declined' },
  { kind: 'hang-up-asked' },
  { kind: 'media-refused', error },
  { kind: 'session-lost' },
];

const cells = Object.entries(STATES).flatMap(([name, state]) =>
  EVENTS.map((event) => ({ name, state, event, what: event.kind })),
);

describe('CLI-1: the call machine, cell by cell', () => {
  it.each(cells)('closes the media exactly when $name ends by $what', ({ state, event }) => {
    const step = stepCall(state, event);

    const hasEnded = state.kind !== 'ended' && step.state.kind === 'ended';
    const closings = step.effects.filter(({ kind }) => kind === 'close-media');
    expect(closings).toHaveLength(hasEnded ? 1 : 0);
  });

  it.each(EVENTS)('does nothing more once ended: $kind', (event) => {
    const state = STATES['ended'] as CallState;

    expect(stepCall(state, event)).toEqual({ state, effects: [] });
  });

  it.each(Object.entries(STATES).filter(([name]) => name !== 'ended'))(
    'ends %s when its user hangs up',
    (_name, state) => {
      expect(stepCall(state, { kind: 'hang-up-asked' }).state.kind).toBe('ended');
    },
  );

  it('tells the node nothing of a call it has never heard of', () => {
    const { effects } = stepCall(dialling({ target: 'echo' }), { kind: 'hang-up-asked' });

    expect(effects.filter(({ kind }) => kind === 'send')).toEqual([]);
  });

  it('goes on without a candidate the node refuses', () => {
    const refused = { kind: 'command-refused', action: 'call.candidate', error } as const;

    expect(stepCall({ kind: 'active' }, refused)).toEqual({
      state: { kind: 'active' },
      effects: [],
    });
  });
});

import {
  type SessionEvent,
  type SessionKey,
  type SessionState,
  stepSession,
} from '../../../../client/src/core/session-machine.ts';

const session: SessionKey = { sessionId: 's', resumeKey: 'k', iceServers: [] };
const lasting = { code: 'session.foreign', message: 'm', retryable: false };
const passing = { code: 'node.unavailable', message: 'm', retryable: true };
const credentials = { option: 'issued-token', token: 't' } as const;

const STATES: readonly SessionState[] = [
  { kind: 'logged-out' },
  { kind: 'connecting', credentials },
  { kind: 'proving' },
  { kind: 'registering' },
  { kind: 'live', session },
  { kind: 'attaching', session, attempt: 0, carried: true },
  { kind: 'attaching', session, attempt: 2, carried: false },
  { kind: 'waiting', session, attempt: 0 },
  { kind: 'leaving' },
];

const kindsOf = (state: SessionState, event: SessionEvent): readonly string[] => {
  const step = stepSession(state, event);
  return [step.state.kind, ...step.effects.map(({ kind }) => kind)];
};

describe('SES-8: the session machine', () => {
  it.each(STATES.slice(1))(
    'is out, with every socket closed, when the session ends: $kind',
    (it) => {
      expect(kindsOf(it, { kind: 'session-ended' })).toEqual([
        'logged-out',
        'stop-timer',
        'close-all',
        'announce',
      ]);
    },
  );

  it.each(STATES)('never keeps a user who asks to leave: $kind', (it) => {
    const { state } = stepSession(it, { kind: 'log-out-asked' });

    expect(['logged-out', 'leaving']).toContain(state.kind);
  });

  it.each<[string, SessionState, SessionEvent, readonly string[]]>([
    [
      'gives up a session that is not ours',
      { kind: 'attaching', session, attempt: 0, carried: false },
      { kind: 'refused', error: lasting, fraction: 1 },
      ['logged-out', 'stop-timer', 'close-all', 'announce', 'fail'],
    ],
    [
      'waits when the node is away for a moment',
      { kind: 'attaching', session, attempt: 0, carried: false },
      { kind: 'refused', error: passing, fraction: 1 },
      ['waiting', 'drop-next', 'announce', 'start-timer'],
    ],
    [
      'goes on by the new socket alone when the old one breaks meanwhile',
      { kind: 'attaching', session, attempt: 0, carried: true },
      { kind: 'current-closed', fraction: 1 },
      ['attaching', 'announce'],
    ],
    [
      'stays on the old socket when the new one fails',
      { kind: 'attaching', session, attempt: 0, carried: true },
      { kind: 'next-closed', fraction: 1 },
      ['live', 'drop-next', 'start-timer'],
    ],
    [
      'opens another socket in another network, and keeps the one it has meanwhile',
      { kind: 'live', session },
      { kind: 'network-changed' },
      ['attaching', 'open-next'],
    ],
    [
      'does not wait in another network for what failed in the one before',
      { kind: 'waiting', session, attempt: 3 },
      { kind: 'network-changed' },
      ['attaching', 'stop-timer', 'open-next'],
    ],
    [
      'ignores a late refusal',
      { kind: 'live', session },
      { kind: 'refused', error: lasting, fraction: 1 },
      ['live'],
    ],
    [
      'leaves although nobody answers',
      { kind: 'leaving' },
      { kind: 'refused', error: passing, fraction: 1 },
      ['logged-out', 'stop-timer', 'close-all', 'announce'],
    ],
  ])('%s', (_what, state, event, expected) => {
    expect(kindsOf(state, event)).toEqual(expected);
  });
});

import { impu } from '@isthmus/shared/domain/ids';
import { backoffMs, refreshMs } from '../../../../../media-node/src/core/registration/backoff.ts';
import {
  idleRegistration,
  stepRegistration,
} from '../../../../../media-node/src/core/registration/registration-machine.ts';
import type {
  RegisterResponse,
  RegistrationEvent,
  RegistrationState,
  Waiting,
} from '../../../../../media-node/src/core/registration/registration-types.ts';

const response = (status: number, more: Partial<RegisterResponse> = {}): RegisterResponse => ({
  kind: 'response-received',
  status,
  reason: 'Because',
  ...(status === 401 || status === 407 ? { challenge: 'new' } : {}),
  associated: [impu('sip:a@ims.test')],
  serviceRoute: ['<sip:s@ims.test;lr>'],
  gruus: {},
  ...more,
});

const none = { registrar: 0, proxy: 0, stale: 0, resync: 0 };
const made = { expiresS: 600_000, answered: none, failures: 0 };
const waiting: Waiting = {
  ...{ failures: 1, expiresS: 600_000, isBound: false, isFlowUp: true, holdOffMs: 0 },
  kind: 'waiting',
};
const STATES: Readonly<Record<string, RegistrationState>> = {
  idle: idleRegistration,
  offline: { kind: 'offline', failures: 0, expiresS: 600_000 },
  registering: { kind: 'registering', attempt: made, isBound: false },
  'registering again': { kind: 'registering', attempt: { ...made, failures: 1 }, isBound: false },
  'registering, answered all': {
    kind: 'registering',
    attempt: { ...made, answered: { registrar: 2, proxy: 2, stale: 3, resync: 1 } },
    isBound: false,
  },
  refreshing: { kind: 'registering', attempt: made, isBound: true },
  registered: { kind: 'registered', expiresS: 600_000 },
  waiting,
  'waiting, bound': { ...waiting, isBound: true, holdOffMs: 60_000 },
  'waiting, without flow': { ...waiting, isFlowUp: false },
  'moving at once': { ...waiting, elsewhereMs: 0 },
  'moving with patience': { ...waiting, isBound: true, elsewhereMs: 45_000 },
  withdrawing: { kind: 'withdrawing', isBound: false },
  'withdrawing, bound': { kind: 'withdrawing', isBound: true },
  deregistering: { kind: 'deregistering', answered: none },
  'deregistering, answered twice': { kind: 'deregistering', answered: { ...none, registrar: 2 } },
  ended: { kind: 'ended' },
};

const EVENTS: Readonly<Record<string, RegistrationEvent>> = {
  'register-wanted': { kind: 'register-wanted' },
  'deregister-wanted': { kind: 'deregister-wanted' },
  'flow-up': { kind: 'flow-up' },
  'flow-lost': { kind: 'flow-lost', reason: 'cut' },
  'no-other-proxy': { kind: 'no-other-proxy' },
  '200': response(200, { expiresS: 7200 }),
  '200 for nothing': response(200, { expiresS: 0 }),
  '305': response(305),
  '401': response(401),
  '401 stale': response(401, { challenge: 'stale' }),
  '401 resync': response(401, { challenge: 'resync' }),
  '401 of a stranger': response(401, { challenge: 'foreign' }),
  '403': response(403),
  '403 for a while': response(403, { retryAfterS: 10 }),
  '407': response(407),
  '423': response(423, { minExpiresS: 700_000 }),
  '423 without reason': response(423),
  '503': response(503, { retryAfterS: 3600 }),
  '504': response(504),
  '600 for a while': response(600, { retryAfterS: 10 }),
  '600': response(600),
  missed: { kind: 'response-missed' },
  shortened: { kind: 'expiry-shortened', expiresS: 60 },
  'shortened by nothing': { kind: 'expiry-shortened', expiresS: 600_000 },
  deactivated: { kind: 'terminated-by-network', cause: 'deactivated' },
  expired: { kind: 'terminated-by-network', cause: 'expired' },
  probation: { kind: 'terminated-by-network', cause: 'probation', retryAfterS: 7 },
  'probation of no length': { kind: 'terminated-by-network', cause: 'probation' },
  rejected: { kind: 'terminated-by-network', cause: 'rejected' },
  unregistered: { kind: 'terminated-by-network', cause: 'unregistered' },
  restoration: { kind: 'restoration-wanted' },
  strays: { kind: 'strays-found', strays: ['sip:dead@127.0.0.9'] },
  next: { kind: 'timer-fired', timer: 'next' },
  expiry: { kind: 'timer-fired', timer: 'expiry' },
  farewell: { kind: 'timer-fired', timer: 'farewell' },
};

const REFUSED = 'ended: report-refused';
const MOVES = 'waiting: start-timer use-next-proxy';
const GONE = 'ended: stop-timer report-end';
const UNREGISTERED = 'withdrawing: start-timer report-unregistered';
const ACCEPTED =
  'registered: use-service-route use-gruus report-registered start-timer start-timer';

/** What a final response to a first REGISTER leads to. */
const REGISTERING = {
  'deregister-wanted': 'withdrawing: start-timer',
  '200': ACCEPTED,
  '200 for nothing': MOVES,
  '305': MOVES,
  '401': 'registering: send-register',
  '401 stale': 'registering: send-register',
  '401 resync': 'registering: send-register',
  '401 of a stranger': REFUSED,
  '403': REFUSED,
  '403 for a while': REFUSED,
  '407': 'registering: send-register',
  '423': 'registering: send-register',
  '423 without reason': REFUSED,
  '503': MOVES,
  '504': MOVES,
  '600 for a while': MOVES,
  '600': REFUSED,
  missed: MOVES,
  deactivated: 'registering',
  expired: 'registering',
  probation: 'registering',
  'probation of no length': 'registering',
  rejected: UNREGISTERED,
  unregistered: UNREGISTERED,
};

const FAILURES = Object.keys(EVENTS).filter((it) => /^[3-6]\d\d/.test(it));
const all = (names: readonly string[], cell: string): Record<string, string> =>
  Object.fromEntries(names.map((name) => [name, cell]));

/** State reached and effects, by state and event; every cell that is absent changes nothing. */
const CELLS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  idle: { 'register-wanted': 'offline', 'deregister-wanted': 'ended: report-end' },
  offline: { 'flow-up': 'registering: send-register', 'deregister-wanted': 'ended: report-end' },
  registering: { ...REGISTERING, 'flow-lost': 'offline' },
  'registering again': { ...REGISTERING, 'flow-lost': 'waiting: start-timer' },
  'registering, answered all': {
    ...REGISTERING,
    'flow-lost': 'offline',
    ...all(['401', '401 stale', '401 resync', '407'], REFUSED),
  },
  refreshing: {
    ...REGISTERING,
    'flow-lost': 'offline: stop-timer report-lost',
    ...all(
      ['401 of a stranger', '403', '403 for a while', '423 without reason', '600'],
      'ended: stop-timer report-refused',
    ),
    ...all(['503', '600 for a while'], 'waiting: start-timer'),
    ...all(
      ['deactivated', 'expired', 'probation', 'probation of no length'],
      'registering: stop-timer report-lost',
    ),
    ...all(['rejected', 'unregistered'], 'withdrawing: stop-timer start-timer report-unregistered'),
    expiry: 'registering: report-lost',
  },
  registered: {
    'deregister-wanted': 'deregistering: stop-timer stop-timer start-timer send-register',
    'flow-lost': 'offline: stop-timer stop-timer report-lost',
    shortened: 'registered: start-timer start-timer',
    deactivated: 'registering: stop-timer stop-timer report-lost send-register',
    expired: 'registering: stop-timer stop-timer report-lost send-register',
    probation: 'waiting: stop-timer report-lost start-timer',
    'probation of no length': 'waiting: stop-timer report-lost start-timer',
    rejected: 'ended: stop-timer stop-timer report-unregistered report-end',
    unregistered: 'ended: stop-timer stop-timer report-unregistered report-end',
    restoration: 'registering: stop-timer stop-timer report-lost send-register',
    strays: 'registering: stop-timer send-register',
    next: 'registering: send-register',
    expiry: 'registering: stop-timer report-lost send-register',
  },
  waiting: {
    'deregister-wanted': 'ended: stop-timer report-end',
    'flow-lost': 'waiting',
    'flow-up': 'waiting',
    'no-other-proxy': 'waiting',
    rejected: 'ended: stop-timer report-unregistered report-end',
    unregistered: 'ended: stop-timer report-unregistered report-end',
    next: 'registering: send-register',
  },
  'waiting, bound': {
    'deregister-wanted': 'deregistering: stop-timer stop-timer start-timer send-register',
    'flow-lost': 'waiting: stop-timer report-lost',
    'flow-up': 'waiting',
    'no-other-proxy': 'waiting',
    ...all(
      ['deactivated', 'expired', 'probation', 'probation of no length'],
      'waiting: stop-timer report-lost',
    ),
    rejected: 'ended: stop-timer stop-timer report-unregistered report-end',
    unregistered: 'ended: stop-timer stop-timer report-unregistered report-end',
    next: 'registering: send-register',
    expiry: 'waiting: report-lost use-next-proxy',
  },
  'waiting, without flow': {
    'deregister-wanted': 'ended: stop-timer report-end',
    'flow-lost': 'waiting',
    'flow-up': 'waiting',
    'no-other-proxy': 'waiting',
    rejected: 'ended: stop-timer report-unregistered report-end',
    unregistered: 'ended: stop-timer report-unregistered report-end',
    next: 'offline',
  },
  'moving at once': {
    'deregister-wanted': 'ended: stop-timer report-end',
    'flow-lost': 'offline: stop-timer',
    'flow-up': 'waiting',
    'no-other-proxy': 'waiting',
    rejected: 'ended: stop-timer report-unregistered report-end',
    unregistered: 'ended: stop-timer report-unregistered report-end',
    next: 'registering: send-register',
  },
  'moving with patience': {
    'deregister-wanted': 'deregistering: stop-timer stop-timer start-timer send-register',
    'flow-lost': 'waiting: stop-timer report-lost start-timer',
    'flow-up': 'waiting',
    'no-other-proxy': 'waiting',
    ...all(
      ['deactivated', 'expired', 'probation', 'probation of no length'],
      'waiting: stop-timer report-lost',
    ),
    rejected: 'ended: stop-timer stop-timer report-unregistered report-end',
    unregistered: 'ended: stop-timer stop-timer report-unregistered report-end',
    next: 'registering: send-register',
    expiry: 'waiting: report-lost use-next-proxy',
  },
  withdrawing: {
    ...all(['200', '200 for nothing'], 'deregistering: use-service-route send-register'),
    ...all([...FAILURES, 'missed', 'flow-lost'], GONE),
    farewell: 'ended: report-end',
  },
  'withdrawing, bound': {
    ...all(['200', '200 for nothing'], 'deregistering: use-service-route send-register'),
    ...all([...FAILURES, 'missed'], 'deregistering: send-register'),
    'flow-lost': GONE,
    farewell: 'ended: report-end',
  },
  deregistering: {
    ...all(['200', '200 for nothing', ...FAILURES, 'missed', 'flow-lost'], GONE),
    ...all(['401', '401 stale', '401 resync', '407'], 'deregistering: send-register'),
    farewell: 'ended: report-end',
  },
  'deregistering, answered twice': {
    ...all(['200', '200 for nothing', ...FAILURES, 'missed', 'flow-lost'], GONE),
    ...all(['401 stale', '401 resync', '407'], 'deregistering: send-register'),
    farewell: 'ended: report-end',
  },
  ended: {},
};

const cells = Object.entries(STATES).flatMap(([stateName, state]) =>
  Object.entries(EVENTS).map(
    ([eventName, event]) =>
      [stateName, eventName, state, event, CELLS[stateName]?.[eventName]] as const,
  ),
);

describe('REG-5 to REG-8: the registration machine', () => {
  it.each(cells)('%s, on %s', (_state, _event, state, event, wanted) => {
    const after = stepRegistration(state, event, 0.5);

    if (wanted === undefined) {
      expect(after).toEqual({ state, effects: [] });
      return;
    }
    const effects = after.effects.map(({ kind }) => kind).join(' ');
    expect([after.state.kind, effects].filter((it) => it !== '').join(': ')).toBe(wanted);
  });

  it('asks for 600000 s at first and for what a 423 demands afterwards', () => {
    const first = stepRegistration(STATES['offline'] as RegistrationState, { kind: 'flow-up' }, 0);
    expect(first.effects).toEqual([
      { kind: 'send-register', expiresS: 600_000, authorization: 'fresh' },
    ]);

    const again = stepRegistration(first.state, response(423, { minExpiresS: 700_000 }), 0);
    expect(again.effects).toEqual([
      { kind: 'send-register', expiresS: 700_000, authorization: 'fresh' },
    ]);
  });

  it('does not return before Retry-After, nor before its own back-off', () => {
    const registering = STATES['registering'] as RegistrationState;
    const told = stepRegistration(registering, response(503, { retryAfterS: 3600 }), 0);
    expect(told.effects).toContainEqual({ kind: 'start-timer', timer: 'next', ms: 3_600_000 });
    expect(told.effects).toContainEqual({
      ...{ kind: 'use-next-proxy', holdOffMs: 3_600_000, rediscover: false },
    });

    const brief = stepRegistration(registering, response(503, { retryAfterS: 1 }), 1);
    expect(brief.effects).toContainEqual({ kind: 'start-timer', timer: 'next', ms: 60_000 });
  });
});

describe('REG-8: when to come again', () => {
  it.each([
    [600_000, 599_400_000],
    [1201, 601_000],
    [1200, 600_000],
    [60, 30_000],
  ])('of %d s the refresh is due after %d ms', (expiresS, ms) => {
    expect(refreshMs(expiresS)).toBe(ms);
  });

  it.each([
    [1, false, 0, 30_000],
    [1, false, 1, 60_000],
    [3, false, 1, 240_000],
    [6, false, 1, 1_800_000],
    [50, false, 0, 900_000],
    [1, true, 1, 180_000],
    [5, true, 0, 900_000],
  ])('after %d failures (bound: %s) with chance %d the back-off is %d ms', (...given) => {
    const [count, isBound, chance, ms] = given;
    expect(backoffMs({ count, isBound }, chance)).toBe(ms);
  });
});

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
} from '../../../../../media-node/src/core/registration/registration-types.ts';

const response = (status: number, more: Partial<RegisterResponse> = {}): RegisterResponse => ({
  kind: 'response-received',
  status,
  reason: 'Because',
  isAnswerable: true,
  associated: [impu('sip:a@ims.test')],
  serviceRoute: ['<sip:s@ims.test;lr>'],
  ...more,
});

const made = { expiresS: 600_000, answered: 0, failures: 0 };
const STATES: Readonly<Record<string, RegistrationState>> = {
  idle: idleRegistration,
  offline: { kind: 'offline', failures: 0, expiresS: 600_000 },
  registering: { kind: 'registering', attempt: made, isRefresh: false },
  refreshing: { kind: 'registering', attempt: made, isRefresh: true },
  'registering, answered twice': {
    kind: 'registering',
    attempt: { ...made, answered: 2 },
    isRefresh: false,
  },
  registered: { kind: 'registered', expiresS: 600_000 },
  waiting: { kind: 'waiting', failures: 1, expiresS: 600_000 },
  withdrawing: { kind: 'withdrawing' },
  deregistering: { kind: 'deregistering', answered: 0 },
  'deregistering, answered twice': { kind: 'deregistering', answered: 2 },
  ended: { kind: 'ended' },
};

const EVENTS: Readonly<Record<string, RegistrationEvent>> = {
  'register-wanted': { kind: 'register-wanted' },
  'deregister-wanted': { kind: 'deregister-wanted' },
  'flow-up': { kind: 'flow-up' },
  'flow-lost': { kind: 'flow-lost', reason: 'cut' },
  '200': response(200, { expiresS: 7200 }),
  '401': response(401),
  '401 of a stranger': response(401, { isAnswerable: false }),
  '403': response(403),
  '423': response(423, { minExpiresS: 700_000 }),
  '423 without reason': response(423),
  '503': response(503, { retryAfterS: 3600 }),
  '504': response(504),
  missed: { kind: 'response-missed' },
  next: { kind: 'timer-fired', timer: 'next' },
  farewell: { kind: 'timer-fired', timer: 'farewell' },
};

/** State reached and effects, by state and event; every cell that is absent changes nothing. */
const CELLS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  idle: { 'register-wanted': 'offline', 'deregister-wanted': 'ended: report-end' },
  offline: { 'flow-up': 'registering: send-register', 'deregister-wanted': 'ended: report-end' },
  registering: {
    'deregister-wanted': 'withdrawing: start-timer',
    'flow-lost': 'offline',
    '200': 'registered: use-service-route report-registered start-timer',
    '401': 'registering: send-register',
    '401 of a stranger': 'ended: report-refused',
    '403': 'ended: report-refused',
    '423': 'registering: send-register',
    '423 without reason': 'ended: report-refused',
    '503': 'waiting: start-timer',
    '504': 'waiting: start-timer',
    missed: 'waiting: start-timer',
  },
  refreshing: {
    'deregister-wanted': 'withdrawing: start-timer',
    'flow-lost': 'offline: report-lost',
    '200': 'registered: use-service-route report-registered start-timer',
    '401': 'registering: send-register',
    '401 of a stranger': 'ended: report-refused',
    '403': 'ended: report-refused',
    '423': 'registering: send-register',
    '423 without reason': 'ended: report-refused',
    '503': 'waiting: report-lost start-timer',
    '504': 'waiting: report-lost start-timer',
    missed: 'waiting: report-lost start-timer',
  },
  'registering, answered twice': {
    'deregister-wanted': 'withdrawing: start-timer',
    'flow-lost': 'offline',
    '200': 'registered: use-service-route report-registered start-timer',
    '401': 'ended: report-refused',
    '401 of a stranger': 'ended: report-refused',
    '403': 'ended: report-refused',
    '423': 'registering: send-register',
    '423 without reason': 'ended: report-refused',
    '503': 'waiting: start-timer',
    '504': 'waiting: start-timer',
    missed: 'waiting: start-timer',
  },
  registered: {
    'deregister-wanted': 'deregistering: stop-timer start-timer send-register',
    'flow-lost': 'offline: stop-timer report-lost',
    next: 'registering: send-register',
  },
  waiting: {
    'deregister-wanted': 'ended: stop-timer report-end',
    'flow-lost': 'offline: stop-timer',
    next: 'registering: send-register',
  },
  withdrawing: {
    '200': 'deregistering: use-service-route send-register',
    '401': 'ended: stop-timer report-end',
    '401 of a stranger': 'ended: stop-timer report-end',
    '403': 'ended: stop-timer report-end',
    '423': 'ended: stop-timer report-end',
    '423 without reason': 'ended: stop-timer report-end',
    '503': 'ended: stop-timer report-end',
    '504': 'ended: stop-timer report-end',
    missed: 'ended: stop-timer report-end',
    'flow-lost': 'ended: stop-timer report-end',
    farewell: 'ended: report-end',
  },
  deregistering: {
    '200': 'ended: stop-timer report-end',
    '401': 'deregistering: send-register',
    '401 of a stranger': 'ended: stop-timer report-end',
    '403': 'ended: stop-timer report-end',
    '423': 'ended: stop-timer report-end',
    '423 without reason': 'ended: stop-timer report-end',
    '503': 'ended: stop-timer report-end',
    '504': 'ended: stop-timer report-end',
    missed: 'ended: stop-timer report-end',
    'flow-lost': 'ended: stop-timer report-end',
    farewell: 'ended: report-end',
  },
  'deregistering, answered twice': {
    '200': 'ended: stop-timer report-end',
    '401': 'ended: stop-timer report-end',
    '401 of a stranger': 'ended: stop-timer report-end',
    '403': 'ended: stop-timer report-end',
    '423': 'ended: stop-timer report-end',
    '423 without reason': 'ended: stop-timer report-end',
    '503': 'ended: stop-timer report-end',
    '504': 'ended: stop-timer report-end',
    missed: 'ended: stop-timer report-end',
    'flow-lost': 'ended: stop-timer report-end',
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

    const brief = stepRegistration(registering, response(503, { retryAfterS: 1 }), 1);
    expect(brief.effects).toContainEqual({ kind: 'start-timer', timer: 'next', ms: 30_000 });
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
    [1, 0, 15_000],
    [1, 1, 30_000],
    [2, 1, 60_000],
    [7, 1, 1_800_000],
    [50, 0, 900_000],
  ])('after %d failures with chance %d the back-off is %d ms', (failures, chance, ms) => {
    expect(backoffMs(failures, chance)).toBe(ms);
  });
});

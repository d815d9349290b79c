import type { SessionPolicy } from '../../media-node/src/core/session/session-policy.ts';
import {
  agreedByAnswer,
  answerToAsker,
  askingHeaders,
  noSessionTimer,
  parseMinSe,
  parseSessionExpires,
  type SessionTimerEvent,
  type SessionTimerState,
  stepSessionTimer,
} from '../../media-node/src/core/session/session-timer.ts';

const POLICY: SessionPolicy = {
  expiresS: 1800,
  minExpiresS: 90,
  preconditions: 'supported',
  earlyMedia: 'unless-refused',
  dtmf: 'rtp',
  redirects: 0,
  referNews: true,
  t1Ms: 500,
};
const request = (facts: Partial<Parameters<typeof answerToAsker>[0]> = {}) => ({
  sessionExpires: undefined,
  minSe: undefined,
  supported: ['timer'],
  ...facts,
});

const ON: SessionTimerState = { kind: 'on', intervalS: 1800, refresher: 'us' };

describe('RFC 4028 §7 – SES-3: what we ask for', () => {
  it('is the tenant’s length and least', () => {
    expect(askingHeaders(POLICY)).toEqual(['Session-Expires: 1800', 'Min-SE: 90']);
  });

  it('is nothing where the tenant wants none', () => {
    expect(askingHeaders({ ...POLICY, expiresS: 0 })).toEqual([]);
  });

  it('§7.3: rises to what a 422 taught', () => {
    expect(askingHeaders({ ...POLICY, expiresS: 600 }, { minS: 900 })).toEqual([
      'Session-Expires: 900',
      'Min-SE: 900',
    ]);
  });

  it.each([
    ['us', 'uac'],
    ['peer', 'uas'],
  ] as const)('§7.4: keeps the refresher, %s, in a later request', (refresher, parameter) => {
    expect(askingHeaders(POLICY, { refresher })[0]).toBe(
      `Session-Expires: 1800;refresher=${parameter}`,
    );
  });
});

describe('RFC 4028 §7.2 – what an answer agrees to', () => {
  it.each([
    ['900;refresher=uac', { intervalS: 900, refresher: 'us' }],
    ['900;refresher=uas', { intervalS: 900, refresher: 'peer' }],
    ['900 ; Refresher=UAS', { intervalS: 900, refresher: 'peer' }],
    ['900', { intervalS: 900, refresher: 'us' }],
    ['5;refresher=uac', { intervalS: 90, refresher: 'us' }],
    [undefined, undefined],
    ['soon', undefined],
  ])('%p', (sessionExpires, agreed) => {
    expect(agreedByAnswer(request({ sessionExpires }))).toEqual(agreed);
  });
});

describe('RFC 4028 §9, table 2 – how a caller is answered', () => {
  it.each([
    [['timer'], '1800', 'uac', 'peer'],
    [['timer'], '1800;refresher=uac', 'uac', 'peer'],
    [['timer'], '1800;refresher=uas', 'uas', 'us'],
    [[], '1800', 'uas', 'us'],
  ] as const)('supported %p, %s → refresher %s', (supported, sessionExpires, role, refresher) => {
    const answer = answerToAsker(request({ supported, sessionExpires }), POLICY);

    expect(answer).toEqual({
      kind: 'agreed',
      agreed: { intervalS: 1800, refresher },
      headers: [
        `Session-Expires: 1800;refresher=${role}`,
        ...(role === 'uac' ? ['Require: timer'] : []),
      ],
    });
  });

  it('asks of a caller that can and did not', () => {
    expect(answerToAsker(request(), POLICY)).toMatchObject({
      kind: 'agreed',
      agreed: { intervalS: 1800, refresher: 'peer' },
    });
  });

  it('does without where the caller has none of it, or the tenant wants none', () => {
    expect(answerToAsker(request({ supported: [] }), POLICY)).toEqual({ kind: 'none' });
    expect(answerToAsker(request(), { ...POLICY, expiresS: 0 })).toEqual({ kind: 'none' });
  });

  it('grants a caller’s wish where the tenant has none of its own', () => {
    const asked = request({ sessionExpires: '600' });

    expect(answerToAsker(asked, { ...POLICY, expiresS: 0 })).toMatchObject({
      agreed: { intervalS: 600 },
    });
  });

  it('shortens what is longer than the tenant’s, never below the caller’s Min-SE', () => {
    const asked = request({ sessionExpires: '3600' });

    expect(answerToAsker(asked, POLICY)).toMatchObject({ agreed: { intervalS: 1800 } });
    expect(answerToAsker({ ...asked, minSe: '2400' }, POLICY)).toMatchObject({
      agreed: { intervalS: 2400 },
    });
  });

  it('§8: refuses what is too short with the least it grants, unless the caller knows no 422', () => {
    const asked = request({ sessionExpires: '60' });

    expect(answerToAsker(asked, { ...POLICY, minExpiresS: 120 })).toEqual({
      kind: 'too-short',
      headers: ['Min-SE: 120'],
    });
    expect(answerToAsker({ ...asked, supported: [] }, POLICY)).toMatchObject({
      kind: 'agreed',
      agreed: { intervalS: 90, refresher: 'us' },
    });
  });
});

describe('RFC 4028 §10 – keeping a session and letting it go', () => {
  const timers = (event: SessionTimerEvent, state = noSessionTimer): string[] =>
    stepSessionTimer(state, event).effects.map((it) =>
      it.kind === 'start-timer'
        ? `start ${it.timer} ${String(it.ms)}`
        : [it.kind, 'timer' in it ? it.timer : ''].join(' ').trim(),
    );

  it('the refresher refreshes at half, and hangs up 32 s before the end', () => {
    const agreed = { intervalS: 1800, refresher: 'us' } as const;

    expect(timers({ kind: 'negotiated', agreed })).toEqual([
      'start expiry 1768000',
      'start refresh 900000',
    ]);
  });

  it('who waits for the peer hangs up a third before the end of a short session', () => {
    const agreed = { intervalS: 90, refresher: 'peer' } as const;

    expect(timers({ kind: 'negotiated', agreed })).toEqual([
      'start expiry 60000',
      'stop-timer refresh',
    ]);
  });

  it('refreshes when it is time and waits for the answer', () => {
    const { state, effects } = stepSessionTimer(ON, { kind: 'timer-fired', timer: 'refresh' });

    expect(effects).toEqual([{ kind: 'send-refresh' }]);
    expect(state).toEqual(ON);
  });

  it('hangs up when nobody refreshed', () => {
    const { state, effects } = stepSessionTimer(ON, { kind: 'timer-fired', timer: 'expiry' });

    expect(effects.at(-1)).toEqual({ kind: 'hang-up' });
    expect(state).toEqual(noSessionTimer);
  });

  it.each([
    [408, true],
    [481, true],
    [488, false],
    [503, false],
  ])('a refresh refused with %i ends the call: %s', (status, hangsUp) => {
    const { effects } = stepSessionTimer(ON, { kind: 'refresh-refused', status });

    expect(effects.some(({ kind }) => kind === 'hang-up')).toBe(hangsUp);
  });

  it.each([{ kind: 'negotiated', agreed: undefined }, { kind: 'ended' }] as const)(
    'stops all timers on %p',
    (event) => {
      expect(timers(event, ON)).toEqual(['stop-timer refresh', 'stop-timer expiry']);
      expect(stepSessionTimer(ON, event).state).toEqual(noSessionTimer);
    },
  );

  it.each([
    { kind: 'timer-fired', timer: 'expiry' },
    { kind: 'timer-fired', timer: 'refresh' },
    { kind: 'refresh-refused', status: 481 },
  ] as const)('without a timer %p does nothing', (event) => {
    expect(stepSessionTimer(noSessionTimer, event)).toEqual({ state: noSessionTimer, effects: [] });
  });
});

describe('RFC 4028 §4, §5 – the headers', () => {
  it.each([
    ['1800', { intervalS: 1800, refresher: undefined }],
    ['1800;foo=bar;refresher=uas', { intervalS: 1800, refresher: 'uas' }],
    ['', undefined],
    ['1800x', undefined],
    ['99999999999', undefined],
  ])('Session-Expires: %p', (text, expected) => {
    expect(parseSessionExpires(text)).toEqual(expected);
  });

  it.each([
    [undefined, 90],
    ['30', 90],
    ['300;x', 300],
    ['nonsense', 90],
  ])('Min-SE: %p is %i', (text, seconds) => {
    expect(parseMinSe(text)).toBe(seconds);
  });
});

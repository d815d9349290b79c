import { impu } from '@isthmus/shared/domain/ids';
import {
  idleRegistration,
  stepRegistration,
} from '../../media-node/src/core/registration/registration-machine.ts';
import type {
  RegisterResponse,
  RegistrationEffect,
  RegistrationEvent,
  RegistrationState,
  TerminationCause,
} from '../../media-node/src/core/registration/registration-types.ts';

/** The upper end of every delay. */
const CHANCE = 1;

/** The machine, walked from its beginning by what happens to it. */
class Walk {
  #state: RegistrationState = idleRegistration;
  readonly effects: RegistrationEffect[] = [];

  on(...events: readonly RegistrationEvent[]): this {
    for (const event of events) {
      const { effects, state } = stepRegistration(this.#state, event, CHANCE);
      this.#state = state;
      this.effects.push(...effects);
    }
    return this;
  }

  get state(): RegistrationState['kind'] {
    return this.#state.kind;
  }

  of<K extends RegistrationEffect['kind']>(kind: K) {
    return this.effects.filter(
      (it): it is Extract<RegistrationEffect, { kind: K }> => it.kind === kind,
    );
  }

  get requested(): readonly number[] {
    return this.of('send-register').map(({ expiresS }) => expiresS);
  }

  /** Of the timer that was started last. */
  waitMs(timer: 'next' | 'expiry' = 'next'): number | undefined {
    return this.of('start-timer').findLast((it) => it.timer === timer)?.ms;
  }
}

const response = (status: number, more: Partial<RegisterResponse> = {}): RegisterResponse => ({
  ...{ kind: 'response-received', status, reason: '' },
  ...{ associated: [], serviceRoute: [], gruus: {} },
  ...(status === 401 || status === 407 ? { challenge: 'new' } : {}),
  ...more,
});
const next: RegistrationEvent = { kind: 'timer-fired', timer: 'next' };
const expiry: RegistrationEvent = { kind: 'timer-fired', timer: 'expiry' };
const flowUp: RegistrationEvent = { kind: 'flow-up' };
const moved: readonly RegistrationEvent[] = [{ kind: 'flow-lost', reason: 'moved' }, flowUp];
const registering = (): Walk => new Walk().on({ kind: 'register-wanted' }, flowUp);
const registered = (expiresS = 7_200): Walk => registering().on(response(200, { expiresS }));
const refreshing = (): Walk => registered().on(next);

describe('REG-5: 3GPP TS 24.229 §5.1.1.2.1 – initial registration', () => {
  it('asks for 600 000 s', () => {
    expect(registering().requested).toEqual([600_000]);
  });

  it('sends no second REGISTER before the first has an answer', () => {
    const walk = registering().on(flowUp, { kind: 'register-wanted' }, next);
    expect(walk.requested).toHaveLength(1);
  });
});

describe('REG-7: 3GPP TS 24.229 §5.1.1.2.1 – a 200 (OK)', () => {
  it('its Service-Route, GRUUs and identities are taken, in their order', () => {
    const walk = registering().on(
      response(200, {
        expiresS: 3_600,
        serviceRoute: ['<sip:s@ims.test;lr>'],
        gruus: { public: 'sip:a@ims.test;gr=1' },
        associated: [impu('sip:b@ims.test'), impu('sip:a@ims.test')],
      }),
    );

    expect(walk.of('use-service-route')).toMatchObject([{ route: ['<sip:s@ims.test;lr>'] }]);
    expect(walk.of('use-gruus')).toMatchObject([{ gruus: { public: 'sip:a@ims.test;gr=1' } }]);
    expect(walk.of('report-registered')).toMatchObject([
      { associated: ['sip:b@ims.test', 'sip:a@ims.test'] },
    ]);
    expect(walk.waitMs('expiry')).toBe(3_600_000);
  });
});

describe('REG-8: 3GPP TS 24.229 §5.1.1.2.1 – other final responses', () => {
  it('423: comes again at once, with Min-Expires (TS 34.229-1 9.2)', () => {
    const walk = registering().on(response(423, { minExpiresS: 800_000 }));
    expect(walk.requested).toEqual([600_000, 800_000]);
  });

  it.each([undefined, 600_000, 60])(
    '423 with Min-Expires %s, which it met: stops',
    (minExpiresS) => {
      const walk = registering().on(
        response(423, minExpiresS === undefined ? {} : { minExpiresS }),
      );
      expect(walk.state).toBe('ended');
    },
  );

  it('305: finds its P-CSCF anew, and registers there', () => {
    const walk = registering().on(response(305));
    expect(walk.of('use-next-proxy')).toMatchObject([{ rediscover: true }]);
    expect(walk.on(...moved).requested).toHaveLength(2);
  });

  it.each([402, 403, 404, 405, 416, 420, 481, 501, 505, 513, 600, 603, 604])(
    '%d: stops and says so, and nothing brings it back',
    (status) => {
      const walk = registering().on(response(status), next, ...moved, {
        kind: 'register-wanted',
      });
      expect(walk.of('report-refused')).toMatchObject([{ status }]);
      expect(walk.requested).toHaveLength(1);
    },
  );

  it.each([408, 480, 500, 503, 504])('%d: another P-CSCF first, and at once', (status) => {
    const walk = registering().on(response(status));
    expect(walk.of('use-next-proxy')).toMatchObject([{ holdOffMs: 0, rediscover: false }]);
    expect(walk.on(...moved).requested).toHaveLength(2);
  });

  it('timer F: as a 408', () => {
    const walk = registering().on({ kind: 'response-missed' }, ...moved);
    expect(walk.requested).toHaveLength(2);
  });

  it('after the first failure waits no more than five minutes where there is no other', () => {
    const walk = registering().on(response(504), { kind: 'no-other-proxy' });
    expect(walk.waitMs()).toBeLessThanOrEqual(300_000);
    expect(walk.on(next).requested).toHaveLength(2);
  });

  it('from the second failure on waits as RFC 5626 §4.5 says, wherever it goes', () => {
    const walk = registering();
    const waits: (number | undefined)[] = [];
    for (let failures = 1; failures <= 7; failures++) {
      walk.on(response(504), ...moved);
      if (failures === 1) continue;
      waits.push(walk.waitMs());
      expect(walk.requested).toHaveLength(failures);
      walk.on(next);
    }
    expect(waits).toEqual([120_000, 240_000, 480_000, 960_000, 1_800_000, 1_800_000]);
  });

  it.each([408, 480, 486, 500, 503, 600, 603])(
    '%d with Retry-After: nothing to that P-CSCF before it has elapsed (TS 34.229-1 10.1)',
    (status) => {
      const walk = registering().on(response(status, { retryAfterS: 3_600 }));
      expect(walk.of('use-next-proxy')).toMatchObject([{ holdOffMs: 3_600_000 }]);
      walk.on({ kind: 'no-other-proxy' });
      expect(walk.requested).toHaveLength(1);
      expect(walk.waitMs()).toBe(3_600_000);
    },
  );

  it('a 2xx that grants nothing is no registration', () => {
    expect(registering().on(response(200, { expiresS: 0 })).state).toBe('waiting');
  });
});

describe('REG-6: 3GPP TS 24.229 §5.1.1.5 – authentication (TS 34.229-1 8.1)', () => {
  const answers = (walk: Walk): number =>
    walk.of('send-register').filter((it) => it.authorization === 'answer').length;
  const challenged = (challenge: NonNullable<RegisterResponse['challenge']>, status = 401) =>
    response(status, { challenge });

  it('two answers that were not good enough are the end', () => {
    const walk = registering().on(challenged('new'), challenged('new'), challenged('new'));
    expect(answers(walk)).toBe(2);
    expect(walk.of('report-refused')).toHaveLength(1);
  });

  it('a nonce too old is no failure, and does not go on for ever', () => {
    const walk = registering().on(challenged('new'));
    for (let again = 0; again < 10; again++) walk.on(challenged('stale'));
    expect(answers(walk)).toBe(4);
    expect(walk.state).toBe('ended');
  });

  it('a network is set right once (RFC 3310 §3.4)', () => {
    const walk = registering().on(challenged('resync'), challenged('new'));
    expect(answers(walk)).toBe(2);
    expect(registering().on(challenged('resync'), challenged('resync')).state).toBe('ended');
  });

  it('a proxy and a registrar are counted apart', () => {
    const walk = registering().on(
      ...[challenged('new', 407), challenged('new', 407), challenged('new'), challenged('new')],
      response(200, { expiresS: 600 }),
    );
    expect(walk.state).toBe('registered');
  });

  it('a stranger is never answered', () => {
    expect(answers(registering().on(challenged('foreign')))).toBe(0);
    expect(answers(registered().on(next, challenged('foreign')))).toBe(0);
  });
});

describe('REG-8: 3GPP TS 24.229 §5.1.1.4.1 – re-registration', () => {
  it.each([
    [600_000, 599_400],
    [1_201, 601],
    [1_200, 600],
    [60, 30],
  ])('of %d s granted it comes again after %d s', (expiresS, dueS) => {
    expect(registered(expiresS).waitMs()).toBe(dueS * 1000);
  });

  it('a refresh that is asked to wait leaves the registration as it is', () => {
    const walk = refreshing().on(response(503, { retryAfterS: 300 }));
    expect(walk.of('report-lost')).toEqual([]);
    expect(walk.of('use-next-proxy')).toEqual([]);
    expect(walk.on(next, response(200, { expiresS: 7_200 })).state).toBe('registered');
    expect(walk.of('report-lost')).toEqual([]);
  });

  it('until it really expires: then it is lost, once, and another P-CSCF wanted', () => {
    const walk = refreshing().on(response(503, { retryAfterS: 3_600 }), expiry);
    expect(walk.of('report-lost')).toEqual([{ kind: 'report-lost', reason: 'expired' }]);
    expect(walk.of('use-next-proxy')).toMatchObject([{ holdOffMs: 3_600_000 }]);
    expect(walk.on(...moved).requested).toHaveLength(3);
  });

  it.each([408, 500, 504])(
    '%d to a refresh: an initial registration by another P-CSCF',
    (status) => {
      const walk = refreshing().on(response(status));
      expect(walk.of('use-next-proxy')).toHaveLength(1);
      expect(walk.on(...moved).requested).toEqual([600_000, 600_000, 600_000]);
    },
  );

  it('is not sent while the answer to the last is out', () => {
    expect(refreshing().on(next, flowUp).requested).toHaveLength(2);
  });
});

describe('REG-9: 3GPP TS 24.229 §5.1.1.5A, §5.1.1.7 – what the network decides', () => {
  const ended = (cause: TerminationCause, retryAfterS?: number): RegistrationEvent => ({
    ...{ kind: 'terminated-by-network', cause },
    ...(retryAfterS !== undefined && { retryAfterS }),
  });

  it('a shortened expiry: comes again at half of it', () => {
    const walk = registered().on({ kind: 'expiry-shortened', expiresS: 120 });
    expect([walk.waitMs(), walk.waitMs('expiry')]).toEqual([60_000, 120_000]);
  });

  it.each(['deactivated', 'expired'] as const)('%s: registers anew at once', (cause) => {
    const walk = registered().on(ended(cause));
    expect(walk.of('report-lost')).toHaveLength(1);
    expect(walk.requested).toHaveLength(2);
  });

  it('probation: registers anew when its time is over', () => {
    const walk = registered().on(ended('probation', 77));
    expect(walk.requested).toHaveLength(1);
    expect(walk.waitMs()).toBe(77_000);
    expect(walk.on(next).requested).toHaveLength(2);
  });

  it.each(['rejected', 'unregistered'] as const)('%s: is over, and not tried again', (cause) => {
    const walk = registered().on(ended(cause), next, ...moved);
    expect(walk.of('report-unregistered')).toHaveLength(1);
    expect(walk.requested).toHaveLength(1);
    expect(walk.state).toBe('ended');
  });

  it('rejected while a refresh is out: what that brings is given back', () => {
    const walk = refreshing().on(ended('rejected'), response(200, { expiresS: 600 }));
    expect(walk.requested.at(-1)).toBe(0);
  });
});

describe('REG-8: 3GPP TS 24.229 §5.1.2A.1.6 – restoration', () => {
  it('an initial registration, at once', () => {
    const walk = registered().on({ kind: 'restoration-wanted' });
    expect(walk.requested).toEqual([600_000, 600_000]);
  });

  it('not one more where one is under way or waited for', () => {
    expect(refreshing().on({ kind: 'restoration-wanted' }).requested).toHaveLength(2);
    const waiting = registering().on(response(504), { kind: 'restoration-wanted' });
    expect(waiting.requested).toHaveLength(1);
  });
});

describe('REG-10: 3GPP TS 24.229 §5.1.1.6 – de-registration (TS 34.229-1 9.1)', () => {
  const farewell: RegistrationEvent = { kind: 'deregister-wanted' };

  it('Expires 0, its challenge answered', () => {
    const walk = registered().on(farewell, response(401), response(200));
    expect(walk.requested).toEqual([600_000, 0, 0]);
    expect(walk.state).toBe('ended');
  });

  it('waits for the answer to a REGISTER that is out, and takes back what it brought', () => {
    const walk = registering().on(farewell);
    expect(walk.requested).toEqual([600_000]);
    expect(walk.on(response(200, { expiresS: 600 })).requested).toEqual([600_000, 0]);
  });

  it('leaves no binding behind whose refresh was challenged or refused for a while', () => {
    expect(refreshing().on(farewell, response(401)).requested.at(-1)).toBe(0);
    expect(
      refreshing()
        .on(response(503, { retryAfterS: 9 }), farewell)
        .requested.at(-1),
    ).toBe(0);
  });

  it('does not stay for an answer that does not come', () => {
    const walk = registered().on(farewell, { kind: 'timer-fired', timer: 'farewell' });
    expect(walk.state).toBe('ended');
  });
});

describe('REG-8: RFC 5626 §4.4, §4.5 – a flow that is lost', () => {
  it('takes the registration with it, and a new flow brings a new one', () => {
    const walk = registered().on({ kind: 'flow-lost', reason: 'cut' });
    expect(walk.of('report-lost')).toHaveLength(1);
    expect(walk.on(flowUp).requested).toHaveLength(2);
  });

  it('does not cut a back-off short', () => {
    const walk = registering().on(response(504), ...moved, response(504), ...moved);
    expect(walk.requested).toHaveLength(2);
    walk.on({ kind: 'flow-lost', reason: 'cut' }, flowUp);
    expect(walk.requested).toHaveLength(2);
    expect(walk.on(next).requested).toHaveLength(3);
  });

  it('a P-CSCF that hangs up on every REGISTER is not asked without end', () => {
    const walk = registering();
    for (let again = 0; again < 10; again++) walk.on(...moved);
    expect(walk.requested).toHaveLength(2);
  });
});

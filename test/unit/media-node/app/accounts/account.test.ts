import { type Impu, impi, impu, tenantId } from '@isthmus/shared/domain/ids';
import { Secret } from '@isthmus/shared/domain/secret';
import { createXmldomReader } from '../../../../../media-node/src/adapters/xml/xmldom-reader.ts';
import { createSipAccounts } from '../../../../../media-node/src/app/accounts/sip-accounts.ts';
import type {
  SipAccount,
  SipAccountEvent,
} from '../../../../../media-node/src/ports/sip-accounts.ts';
import type { SipLegEvent } from '../../../../../media-node/src/ports/sip-leg.ts';
import type {
  NextProxyRequest,
  RegisterOutcome,
  RegisterRequest,
  SipUserAgentEvent,
  SipUserAgents,
} from '../../../../../media-node/src/ports/sip-user-agent.ts';
import { FakeClock } from '../../../../support/fake-clock.ts';
import { RecordingSipLeg } from '../../../../support/fake-sip-account.ts';
import { anAccess, silentLog } from '../../../../support/sip-account-bench.ts';

type Response = Extract<RegisterOutcome, { kind: 'response-received' }>;

const answer = (status: number, more: Partial<Response> = {}): Response => ({
  kind: 'response-received',
  ...{ status, reason: 'Because', associated: [], serviceRoute: [], gruus: {} },
  ...(status === 401 ? { challenge: 'new' } : {}),
  ...more,
});

interface Bench {
  readonly clock: FakeClock;
  readonly account: SipAccount;
  readonly events: SipAccountEvent[];
  readonly requests: RegisterRequest[];
  /** How it asked for other P-CSCFs. */
  readonly moves: NextProxyRequest[];
  /** Identities of the calls that were let out. */
  readonly calledAs: Impu[];
  readonly agent: (event: SipUserAgentEvent) => void;
  /** Answers the last REGISTER. */
  readonly reply: (outcome: RegisterOutcome) => void;
}

/** The real account over a user agent that only takes notes. */
function openAccount(): Bench {
  const clock = new FakeClock();
  const events: SipAccountEvent[] = [];
  const requests: RegisterRequest[] = [];
  const moves: NextProxyRequest[] = [];
  const calledAs: Impu[] = [];
  let reply: Bench['reply'] = () => undefined;
  let agent: Bench['agent'] = () => undefined;
  const userAgents: SipUserAgents = {
    open: (_options, onEvent) => {
      agent = onEvent;
      return {
        register: (request, onOutcome) => {
          requests.push(request);
          reply = onOutcome;
        },
        useServiceRoute: () => undefined,
        useGruus: () => undefined,
        useNextProxy: (it) => moves.push(it),
        invite: ({ identity }) => {
          calledAs.push(identity);
          return new RecordingSipLeg();
        },
        message: ({ identity }) => {
          calledAs.push(identity);
          return Promise.resolve({ kind: 'message-answered', status: 200 });
        },
        release: () => undefined,
        contactUri: 'sip:token@127.0.0.1:1',
        subscribe: () => undefined,
        forgetSubscription: () => undefined,
        close: () => undefined,
      };
    },
    close: () => Promise.resolve(),
  };
  const ids = { random: () => '', uuid: () => '' };
  const xml = createXmldomReader();
  const metrics = { count: () => undefined };
  const account = createSipAccounts({ userAgents, clock, ids, log: silentLog, metrics, xml }).open(
    {
      ...{ tenant: tenantId('t1'), impu: impu('sip:a@ims.test'), impi: impi('a@ims.test') },
      secret: { kind: 'password', password: new Secret('pw') },
      instanceId: 'urn:uuid:1',
      access: anAccess({ pcscf: [{ host: '127.0.0.1', port: 5060 }] }),
    },
    (event) => events.push(event),
  );
  const bench = {
    ...{ clock, account, events, requests, moves, calledAs },
    reply: (it: RegisterOutcome) => {
      reply(it);
    },
    agent: (it: SipUserAgentEvent) => {
      agent(it);
    },
  };
  account.register();
  bench.agent({ kind: 'flow-up' });
  return bench;
}

describe('REG-8: when an account registers again', () => {
  it.each([
    [600_000, 599_400_000],
    [7_200, 6_600_000],
    [60, 30_000],
  ])('of %d s granted it refreshes after %d ms, and not before', (expiresS, ms) => {
    const { clock, events, reply, requests } = openAccount();
    reply(answer(200, { expiresS }));

    clock.advance(ms - 1);
    expect(requests).toHaveLength(1);
    clock.advance(1);

    expect(requests).toHaveLength(2);
    expect(requests[1]).toMatchObject({ expiresS: 600_000, authorization: 'fresh' });
    expect(events.map(({ kind }) => kind)).toEqual(['registered']);
  });

  it('counts from the last refresh', () => {
    const { clock, reply, requests } = openAccount();
    reply(answer(200, { expiresS: 60 }));
    clock.advance(30_000);
    reply(answer(200, { expiresS: 3_600 }));

    clock.advance(2_999_999);
    expect(requests).toHaveLength(2);
    clock.advance(1);

    expect(requests).toHaveLength(3);
  });

  it('answers a challenge at once, and comes back after a 503 when its time has come', () => {
    const { clock, reply, requests } = openAccount();
    reply(answer(401));
    expect(requests[1]).toMatchObject({ authorization: 'answer' });
    reply(answer(503, { retryAfterS: 120 }));

    clock.advance(119_999);
    expect(requests).toHaveLength(2);
    clock.advance(1);

    expect(requests).toHaveLength(3);
  });

  it('REG-10: has no timer left once it has said farewell', async () => {
    const { account, clock, reply, requests } = openAccount();
    reply(answer(200, { expiresS: 60 }));

    const gone = account.deregister();
    expect(requests.at(-1)).toMatchObject({ expiresS: 0 });
    reply(answer(200));
    await gone;
    clock.advance(10_000_000);

    expect(requests).toHaveLength(2);
  });

  it('REG-10: leaves after 5 s where nobody answers its farewell', async () => {
    const { account, clock, reply } = openAccount();
    reply(answer(200, { expiresS: 60 }));

    const gone = account.deregister();
    clock.advance(5_000);

    await expect(gone).resolves.toBeUndefined();
  });
});

describe('REG-8: an account whose refresh fails', () => {
  /** Granted two hours, and refused for an hour at its refresh. */
  const askedForPatience = (): Bench => {
    const bench = openAccount();
    bench.reply(answer(200, { expiresS: 7_200 }));
    bench.clock.advance(6_600_000);
    bench.reply(answer(503, { retryAfterS: 3_600 }));
    return bench;
  };

  it('keeps its registration until it has really expired', () => {
    const { clock, events } = askedForPatience();

    clock.advance(599_999);
    expect(events.map(({ kind }) => kind)).toEqual(['registered']);
    clock.advance(1);

    expect(events.at(-1)).toEqual({ kind: 'lost', reason: 'expired' });
  });

  it('asks for another P-CSCF once nothing hangs on the one that wants patience', () => {
    const { clock, moves, requests } = askedForPatience();
    expect(moves).toEqual([]);

    clock.advance(600_000);

    expect(moves).toMatchObject([{ holdOffMs: 3_600_000 }]);
    expect(requests).toHaveLength(2);
  });

  it('registers at the next P-CSCF at once, and after a second failure waits', () => {
    const { agent, clock, moves, reply, requests } = openAccount();
    reply(answer(504));
    agent({ kind: 'flow-lost', reason: 'moved' });
    agent({ kind: 'flow-up' });
    expect(requests).toHaveLength(2);
    reply({ kind: 'response-missed' });
    agent({ kind: 'flow-lost', reason: 'moved' });
    agent({ kind: 'flow-up' });

    expect(moves).toHaveLength(2);
    expect(requests).toHaveLength(2);
    clock.advance(59_999);
    expect(requests).toHaveLength(2);
    clock.advance(1);
    expect(requests).toHaveLength(3);
  });
});

describe('REG-7: under which identities an account calls', () => {
  const call = ({ account }: Bench, identity: string): SipLegEvent[] => {
    const heard: SipLegEvent[] = [];
    const invite = { identity: impu(identity), target: 'sip:b@ims.test', sdp: '' };
    account.invite(invite, (event) => heard.push(event));
    return heard;
  };

  it('the first of P-Associated-URI is its default', () => {
    const { events, reply } = openAccount();

    reply(answer(200, { associated: [impu('sip:b@ims.test'), impu('tel:+1555')] }));

    expect(events).toMatchObject([{ kind: 'registered', defaultImpu: 'sip:b@ims.test' }]);
  });

  it.each(['sip:b@ims.test', 'tel:+1555', 'sip:web17@ims.test'])('%s is associated', (identity) => {
    const bench = openAccount();
    const associated = ['sip:b@ims.test', 'tel:+1555', 'sip:web!.*!@ims.test'].map(impu);
    bench.reply(answer(200, { associated }));

    call(bench, identity);

    expect(bench.calledAs).toEqual([identity]);
  });

  it.each(['sip:a@ims.test', 'sip:we@ims.test', 'sip:web17@evil.test'])(
    '%s was registered or asked for and is barred',
    async (identity) => {
      const bench = openAccount();
      const associated = ['sip:b@ims.test', 'sip:web!.*!@ims.test'].map(impu);
      bench.reply(answer(200, { associated }));

      const heard = call(bench, identity);
      await Promise.resolve();

      expect(bench.calledAs).toEqual([]);
      expect(heard).toEqual([
        { kind: 'sip-rejected', status: 403, reason: 'the identity is barred' },
      ]);
    },
  );
});

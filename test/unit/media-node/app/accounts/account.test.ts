import { impi, impu, tenantId } from '@isthmus/shared/domain/ids';
import { Secret } from '@isthmus/shared/domain/secret';
import { createXmldomReader } from '../../../../../media-node/src/adapters/xml/xmldom-reader.ts';
import { createSipAccounts } from '../../../../../media-node/src/app/accounts/sip-accounts.ts';
import type {
  SipAccount,
  SipAccountEvent,
} from '../../../../../media-node/src/ports/sip-accounts.ts';
import type {
  RegisterOutcome,
  RegisterRequest,
  SipUserAgentEvent,
  SipUserAgents,
} from '../../../../../media-node/src/ports/sip-user-agent.ts';
import { FakeClock } from '../../../../support/fake-clock.ts';
import { anAccess, silentLog } from '../../../../support/sip-account-bench.ts';

type Response = Extract<RegisterOutcome, { kind: 'response-received' }>;

const answer = (status: number, more: Partial<Response> = {}): Response => ({
  kind: 'response-received',
  ...{ status, reason: 'Because', isAnswerable: true, associated: [], serviceRoute: [] },
  ...more,
});

interface Bench {
  readonly clock: FakeClock;
  readonly account: SipAccount;
  readonly events: SipAccountEvent[];
  readonly requests: RegisterRequest[];
  readonly agent: (event: SipUserAgentEvent) => void;
  /** Answers the last REGISTER. */
  readonly reply: (outcome: RegisterOutcome) => void;
}

/** The real account over a user agent that only takes notes. */
function openAccount(): Bench {
  const clock = new FakeClock();
  const events: SipAccountEvent[] = [];
  const requests: RegisterRequest[] = [];
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
        invite: () => {
          throw new Error('nobody calls here');
        },
        close: () => undefined,
      };
    },
    close: () => Promise.resolve(),
  };
  const ids = { random: () => '', uuid: () => '' };
  const xml = createXmldomReader();
  const account = createSipAccounts({ userAgents, clock, ids, log: silentLog, xml }).open(
    {
      ...{ tenant: tenantId('t1'), impu: impu('sip:a@ims.test'), impi: impi('a@ims.test') },
      ...{ password: new Secret('pw'), instanceId: 'urn:uuid:1' },
      access: anAccess({ pcscf: [{ host: '127.0.0.1', port: 5060 }] }),
    },
    (event) => events.push(event),
  );
  const bench = {
    ...{ clock, account, events, requests },
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

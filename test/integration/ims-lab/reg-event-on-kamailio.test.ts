import { impi, impu, tenantId } from '@isthmus/shared/domain/ids';
import { Secret } from '@isthmus/shared/domain/secret';
import { systemClock } from '../../../media-node/src/adapters/time/system-clock.ts';
import type { SipAccount } from '../../../media-node/src/ports/sip-accounts.ts';
import type {
  Notification,
  SubscribeRequest,
} from '../../../media-node/src/ports/sip-subscription.ts';
import type {
  RegisterOutcome,
  RegisterRequest,
} from '../../../media-node/src/ports/sip-user-agent.ts';
import { type ImsLab, startImsLab } from '../../support/ims-lab/ims-lab.ts';
import { subscriber } from '../../support/ims-lab/subscriber-book.ts';
import {
  anAccess,
  type Bench,
  createBench,
  createUserAgents,
  silentLog,
} from '../../support/sip-account-bench.ts';

interface Line {
  readonly message: string;
  readonly facts: Readonly<Record<string, unknown>> | undefined;
}

async function until<T>(find: () => T | undefined, what: () => string): Promise<T> {
  for (let i = 0; i < 500; i += 1) {
    const found = find();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(what());
}

describe.each(['tcp', 'udp'] as const)(
  'REG-9: registration events of a real core (%s)',
  (transport) => {
    let lab: ImsLab;
    let bench: Bench;
    let lines: Line[] = [];
    let closing: () => Promise<void> = () => Promise.resolve();
    const opened: SipAccount[] = [];
    const log = {
      ...silentLog,
      debug: (message: string, facts?: Readonly<Record<string, unknown>>) => {
        lines.push({ message, facts });
      },
      with: () => log,
    };

    beforeAll(async () => {
      lab = await startImsLab({
        subscribers: [subscriber('alice', 'tel:+15550001'), subscriber('bob')],
      });
    });
    afterAll(async () => {
      await lab.stop();
    });
    beforeEach(() => {
      lines = [];
      bench = createBench(undefined, undefined, log);
    });
    afterEach(async () => {
      await Promise.all(opened.splice(0).map((account) => account.deregister()));
      await bench.accounts.close();
      await closing();
      closing = () => Promise.resolve();
      for (const user of ['alice', 'bob']) await lab.untilContacts(`sip:${user}@ims.test`, 0);
    });

    const open = async (user: string) => {
      const one = bench.open({
        access: { pcscf: [lab.pcscf], transport },
        ...{ impi: `${user}@ims.test`, impu: `sip:${user}@ims.test`, password: `pw-${user}` },
      });
      opened.push(one.account);
      one.account.register();
      await one.heard.heard('registered');
      return one;
    };
    const said = (message: string, matches: Readonly<Record<string, unknown>>): Promise<Line> =>
      until(
        () =>
          lines.find(
            (it) =>
              it.message === message &&
              Object.entries(matches).every(([key, value]) => it.facts?.[key] === value),
          ),
        () => `${JSON.stringify(lines)}\n${lab.logs()}`,
      );

    it('come in full, with every identity of the implicit set', async () => {
      await open('alice');

      await said('registration subscription state', { to: 'subscribed' });
      await said('registration information', { isFull: true, identities: 3 });
      expect(bench.dropped).toEqual([]);
    });

    it('tell that the HSS ended one registration, and nothing is left of it', async () => {
      const alice = await open('alice');
      const bob = await open('bob');
      await said('registration information', { identities: 3 });
      await said('registration information', { identities: 1 });

      lab.hss.terminate('alice@ims.test');

      await alice.heard.heard('unregistered');
      await lab.untilContacts('sip:alice@ims.test', 0);
      await lab.untilContacts('tel:+15550001', 0);
      expect(alice.heard.kinds).toEqual(['registered', 'unregistered']);
      expect(bob.heard.kinds).toEqual(['registered']);
      expect(lab.hss.state().subscribers).toContainEqual({
        ...{ impi: 'alice@ims.test', isRegistered: false, scscfName: undefined },
      });
    });

    it('let one register again whom the HSS had ended', async () => {
      const first = await open('alice');
      await said('registration information', { identities: 3 });
      lab.hss.terminate('alice@ims.test');
      await first.heard.heard('unregistered');
      await lab.untilContacts('sip:alice@ims.test', 0);

      await open('alice');

      await expect(lab.scscfContacts('sip:alice@ims.test')).resolves.toHaveLength(1);
    });

    it('are renewed in their dialog and ended in it', async () => {
      const agents = createUserAgents(systemClock);
      const agent = await new Promise<ReturnType<typeof agents.open>>((up) => {
        const opening = agents.open(
          {
            ...{ tenant: tenantId('t1'), impu: impu('sip:bob@ims.test') },
            ...{
              impi: impi('bob@ims.test'),
              secret: { kind: 'password', password: new Secret('pw-bob') },
            },
            ...{ access: anAccess({ pcscf: [lab.pcscf], transport }), instanceId: 'urn:uuid:1' },
          },
          ({ kind }) => {
            if (kind === 'flow-up') up(opening);
          },
        );
      });
      const register = (request: RegisterRequest): Promise<RegisterOutcome> =>
        new Promise((done) => {
          agent.register(request, done);
        });
      const notifications: Notification[] = [];
      const subscribe = (
        dialog: SubscribeRequest['dialog'],
        expiresS: number,
      ): Promise<{ readonly status?: number }> =>
        new Promise((done) => {
          agent.subscribe(
            { ...{ dialog, expiresS, authorization: 'fresh' }, identity: impu('sip:bob@ims.test') },
            {
              onNews: (news) => {
                done('status' in news ? news : {});
              },
              onNotify: (it) => {
                notifications.push(it);
                return true;
              },
            },
          );
        });
      const news = (count: number): Promise<Notification> =>
        until(
          () => notifications[count - 1],
          () => `${JSON.stringify(notifications)}\n${lab.logs()}`,
        );
      closing = async () => {
        await register({ expiresS: 0, authorization: 'fresh' });
        await register({ expiresS: 0, authorization: 'answer' });
        await agents.close();
      };
      await register({ expiresS: 600_000, authorization: 'fresh' });
      const outcome = await register({ expiresS: 600_000, authorization: 'answer' });
      if (outcome.kind === 'response-received') agent.useServiceRoute(outcome.serviceRoute);

      expect(await subscribe('new', 600_000)).toMatchObject({ status: 200 });
      expect((await news(1)).state).toBe('active');
      expect(await subscribe('same', 600_000)).toMatchObject({ status: 200 });
      expect(await subscribe('same', 0)).toMatchObject({ status: 200 });
    });
  },
);

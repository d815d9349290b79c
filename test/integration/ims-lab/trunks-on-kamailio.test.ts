import { impu } from '@isthmus/shared/domain/ids';
import type { DemoWorld } from '../../../local/src/demo-world.ts';
import type { SipLegEvent } from '../../../media-node/src/ports/sip-leg.ts';
import { type Baresip, startBaresip } from '../../support/ims-lab/baresip.ts';
import { type ImsLab, startImsLab } from '../../support/ims-lab/ims-lab.ts';
import { createBench, Heard, takeInvite } from '../../support/sip-account-bench.ts';
import { until } from '../../support/until.ts';
import type { WireClient } from '../../support/wire-client.ts';
import { type Someone, TestStack } from '../stack/a-stack.ts';

const TENANT = 'coast';
const D = 'ims.test';
const PEOPLE = ['ada', 'ben', 'cleo'] as const;
const WEB = 'of the web';
const SDP =
  'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 8\r\n';

const subscriber = (user: string, impi: string, ...more: readonly string[]) => ({
  impi,
  password: `pw-${user}`,
  impus: [`sip:${user}@${D}`, ...more],
});

/** A trunk, and two who register with what they log in with; IMPIs are not IMPUs here. */
function worldOf(trunk: string): DemoWorld {
  const credentials = (user: string) => ({
    impu: `sip:${user}@${D}`,
    impi: `line-${user}@private.example`,
    password: `pw-${user}`,
  });
  return {
    tenants: [
      {
        ...{ tenant: TENANT, domain: D, trunk: { ...credentials(trunk), impi: `${trunk}@${D}` } },
        settings: { impiRule: 'line-{user}@private.example' },
      },
    ],
    users: [
      ...PEOPLE.map((userName) => ({
        ...{ tenant: TENANT, option: 'ip-pbx' as const, userName, password: WEB },
      })),
      {
        ...{ tenant: TENANT, option: 'same-credentials' },
        ...{ userName: `sip:dora@${D}`, password: 'pw-dora' },
      },
      {
        ...{ tenant: TENANT, option: 'same-credentials' },
        ...{ userName: `sip:erik@${D}`, password: 'not what the HSS knows' },
      },
      {
        tenant: TENANT,
        option: 'token',
        userName: 'fern',
        password: WEB,
        vault: credentials('fern'),
      },
    ],
    subscribers: [],
  };
}

describe('the whole of Isthmus on a real IMS core', () => {
  let lab: ImsLab;
  let phone: Baresip;
  let bench: TestStack | undefined;

  beforeAll(async () => {
    lab = await startImsLab({
      subscribers: [
        subscriber('single', `single@${D}`),
        subscriber('several', `several@${D}`, `sip:desk1@${D}`, `sip:desk2@${D}`, `sip:desk3@${D}`),
        subscriber('wild', `wild@${D}`, `sip:web!.*!@${D}`),
        subscriber('dora', 'line-dora@private.example'),
        subscriber('erik', 'line-erik@private.example'),
        subscriber('fern', 'line-fern@private.example'),
        subscriber('bob', `bob@${D}`),
        subscriber('nums', `nums@${D}`, `sip:num![0-9]+!@${D}`),
        subscriber('gin', `gin@${D}`, `sip:gin1@${D}`),
      ],
    });
    phone = await startBaresip(lab, { user: 'bob', password: 'pw-bob', codecs: ['PCMA'] });
  });
  afterEach(async () => {
    await bench?.close();
    bench = undefined;
  });
  afterAll(async () => {
    await phone.stop();
    await lab.stop();
  });

  const start = async (trunk: string): Promise<TestStack> => {
    bench = await TestStack.start({ world: worldOf(trunk), pcscf: lab.pcscf });
    return bench;
  };
  const named = (stack: TestStack, name: string) => {
    const user = stack.stack.world.users.find(({ userName }) => userName === name);
    if (!user) throw new Error(`nobody is called ${name}`);
    return user;
  };
  const isIncoming = ({ event }: { readonly event?: string }) => event === 'call.incoming';
  const expectRingOf = async ({ session, wire }: Someone, all: readonly WireClient[]) => {
    phone.skipEvents();
    phone.dial(session.impu);
    const { callId } = await wire.next(isIncoming);
    await wire.ask({ action: 'call.decline', callId, seq: 1 });
    await phone.waitFor('CALL_CLOSED');
    expect(all.flatMap((it) => it.untaken.filter(isIncoming))).toEqual([]);
  };

  it.each([
    ['several', /^sip:(?:desk[123]|several)@/],
    ['wild', /^sip:web(?:ada|ben|cleo)@/],
  ])(
    'REG-1: gives three users of the trunk %s an identity each, by which each rings',
    async (trunk, form) => {
      const stack = await start(trunk);
      const all = await Promise.all(PEOPLE.map((name) => stack.logIn(named(stack, name))));

      expect(new Set(all.map(({ session }) => session.impu)).size).toBe(PEOPLE.length);
      for (const one of all) {
        expect(one.session.impu).toMatch(form);
        await expectRingOf(
          one,
          all.map(({ wire }) => wire),
        );
      }
    },
  );

  it('REG-1: gives the one identity of a trunk to one user, and the next a refusal', async () => {
    const stack = await start('single');
    const ada = await stack.logIn(named(stack, 'ada'));
    expect(ada.session.impu).toBe(`sip:single@${D}`);
    const wire = await stack.connect(TENANT);
    await wire.prove(named(stack, 'ben'));

    expect(await wire.refusal({ action: 'register', tenant: TENANT })).toBe(
      'registration.no-identity-left',
    );
    await expectRingOf(ada, [wire]);
  });

  it('REG-2: registers by the rule of the tenant, and destroys the password afterwards', async () => {
    const stack = await start('several');
    const dora = await stack.logIn(named(stack, `sip:dora@${D}`));
    expect(dora.session.impu).toBe(`sip:dora@${D}`);
    await lab.untilContacts(`sip:dora@${D}`, 1);
    expect(lab.hss.state().subscribers).toContainEqual(
      expect.objectContaining({ impi: 'line-dora@private.example', isRegistered: true }),
    );

    await dora.wire.ask({ action: 'logout' });
    await lab.untilContacts(`sip:dora@${D}`, 0);

    const sealed = (await stack.items()).filter((item) =>
      JSON.stringify(item).includes('sealedPassword'),
    );
    expect(
      sealed.map(({ pk }) => String(pk)).filter((pk) => !/TENANT#coast(?:$|#USER#fern$)/.test(pk)),
    ).toEqual([]);
    expect(JSON.stringify(await stack.items())).not.toContain('pw-dora');
  });

  it('REG-2: says that the network refused where it knows another password', async () => {
    const stack = await start('several');
    const wire = await stack.connect(TENANT);
    await wire.prove(named(stack, `sip:erik@${D}`));
    await wire.ask({ action: 'register', tenant: TENANT });

    const failed = await wire.next(({ state }) => state === 'failed');

    expect(failed.error).toEqual({
      code: 'registration.refused',
      message: 'The telephone network refused the registration.',
      retryable: false,
    });
  });

  it('REG-3: registers by a token with a private identity that is none of the public one', async () => {
    const stack = await start('several');
    const fern = await stack.logIn(named(stack, 'fern'));

    await lab.untilContacts(`sip:fern@${D}`, 1);
    await expectRingOf(fern, [fern.wire]);
  });

  /** Registration events of so many have come. */
  const watched = (stack: TestStack, registrations: number) =>
    until(
      () =>
        stack.lines.filter((it) => it.includes('registration information')).length >= registrations,
      'registration events',
    );
  const endsOf = (wire: WireClient) => wire.next(({ event }) => event === 'session.ended');

  it.each([
    ['REG-2', `sip:dora@${D}`, 'line-dora@private.example'],
    ['REG-3', 'fern', 'line-fern@private.example'],
  ])(
    'REG-9, %s: the HSS ends the session of %s, who is told and logs in again',
    async (...given) => {
      const [, name, impi] = given;
      const stack = await start('several');
      await watched(stack, 1);
      const someone = await stack.logIn(named(stack, name));
      await watched(stack, 2);

      lab.hss.terminate(impi);

      expect(await endsOf(someone.wire)).toMatchObject({ reason: 'de-registered-by-network' });
      await lab.untilContacts(someone.session.impu, 0);
      const again = await stack.logIn(named(stack, name));
      expect(again.session.impu).toBe(someone.session.impu);
      await expectRingOf(again, [again.wire]);
    },
  );

  it('REG-9, REG-1: the HSS ends a trunk: its member is told, the next is refused, others stay', async () => {
    const stack = await start('several');
    await watched(stack, 1);
    const ada = await stack.logIn(named(stack, 'ada'));
    const fern = await stack.logIn(named(stack, 'fern'));
    await watched(stack, 2);

    lab.hss.terminate(`several@${D}`);

    await ada.wire.next(({ state }) => state === 'registering');
    await until(
      async () =>
        (await stack.items()).some(
          ({ sk, state }) => String(sk).startsWith('TRUNK#') && state === 'down',
        ),
      'the trunk is written down',
    );
    const wire = await stack.connect(TENANT);
    await wire.prove(named(stack, 'ben'));
    const refusal = await wire.request({ action: 'register', tenant: TENANT });
    expect(refusal.error).toMatchObject({ code: 'registration.trunk-down', retryable: true });
    await lab.untilContacts(ada.session.impu, 0);
    await expectRingOf(fern, [ada.wire]);
  });

  it('REG-1: wants bulk registration of a core that has none, and gets along', async () => {
    const accounts = createBench();
    const { account, heard } = accounts.open({
      access: { pcscf: [lab.pcscf] },
      impi: `gin@${D}`,
      impu: `sip:gin@${D}`,
      password: 'pw-gin',
      bulk: { mode: 'try', numbers: [impu(`sip:+1214555!.*!@${D}`)] },
    });
    account.register();

    const { implicitSet } = await heard.heard('registered');
    expect(implicitSet).toContain(`sip:gin1@${D}`);
    phone.skipEvents();
    phone.dial(`sip:gin1@${D}`);
    const { invite, leg } = await takeInvite(heard);
    expect(invite.calledImpu).toBe(`sip:gin1@${D}`);
    leg.reject(486);
    await phone.waitFor('CALL_CLOSED');
    await account.deregister();
    await lab.untilContacts(`sip:gin@${D}`, 0);
    await accounts.accounts.close();
  });

  it('REG-1: calls under a wildcard with brackets, which this core cannot look up for a callee', async () => {
    const accounts = createBench();
    const { account, heard } = accounts.open({
      access: { pcscf: [lab.pcscf] },
      ...{ impi: `nums@${D}`, impu: `sip:nums@${D}`, password: 'pw-nums' },
    });
    account.register();
    const { implicitSet } = await heard.heard('registered');
    phone.skipEvents();
    const identity = impu(`sip:num17@${D}`);
    const legHeard = new Heard<SipLegEvent>();
    const leg = account.invite({ identity, target: `sip:bob@${D}`, sdp: SDP }, legHeard.hear);
    await legHeard.heard('sip-answered');
    leg.bye();
    await phone.waitFor('CALL_CLOSED');
    const asserted = phone.headersSeen('INVITE', 'P-Asserted-Identity').at(-1);
    phone.skipEvents();

    phone.dial(`sip:num18@${D}`);

    // No URI of SIP has a bracket in its user part (RFC 3261 §25.1), and lookup() wants one.
    expect((await phone.waitFor('CALL_CLOSED')).param).toBe('480 No Contact');
    expect(asserted).toBe(`<${identity}>`);
    expect(implicitSet).toEqual([`sip:nums@${D}`, `sip:num![0-9]+!@${D}`]);
    await account.deregister();
    await accounts.accounts.close();
  });
});

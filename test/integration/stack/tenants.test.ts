import { randomUUID } from 'node:crypto';
import type { DemoTenant, DemoUser, DemoWorld } from '../../../local/src/demo-world.ts';
import type { ImsSubscriber } from '../../../local/src/ims/ims-types.ts';
import { aBrowserSdp } from '../../support/an-sdp.ts';
import { type Item, TestStack } from './a-stack.ts';

const TENANTS = ['coast', 'harbour'] as const;

interface Half {
  readonly tenant: DemoTenant;
  readonly users: readonly DemoUser[];
  readonly subscribers: readonly ImsSubscriber[];
}

/** Two customers whose people have the very same names. */
function twinWorld(): DemoWorld {
  const halves = TENANTS.map(twin);
  return {
    tenants: halves.map(({ tenant }) => tenant),
    users: halves.flatMap(({ users }) => users),
    subscribers: halves.flatMap(({ subscribers }) => subscribers),
  };
}

function twin(tenant: string): Half {
  const domain = `${tenant}.example`;
  const subscription = (name: string) => ({
    impu: `sip:${name}@${domain}`,
    impi: `${name}@${domain}`,
    password: `${name}-of-${tenant}`,
  });
  const [trunk, sam] = [subscription('pbx'), subscription('sam')];
  const impus = [trunk.impu, `sip:desk1@${domain}`];
  return {
    tenant: { tenant, domain, trunk },
    users: [
      { tenant, option: 'token', userName: 'sam', password: `access-${tenant}`, vault: sam },
      { tenant, option: 'ip-pbx', userName: 'kim', password: `access-${tenant}` },
    ],
    subscribers: [
      { domain, impi: trunk.impi, password: trunk.password, impus },
      { domain, impi: sam.impi, password: sam.password, impus: [sam.impu] },
    ],
  };
}

describe('OPS-1: neither of two tenants sees the other', () => {
  let bench: TestStack;

  beforeAll(async () => {
    bench = await TestStack.start({ world: twinWorld() });
  });

  afterEach(async () => {
    await bench.clear();
  });

  afterAll(async () => {
    await bench.close();
  });

  it.each(['login', 'token'])(
    "refuses another tenant's user at %s in the words a wrong password gets",
    async (action) => {
      const { userName, password } = bench.user('coast', 'token');
      const wire = await bench.connect('harbour');
      const option = action === 'login' ? { option: 'ip-pbx' } : {};
      const attempt = { action, ...option, userName, password };

      const answers = [
        await wire.request({ ...attempt, tenant: 'harbour' }),
        await wire.request({ ...attempt, tenant: 'coast' }),
        await wire.request({ ...attempt, tenant: 'nowhere' }),
        await wire.request({ ...attempt, tenant: 'harbour', password: 'wrong' }),
      ];

      const [first] = answers;
      expect(first?.error?.code).toBe('login.refused');
      expect(answers.map(({ error }) => error)).toEqual(Array(4).fill(first?.error));
    },
  );

  it("refuses another tenant's token, and it stays good at its own", async () => {
    const user = bench.user('coast', 'token');
    const [own, foreign] = [await bench.connect('coast'), await bench.connect('harbour')];
    const { token } = await own.prove(user);

    const refused = [
      await foreign.refusal({ action: 'register', tenant: 'harbour', token }),
      await foreign.refusal({ action: 'register', tenant: 'coast', token }),
    ];

    expect(refused).toEqual(['token.refused', 'token.refused']);
    expect(await own.refusal({ action: 'register', tenant: 'coast', token })).toBe('');
  });

  it("cannot resume another tenant's session, even with its key", async () => {
    const { session } = await bench.logIn(bench.user('coast', 'token'));
    const thief = await bench.connect('harbour');
    const { sessionId, resumeKey } = session;

    const refused = await thief.refusal({ action: 'resume', sessionId, resumeKey, lastSeq: 0 });

    expect(refused).toBe('session.foreign');
  });

  it("cannot touch another tenant's call", async () => {
    const [ours, theirs] = [
      await bench.logIn(bench.user('coast', 'token')),
      await bench.logIn(bench.user('harbour', 'token')),
    ];
    const { callId } = await bench.call(ours);

    const refused = await theirs.wire.refusal({ action: 'call.hang-up', callId, seq: 99 });

    expect(refused).toBe('call.not-found');
    expect(bench.callFrom(ours.session.impu)?.state).toBe('established');
  });

  it('REG-1: the same names have identities of their own', async () => {
    const users = TENANTS.flatMap((tenant) => [
      bench.user(tenant, 'ip-pbx'),
      bench.user(tenant, 'token'),
    ]);

    const impus = [];
    for (const user of users) impus.push((await bench.logIn(user)).session.impu);

    expect(impus).toEqual([
      'sip:desk1@coast.example',
      'sip:sam@coast.example',
      'sip:desk1@harbour.example',
      'sip:sam@harbour.example',
    ]);
  });

  it('a name that is dialled rings at the own tenant alone', async () => {
    const [ours, theirs, caller] = [
      await bench.logIn(bench.user('coast', 'token')),
      await bench.logIn(bench.user('harbour', 'token')),
      await bench.logIn(bench.user('harbour', 'ip-pbx')),
    ];
    const callId = randomUUID();
    const start = { action: 'call.start', callId, seq: 1, target: 'sam', sdp: aBrowserSdp() };

    await caller.wire.ask(start);
    await theirs.wire.next(({ event }) => event === 'call.incoming');
    await caller.wire.ask({ action: 'call.hang-up', callId, seq: 2 });
    await theirs.wire.next(({ event }) => event === 'call.ended');

    expect(ours.wire.untaken.filter(({ event }) => event === 'call.incoming')).toEqual([]);
  });

  it('every item but those of nodes and of addresses says whose it is', async () => {
    const ours = await bench.logIn(bench.user('coast', 'token'));
    const phone = await bench.call(ours);
    await phone.command('call.hang-up');

    const items = await bench.items();
    const ownerless = items.filter((item) => !tenantOf(item));

    expect(items.some(({ pk }) => String(pk).startsWith('SESSION#'))).toBe(true);
    expect(ownerless.map(({ pk, sk }) => ({ pk, sk }))).toEqual([]);
  });

  it('every log line about a connection, a session or a call says whose it is', async () => {
    const ours = await bench.logIn(bench.user('coast', 'ip-pbx'));
    const phone = await bench.call(ours);
    await phone.command('call.hang-up');
    await ours.wire.next(({ event }) => event === 'call.ended');

    const lines = bench.lines.map((line) => JSON.parse(line) as Item);
    const named = lines.filter((it) => it['connectionId'] ?? it['sessionId'] ?? it['callId']);

    expect(named.length).toBeGreaterThan(0);
    expect(named.filter(({ tenant }) => !TENANTS.some((it) => it === tenant))).toEqual([]);
  });
});

function tenantOf({ pk, tenantId }: Item): string | undefined {
  const key = String(pk);
  if (typeof tenantId === 'string') return tenantId;
  if (/^(?:NODE|THROTTLE#ADDRESS)#/.test(key)) return 'nobody';
  return /^(?:TENANT|THROTTLE#USER)#([^#]+)/.exec(key)?.[1];
}

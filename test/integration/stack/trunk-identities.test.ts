import { rm } from 'node:fs/promises';
import type { DemoTenant, DemoUser, DemoWorld } from '../../../local/src/demo-world.ts';
import { aBrowserSdp } from '../../support/an-sdp.ts';
import { until } from '../../support/until.ts';
import type { WireClient } from '../../support/wire-client.ts';
import { aDataDir, type Someone, TestStack } from './a-stack.ts';

const TENANT = 'coast';
const D = 'coast.example';
const PEOPLE = ['ada', 'ben', 'cleo', 'dan', 'eve', 'finn'] as const;

interface Of {
  readonly impus: readonly string[];
  readonly secondImpus?: readonly string[];
  readonly showImpu?: boolean;
  readonly bulk?: Pick<DemoTenant['trunk'], 'bulkRegistration' | 'numbers'>;
}

/** One tenant whose people all live on trunks, and a subscriber of the operator beside them. */
function worldOf({ bulk, impus, secondImpus, showImpu = true }: Of): DemoWorld {
  const subscription = (name: string) => ({
    impu: `sip:${name}@${D}`,
    impi: `${name}@${D}`,
    password: `${name}-secret`,
  });
  const [trunk, second, sam] = ['pbx', 'pbx2', 'sam'].map(subscription) as [
    ReturnType<typeof subscription>,
    ReturnType<typeof subscription>,
    ReturnType<typeof subscription>,
  ];
  const set = (it: typeof trunk, more: readonly string[]) => ({
    domain: D,
    impi: it.impi,
    password: it.password,
    impus: [it.impu, ...more],
  });
  const password = 'of the web';
  return {
    tenants: [
      {
        ...{ tenant: TENANT, domain: D, settings: { showImpu } },
        trunk: { ...trunk, ...bulk },
        ...(secondImpus && { moreTrunks: { second } }),
      },
    ],
    users: [
      ...PEOPLE.map((userName) => ({
        ...{ tenant: TENANT, option: 'ip-pbx' as const, userName, password },
      })),
      { tenant: TENANT, option: 'token', userName: 'sam', password, vault: sam },
    ],
    subscribers: [
      set(trunk, impus),
      ...(secondImpus ? [set(second, secondImpus)] : []),
      set(sam, []),
    ],
  };
}

const userOf = (bench: TestStack, name: string): DemoUser => {
  const user = bench.stack.world.users.find(({ userName }) => userName === name);
  if (!user) throw new Error(`nobody is called ${name}`);
  return user;
};

let calls = 0;
async function dial({ wire }: Someone, target: string): Promise<string> {
  calls += 1;
  const callId = `call-of-identities-${String(calls)}`;
  const start = { action: 'call.start', callId, seq: 1, target, sdp: aBrowserSdp() };
  expect((await wire.request(start)).error).toBeUndefined();
  return callId;
}
const ended = (wire: WireClient, callId: string) =>
  wire.next((it) => it.event === 'call.ended' && it.callId === callId);
const isIncoming = ({ event }: { readonly event?: string }) => event === 'call.incoming';

/** Calls, and looks who of all rings. */
async function expectToRing(
  caller: Someone,
  callee: Someone,
  all: readonly Someone[],
): Promise<void> {
  const callId = await dial(caller, callee.session.impu);
  const { callId: incoming } = await callee.wire.next(isIncoming);
  const decline = { action: 'call.decline', callId: incoming, seq: 1 };
  expect((await callee.wire.request(decline)).error).toBeUndefined();
  await ended(caller.wire, callId);
  expect(all.flatMap(({ wire }) => wire.untaken.filter(isIncoming))).toEqual([]);
}

describe('REG-1: an implicit set', () => {
  let bench: TestStack;
  afterEach(async () => {
    await bench.close();
  });

  const online = (names: readonly string[]) =>
    Promise.all(names.map((name) => bench.logIn(userOf(bench, name))));

  it.each([
    ['several IMPUs', ['desk1', 'desk2', 'desk3', 'desk4', 'desk5', 'desk6']],
    ['a wildcarded IMPU', ['web!.*!']],
    ['a wildcarded block of numbers', ['!\\+4930555[0-9]{2}!']],
    ['named and wildcarded IMPUs', ['desk1', 'desk2', 'web!.*!', '+4930!77[0-9]!']],
  ])('of %s gives each of six an identity of its own, by which each is called', async (_, set) => {
    const impus = set.map((user) => `sip:${user}@${D}`);
    bench = await TestStack.start({ world: worldOf({ impus }) });
    const all = await online(PEOPLE);
    const sam = await bench.logIn(userOf(bench, 'sam'));
    expect(new Set(all.map(({ session }) => session.impu)).size).toBe(PEOPLE.length);

    for (const callee of all) await expectToRing(sam, callee, all);
    const [first, second] = all as [Someone, Someone];
    await expectToRing(first, second, all);
  });

  it('of one IMPU serves one user; the next is told that there is none left', async () => {
    bench = await TestStack.start({ world: worldOf({ impus: [] }) });
    const [ada] = (await online(['ada'])) as [Someone];
    expect(ada.session.impu).toBe(`sip:pbx@${D}`);

    const wire = await bench.connect(TENANT);
    await wire.prove(userOf(bench, 'ben'));
    const { error } = await wire.request({ action: 'register', tenant: TENANT });

    expect(error).toEqual({
      code: 'registration.no-identity-left',
      message: 'Every telephone identity is taken.',
      retryable: true,
    });
  });

  it('answers for what nobody was given 404, and for who is not there 480', async () => {
    const impus = ['desk1', 'desk2', 'desk3', 'web!.*!'].map((user) => `sip:${user}@${D}`);
    bench = await TestStack.start({ world: worldOf({ impus }) });
    const all = await online(['ada', 'ben']);
    const sam = await bench.logIn(userOf(bench, 'sam'));
    const given = all.map(({ session }) => session.impu);
    const free = impus.slice(0, 3).filter((impu) => !given.includes(impu));

    for (const target of [...free, `sip:web-nobody@${D}`, `sip:pbx@${D}`]) {
      const callId = await dial(sam, target);
      expect(await ended(sam.wire, callId)).toMatchObject({ cause: 'not-found', sipStatus: 404 });
    }
    const [ada] = all as [Someone];
    await ada.wire.ask({ action: 'logout' });
    const callId = await dial(sam, ada.session.impu);
    expect(await ended(sam.wire, callId)).toMatchObject({ cause: 'unavailable', sipStatus: 480 });
  });

  it('of several trunks: a full one leads to the next, and the binding names its trunk', async () => {
    bench = await TestStack.start({
      world: worldOf({ impus: [`sip:desk1@${D}`], secondImpus: [`sip:desk2@${D}`] }),
    });
    const all = await online(['ada', 'ben', 'cleo', 'dan']);

    const bindings = (await bench.items()).filter(
      ({ pk, sk }) => sk === 'BINDING' && String(pk).includes('#USER#'),
    );
    const lines = bindings.map(({ impu, trunkId }) => `${String(trunkId)} ${String(impu)}`);
    expect(lines.sort()).toEqual([
      `main sip:desk1@${D}`,
      `main sip:pbx@${D}`,
      `second sip:desk2@${D}`,
      `second sip:pbx2@${D}`,
    ]);
    const sam = await bench.logIn(userOf(bench, 'sam'));
    for (const callee of all) await expectToRing(sam, callee, all);
  });

  it('is given again as it was after the whole was started anew', async () => {
    const impus = ['desk1', 'desk2', 'desk3'].map((user) => `sip:${user}@${D}`);
    const given = { world: worldOf({ impus }), dataDir: await aDataDir() };
    bench = await TestStack.start(given);
    const before = (await online(['ada', 'ben', 'cleo'])).map(({ session }) => session.impu);
    await bench.close();

    bench = await TestStack.start(given);
    const after = (await online(['cleo', 'ben', 'ada'])).map(({ session }) => session.impu);
    await bench.close();
    await rm(given.dataDir, { recursive: true });

    expect(after).toEqual(before.toReversed());
  });
});

describe('REG-1: a block of numbers', () => {
  const BLOCK = `sip:+4930555!0[0-9]!@${D}`;
  const OUTSIDE = `sip:+4930556!0[0-9]!@${D}`;
  let bench: TestStack;
  afterEach(async () => {
    await bench.close();
  });

  const start = (more: Partial<Of>, bulkRegistration: boolean) =>
    TestStack.start({ world: worldOf({ impus: [BLOCK], ...more }), bulkRegistration });
  const online = () => Promise.all(PEOPLE.map((name) => bench.logIn(userOf(bench, name))));
  const contacts = () =>
    bench.simulator
      .registrations()
      .flatMap(({ contact, impi }) => (impi === `pbx@${D}` ? contact : []));

  it('registered in bulk gives each of six a number, by which each is called', async () => {
    bench = await start({ bulk: { bulkRegistration: 'require', numbers: [BLOCK] } }, true);
    const all = await online();
    const sam = await bench.logIn(userOf(bench, 'sam'));

    expect(contacts()).toEqual([expect.stringMatching(/^sip:127\.0\.0\.1:\d+;transport=tcp;bnc$/)]);
    expect(new Set(all.map(({ session }) => session.impu)).size).toBe(PEOPLE.length);
    for (const { session } of all) expect(session.impu).toMatch(/^sip:\+49305550\d@/);
    for (const callee of all) await expectToRing(sam, callee, all);
    const [first, second] = all as [Someone, Someone];
    await expectToRing(first, second, all);
    const call = await bench.call(first);
    await call.hear(10);
    expect(bench.callFrom(first.session.impu)?.speechPackets).toBeGreaterThan(0);
    await call.command('call.hang-up');
    await ended(first.wire, call.callId);
  });

  it('answers 404 for a number of it that nobody has, and for one it does not know', async () => {
    const impus = [BLOCK, OUTSIDE];
    bench = await start({ impus, bulk: { bulkRegistration: 'require', numbers: [BLOCK] } }, true);
    const all = await online();
    const sam = await bench.logIn(userOf(bench, 'sam'));
    const given = all.map(({ session }) => session.impu);
    const free = Array.from({ length: 10 }, (_, at) => `sip:+49305550${String(at)}@${D}`).filter(
      (number) => !given.includes(number),
    );

    for (const target of [...free, `sip:+493055600@${D}`]) {
      const callId = await dial(sam, target);
      expect(await ended(sam.wire, callId)).toMatchObject({ cause: 'not-found', sipStatus: 404 });
    }
  });

  it('is wanted in vain of a core that does not know it: the implicit set serves', async () => {
    bench = await start({ bulk: { bulkRegistration: 'try', numbers: [OUTSIDE] } }, false);
    const all = await online();
    const sam = await bench.logIn(userOf(bench, 'sam'));

    expect(contacts()).toEqual([expect.not.stringContaining('bnc')]);
    for (const { session } of all) expect(session.impu).toMatch(/^sip:\+49305550\d@/);
    for (const callee of all) await expectToRing(sam, callee, all);
  });

  it('is demanded in vain of a core that does not know it: the trunk stays down', async () => {
    bench = await start({ bulk: { bulkRegistration: 'require', numbers: [BLOCK] } }, false);
    const wire = await bench.connect(TENANT);
    await wire.prove(userOf(bench, 'ada'));

    const { error } = await wire.request({ action: 'register', tenant: TENANT });

    expect(error).toEqual({
      code: 'registration.trunk-down',
      message: 'The telephone network is not reachable now.',
      retryable: true,
    });
    expect(contacts()).toEqual([]);
    expect(bench.lines.some((line) => line.includes('IMS refused a trunk'))).toBe(true);
  });
});

describe('REG-1: a tenant that hides its identities', () => {
  let bench: TestStack;
  afterEach(async () => {
    await bench.close();
  });

  it('tells none: in no answer, event, call, error or replay', async () => {
    bench = await TestStack.start({
      world: worldOf({ impus: [`sip:secret-line@${D}`, `sip:hush!.*!@${D}`], showImpu: false }),
    });
    const frames: string[] = [];
    const listen = async () => {
      const wire = await bench.connect(TENANT);
      wire.socket.on('message', (data: Buffer) => frames.push(data.toString('utf8')));
      return wire;
    };
    const wire = await listen();
    const user = userOf(bench, 'ada');
    const session = await wire.logIn(user);
    const ada = { user, wire, session };
    expect(session.impu).toBe('');
    const binding = (await bench.items()).find(
      ({ userName, sk }) => userName === 'ada' && sk === 'BINDING',
    );
    const impu = String(binding?.['impu']);
    expect(impu).toMatch(/secret-line|hush/);
    const sam = await bench.logIn(userOf(bench, 'sam'));

    const call = await bench.call(ada);
    await call.command('call.hang-up');
    await ended(wire, call.callId);
    await ended(wire, await dial(ada, 'sip:nobody@nowhere.example'));
    await wire.request({ action: 'call.start', callId: 'c-bad', seq: 1, target: '', sdp: 'x' });
    const callId = await dial(sam, impu);
    const { callId: incoming } = await wire.next(isIncoming);
    await wire.request({ action: 'call.decline', callId: incoming, seq: 1 });
    await ended(sam.wire, callId);
    wire.terminate();
    await until(async () => {
      const item = (await bench.items()).find(({ pk }) => pk === `SESSION#${session.sessionId}`);
      return item?.['connectionId'] === undefined;
    }, 'the socket is noticed to be gone');
    const again = await listen();
    const { resumeKey, sessionId } = session;
    const resume = { action: 'resume', sessionId, resumeKey, lastSeq: 0 };
    const replayed = await again.ask(resume);
    expect((replayed['events'] as unknown[]).length).toBeGreaterThan(5);
    bench.simulator.terminateRegistration(`pbx@${D}`);
    await again.ask({ action: 'logout' });

    const name = impu.slice('sip:'.length, impu.indexOf('@'));
    expect(frames.length).toBeGreaterThan(10);
    expect(frames.filter((frame) => frame.includes(name))).toEqual([]);
  });
});

import type { Deregistration } from '../../../local/src/ims/ims-types.ts';
import { until } from '../../support/until.ts';
import type { WireClient } from '../../support/wire-client.ts';
import { type Someone, TestStack } from './a-stack.ts';

const isState =
  (wanted: string) =>
  ({ event, state }: { readonly event?: string; readonly state?: string }) =>
    event === 'registration' && state === wanted;

const turns = async (wire: WireClient, ...states: readonly string[]): Promise<void> => {
  for (const state of states) await wire.next(isState(state));
};

const ended = (wire: WireClient) => wire.next(({ event }) => event === 'session.ended');

let bench: TestStack;
/** Where every test leaves the stack as it was. */
const shareStack = (): void => {
  beforeAll(async () => {
    bench = await TestStack.start();
  });
  afterEach(async () => {
    await bench.clear();
  });
  afterAll(async () => {
    await bench.close();
  });
};

const freshStack = (): void => {
  beforeEach(async () => {
    bench = await TestStack.start();
  });
  afterEach(async () => {
    await bench.close();
  });
};

/** How often this identity has taken a NOTIFY. */
const notified = (impu: string): number =>
  bench.simulator
    .trace()
    .filter(
      ({ direction, text }) =>
        direction === 'in' &&
        /^SIP\/2\.0 200 .*^CSeq: \d+ NOTIFY/ims.test(text) &&
        text.includes(`From: <${impu}>`),
    ).length;
const watched = (impu: string, since = 0) =>
  until(() => notified(impu) > since, `${impu} hears of its registration`);
const trunkImpu = (tenant: string): string => {
  const found = bench.stack.world.tenants.find((it) => it.tenant === tenant);
  return found?.trunk.impu ?? '';
};
const logIn = async (option: 'same-credentials' | 'token'): Promise<Someone> => {
  const user = bench.user('coast', option);
  const identity = user.vault?.impu ?? user.userName;
  const since = notified(identity);
  const someone = await bench.logIn(user);
  expect(someone.session.impu).toBe(identity);
  await watched(identity, since);
  return someone;
};
const FINAL: readonly Deregistration['event'][] = ['rejected', 'unregistered'];

describe.each(['same-credentials', 'token'] as const)(
  'REG-9: a session by %s that the network de-registers',
  (option) => {
    shareStack();

    it.each(FINAL)('(%s) is told, ends, and may log in again', async (event) => {
      const someone = await logIn(option);

      bench.simulator.deregister(someone.session.impu, { event });

      expect(await ended(someone.wire)).toMatchObject({ reason: 'de-registered-by-network' });
      const again = await bench.logIn(someone.user);
      expect(again.session.impu).toBe(someone.session.impu);
      expect(again.session.sessionId).not.toBe(someone.session.sessionId);
    });

    it.each<Deregistration>([
      { event: 'deactivated' },
      { event: 'expired' },
      { event: 'probation', retryAfterS: 1 },
    ])('(%j) is told, stays, and is registered again without its doing', async (why) => {
      const { session, wire } = await logIn(option);
      const since = notified(session.impu);

      bench.simulator.deregister(session.impu, why);

      await turns(wire, 'registering', 'registered');
      await watched(session.impu, since + 1);
      const impus = bench.simulator.registrations().map(({ defaultImpu }) => defaultImpu);
      expect(impus).toContain(session.impu);
      expect(wire.untaken.filter(({ event }) => event === 'session.ended')).toEqual([]);
    });
  },
);

const member = async (index = 0): Promise<Someone> => {
  const someone = await bench.logIn(bench.user('coast', 'ip-pbx', index));
  await watched(trunkImpu('coast'));
  return someone;
};

// The second such end in a row is followed later: each test has a stack of its own.
describe('REG-9: a trunk that the network asks to register again', () => {
  freshStack();

  it.each<Deregistration>([
    { event: 'deactivated' },
    { event: 'expired' },
    { event: 'probation', retryAfterS: 1 },
  ])('(%j) comes back, its member and the next user with it', async (why) => {
    const someone = await member();
    const since = notified(trunkImpu('coast'));

    bench.simulator.deregister(trunkImpu('coast'), why);

    await turns(someone.wire, 'registering', 'registered');
    await watched(trunkImpu('coast'), since + 1);
    const call = await bench.call(someone);
    await call.hear(5);
    await bench.logIn(bench.user('coast', 'ip-pbx', 1));
    const impis = bench.simulator.registrations().map(({ defaultImpu }) => defaultImpu);
    expect(impis).toContain(trunkImpu('coast'));
  });
});

describe('REG-9: a trunk that the network de-registers for good', () => {
  freshStack();

  it.each(FINAL)('(%s) is down: its member is told, others are refused', async (event) => {
    const { wire } = await member();

    bench.simulator.deregister(trunkImpu('coast'), { event });

    await turns(wire, 'registering');
    await until(
      async () =>
        (await bench.items()).some(
          ({ sk, state, tenantId }) =>
            String(sk).startsWith('TRUNK#') && state === 'down' && tenantId === 'coast',
        ),
      'the trunk is written down',
    );
    const other = await bench.connect('coast');
    const user = bench.user('coast', 'ip-pbx', 1);
    await other.prove(user);
    expect((await other.request({ action: 'register', tenant: 'coast' })).error).toMatchObject({
      ...{ code: 'registration.trunk-down', retryable: true },
    });
    const call = { action: 'call.start', callId: 'call-of-nobody', seq: 1, target: 'echo' };
    expect((await wire.request({ ...call, sdp: 'v=0' })).error).toMatchObject({ retryable: true });
    const told = bench.lines.filter((it) => it.includes('IMS ended the registration of a trunk'));
    expect(told).toHaveLength(1);
  });

  it('is no concern of another tenant', async () => {
    const shore = bench.stack.world.users.find(
      ({ option, tenant }) => option === 'ip-pbx' && tenant !== 'coast',
    );
    if (!shore) throw new Error('one tenant only');
    const other = await bench.logIn(shore);
    const { wire } = await member();

    bench.simulator.deregister(trunkImpu('coast'), { event: 'rejected' });
    await turns(wire, 'registering');

    await (await bench.call(other)).hear(5);
    expect(other.wire.untaken.filter(isState('registering'))).toEqual([]);
  });
});

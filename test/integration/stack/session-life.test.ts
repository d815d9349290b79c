import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { aBrowserSdp } from '../../support/an-sdp.ts';
import { until } from '../../support/until.ts';
import type { WireMessage } from '../../support/wire-client.ts';
import { aDataDir, type Someone, TestStack } from './a-stack.ts';

const contactOf = (bench: TestStack, impu: string): string | undefined =>
  bench.simulator.registrations().find(({ defaultImpu }) => defaultImpu === impu)?.contact;

const resumeOf = ({ session, wire }: Someone) => ({
  action: 'resume',
  sessionId: session.sessionId,
  resumeKey: session.resumeKey,
  lastSeq: wire.lastSeq,
});

const started: TestStack[] = [];

async function aStack(options?: Parameters<typeof TestStack.start>[0]): Promise<TestStack> {
  const bench = await TestStack.start(options);
  started.push(bench);
  return bench;
}

afterEach(async () => {
  for (const bench of started.splice(0)) await bench.close();
});

describe('REG-3: a token', () => {
  it('registers once', async () => {
    const bench = await aStack();
    const [first, second] = [await bench.connect('coast'), await bench.connect('coast')];
    const { token } = await first.prove(bench.user('coast', 'token'));
    const register = { action: 'register', tenant: 'coast', token };

    const granted = await first.refusal(register);
    const replayed = [await first.refusal(register), await second.refusal(register)];

    expect([granted, ...replayed]).toEqual(['', 'token.refused', 'token.refused']);
  });

  it('registers one of two that come at once', async () => {
    const bench = await aStack();
    const wires = [await bench.connect('coast'), await bench.connect('coast')];
    const { token } = (await wires[0]?.prove(bench.user('coast', 'token'))) ?? {};

    const outcomes = await Promise.all(
      wires.map((wire) => wire.refusal({ action: 'register', tenant: 'coast', token })),
    );

    expect(outcomes.toSorted()).toEqual(['', 'token.refused']);
  });
});

describe('REG-10: a session whose WebSocket is lost', () => {
  it.each(['ip-pbx', 'same-credentials', 'token'] as const)(
    'is resumed within the grace time as the same registration, by %s',
    async (option) => {
      const bench = await aStack();
      const someone = await bench.logIn(bench.user('coast', option));
      const before = bench.simulator.registrations();
      someone.wire.terminate();
      await until(async () => {
        const items = await bench.items();
        return items.some(({ pk, sk, connectionId }) => {
          const isSession = pk === `SESSION#${someone.session.sessionId}` && sk === 'SESSION';
          return isSession && connectionId === undefined;
        });
      }, 'the session is detached');

      const wire = await bench.connect('coast');
      const resumed = await wire.ask(resumeOf(someone));
      const phone = await bench.call({ ...someone, wire });
      const after = bench.simulator.registrations();
      await phone.close();

      expect(resumed).toEqual({ events: [], iceServers: someone.session.iceServers });
      expect(before.length).toBeGreaterThan(0);
      expect(after).toEqual(before);
    },
  );

  it('SES-8: keeps its call, and is told on return what it missed', async () => {
    const bench = await aStack();
    const someone = await bench.logIn(bench.user('coast', 'token'));
    // It hangs up after a second, while nobody listens.
    const phone = await bench.call(someone, 'callme');
    someone.wire.terminate();
    await until(
      () => bench.simulator.calls().some(({ state }) => state === 'ended'),
      'the far end hung up',
    );
    await until(() => bench.stack.node.activeCalls === 0, 'the node has seen it');

    const wire = await bench.connect('coast');
    const { events } = await wire.ask(resumeOf(someone));
    const again = await wire.ask({ ...resumeOf(someone), lastSeq: 0 });

    expect(events).toMatchObject([{ event: 'call.ended', callId: phone.callId }]);
    expect(seqsOf(again)).toEqual(seqsOf(again).map((_, index) => index + 1));
  });

  it('takes commands from the connection that resumed it alone', async () => {
    const bench = await aStack();
    const someone = await bench.logIn(bench.user('coast', 'token'));
    const phone = await bench.call(someone);
    const wire = await bench.connect('coast');
    await wire.ask(resumeOf(someone));
    const hangUp = { action: 'call.hang-up', callId: phone.callId, seq: 90 };

    const former = await someone.wire.refusal(hangUp);
    const present = await wire.refusal(hangUp);

    expect([former, present]).toEqual(['session.foreign', '']);
  });

  it.each([
    ['a $disconnect that comes', []],
    ['a $disconnect that never comes', ['drop-disconnect'] as const],
  ])('ends with the grace time, after %s', async (_, faults) => {
    const bench = await aStack({ graceS: 1, probeIntervalS: 1, faults });
    const [trunk, same, token] = [
      await bench.logIn(bench.user('coast', 'ip-pbx')),
      await bench.logIn(bench.user('coast', 'same-credentials')),
      await bench.logIn(bench.user('coast', 'token')),
    ];
    const caller = await bench.logIn(bench.user('coast', 'token', 1));
    const pbx = contactOf(bench, 'sip:pbx@coast.example');
    for (const { wire } of [trunk, same, token]) wire.terminate();

    await until(
      () => [same, token].every(({ session }) => contactOf(bench, session.impu) === undefined),
      'options 2 and 3 are de-registered',
    );
    const ends = [];
    for (const { session } of [trunk, token]) ends.push(await failedCall(caller, session.impu));
    const wire = await bench.connect('coast');
    const late = await wire.refusal(resumeOf(token));
    const pbxAfter = contactOf(bench, 'sip:pbx@coast.example');
    const callerAfter = contactOf(bench, caller.session.impu);

    const unavailable = { cause: 'unavailable', sipStatus: 480 };
    expect(ends).toMatchObject([unavailable, unavailable]);
    expect(late).toBe('session.ended');
    expect(pbx).toBeDefined();
    expect(pbxAfter).toBe(pbx);
    expect(callerAfter).toBeDefined();
  });
});

describe('REG-1: a binding', () => {
  it('outlives the service: the same user is the same identity after a restart', async () => {
    const dataDir = await aDataDir();
    const before = await impusAt(dataDir, [1, 0]);
    const after = await impusAt(dataDir, [0, 1]);
    await rm(dataDir, { recursive: true, force: true });

    expect(new Set(before).size).toBe(2);
    expect(after).toEqual(before.toReversed());
  });
});

/** The identities of these users of the IP-PBX, who log in one after the other. */
async function impusAt(dataDir: string, users: readonly number[]): Promise<readonly string[]> {
  const bench = await TestStack.start({ dataDir });
  const impus = [];
  for (const index of users) {
    impus.push((await bench.logIn(bench.user('coast', 'ip-pbx', index))).session.impu);
  }
  await bench.close();
  return impus;
}

async function failedCall({ wire }: Someone, target: string): Promise<WireMessage> {
  const callId = randomUUID();
  await wire.ask({ action: 'call.start', callId, seq: 1, target, sdp: aBrowserSdp() });
  return wire.next((it) => it.event === 'call.ended' && it.callId === callId);
}

const seqsOf = ({ events }: Readonly<Record<string, unknown>>): readonly number[] =>
  (events as readonly { readonly seq: number }[]).map(({ seq }) => seq);

import { until } from '../../support/until.ts';
import type { WirePhone } from '../../support/wire-phone.ts';
import { type Someone, TestStack } from './a-stack.ts';

describe('SES-5 and MED-10: calls handed on between the users of a stack', () => {
  let bench: TestStack;
  let alice: Someone;
  let bob: Someone;
  let carol: Someone;
  const phones: WirePhone[] = [];

  beforeAll(async () => {
    bench = await TestStack.start({
      calling: {
        destinations: { rules: [{ action: 'deny', number: '+49900' }], otherwise: 'allow' },
      },
    });
    [alice, bob, carol] = await Promise.all([
      bench.logIn(bench.user('coast', 'token')),
      bench.logIn(bench.user('coast', 'ip-pbx', 0)),
      bench.logIn(bench.user('coast', 'ip-pbx', 1)),
    ]);
  });
  afterEach(async () => {
    for (const phone of phones.splice(0)) {
      // Of most of them nothing is left.
      await phone.command('call.hang-up');
      await phone.close();
    }
  });
  afterAll(() => bench.close());

  const talk = async (from: Someone, to: Someone) => {
    const [caller, callee] = await Promise.all([
      bench.call(from, to.session.impu),
      bench.answer(to),
    ]);
    phones.push(caller, callee);
    return { caller, callee };
  };
  const refers = (): number =>
    bench.simulator.trace().filter(({ text }) => text.startsWith('REFER ')).length;
  const event = ({ wire }: Someone, { callId }: WirePhone, name: string, state?: string) =>
    wire.next(
      (it) =>
        it.event === name && it.callId === callId && (state === undefined || it.state === state),
    );
  /** MED-10: whoever it is that talks, the browser hears one stream, by one clock of 8 kHz. */
  const expectOneStream = ({ stream }: WirePhone, sinceMs: number): void => {
    expect(stream.sources).toHaveLength(1);
    expect(stream.breaks).toEqual([]);
    expect(stream.ticks / 8).toBeLessThan(performance.now() - sinceMs + 100);
  };
  const ended = async ({ wire }: Someone, { callId }: WirePhone) =>
    (await wire.next((it) => it.event === 'call.ended' && it.callId === callId)).cause;

  it('blind: whom Alice talks to talks to the one she named, on the same media', async () => {
    const beganMs = performance.now();
    const { caller, callee } = await talk(alice, bob);
    const target = carol.session.impu;
    const rung = bench.answer(carol);

    expect((await caller.command('call.transfer', { target })).error).toBeUndefined();

    const third = await rung;
    phones.push(third);
    expect(await event(alice, caller, 'call.transfer', 'done')).toMatchObject({
      text: 'transferred',
    });
    expect(await ended(alice, caller)).toBe('transferred');
    expect(await event(bob, callee, 'call.moving', 'trying')).toMatchObject({
      to: { uri: target },
    });
    expect(await event(bob, callee, 'call.moved')).toMatchObject({ to: { uri: target } });
    await Promise.all([callee.hear(20), third.hear(20)]);
    expectOneStream(callee, beganMs);
    await callee.command('call.hang-up');
    expect(await ended(carol, third)).toBe('remote-hung-up');
    // OPS-3: every party of the call stands in a record.
    const recordOf = async ({ callId }: WirePhone) =>
      (await bench.items()).find((it) => it['callId'] === callId && it['endedAtMs'] !== undefined);
    await until(
      async () => [await recordOf(caller), await recordOf(callee)].every((it) => it !== undefined),
      'both records',
    );
    expect(await recordOf(caller)).toMatchObject({ transferredTo: target, cause: 'transferred' });
    expect(await recordOf(callee)).toMatchObject({ laterPeers: [target] });
  });

  it('blind to somebody busy: both go on as they were, and Alice is told', async () => {
    const { caller, callee } = await talk(alice, bob);

    await caller.command('call.transfer', { target: 'busy' });

    expect(await event(alice, caller, 'call.transfer', 'failed')).toMatchObject({ text: 'busy' });
    expect(await event(bob, callee, 'call.moving', 'failed')).toMatchObject({ text: 'busy' });
    await Promise.all([caller.hear(20), callee.hear(20)]);
  });

  it('blind to where the tenant lets nobody call: refused before anything is sent', async () => {
    const { caller } = await talk(alice, bob);
    const before = refers();

    const { error } = await caller.command('call.transfer', { target: '+49 900 1' });

    expect(error?.code).toBe('call.destination-barred');
    expect(refers()).toBe(before);
  });

  it.each(['caller', 'callee'] as const)(
    'attended: Alice, %s of the first call, connects the two she talks to',
    async (role) => {
      const beganMs = performance.now();
      const first = role === 'caller' ? await talk(alice, bob) : await talk(bob, alice);
      const [hers, his] =
        role === 'caller' ? [first.caller, first.callee] : [first.callee, first.caller];
      await hers.command('call.hold');
      const second = await talk(alice, carol);

      const asked = { otherCallId: second.caller.callId };
      expect((await hers.command('call.transfer-to', asked)).error).toBeUndefined();

      expect(await ended(alice, hers)).toBe('transferred');
      await ended(alice, second.caller);
      expect(await event(bob, his, 'call.moved')).toMatchObject({
        to: { uri: carol.session.impu },
      });
      expect(await event(carol, second.callee, 'call.moved')).toMatchObject({
        to: { uri: bob.session.impu },
      });
      await Promise.all([his.hear(20), second.callee.hear(20)]);
      for (const replaced of [his, second.callee]) expectOneStream(replaced, beganMs);
    },
  );
});

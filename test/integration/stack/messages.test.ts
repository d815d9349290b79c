import { randomUUID } from 'node:crypto';
import { type Someone, TestStack } from './a-stack.ts';

describe('SES-5: messages of the users of a stack', () => {
  let bench: TestStack;

  beforeAll(async () => {
    bench = await TestStack.start();
  });
  afterEach(() => bench.clear());
  afterAll(() => bench.close());

  async function write({ wire }: Someone, target: string, text: string) {
    const messageId = randomUUID();
    await wire.ask({ action: 'message.send', messageId, target, text });
    const settled = await wire.next(
      (it) => it.event === 'message.settled' && it.messageId === messageId,
    );
    return settled.outcome;
  }

  it('go through IMS from a client’s own identity to all devices of an IP-PBX user, and back', async () => {
    const alice = await bench.logIn(bench.user('coast', 'token'));
    const bob = bench.user('coast', 'ip-pbx');
    const desk = await bench.logIn(bob);
    const mobile = await bench.logIn(bob);

    expect(await write(alice, desk.session.impu, 'Grüße 👋')).toBe('delivered');

    for (const { wire } of [desk, mobile]) {
      expect(await wire.next((it) => it.event === 'message.incoming')).toMatchObject({
        ...{ text: 'Grüße 👋', from: { uri: alice.session.impu } },
      });
    }
    expect(await write(desk, alice.session.impu, 'hello')).toBe('delivered');
    expect(await alice.wire.next((it) => it.event === 'message.incoming')).toMatchObject({
      ...{ text: 'hello', from: { uri: desk.session.impu } },
    });
  });

  it('that cannot arrive are told as what became of them', async () => {
    const alice = await bench.logIn(bench.user('coast', 'token'));
    const away = await bench.logIn(bench.user('coast', 'ip-pbx'));
    const { impu } = away.session;
    away.wire.terminate();
    await away.wire.closed;

    expect(await write(alice, 'nobody', 'hello')).toBe('not-found');
    expect(await write(alice, 'busy', 'hello')).toBe('unavailable');
    expect(await write(alice, impu, 'hello')).toBe('unavailable');
    expect(await write(alice, 'echo', 'x'.repeat(1_200))).toBe('too-large');
  });

  it('reach a service of the simulator, which writes back', async () => {
    const alice = await bench.logIn(bench.user('coast', 'token'));

    expect(await write(alice, 'echo', 'hello')).toBe('delivered');

    expect(await alice.wire.next((it) => it.event === 'message.incoming')).toMatchObject({
      ...{ text: 'hello', from: { uri: 'sip:echo@coast.example' } },
    });
  });
});

import { randomUUID } from 'node:crypto';
import { aBrowserSdp } from '../../support/an-sdp.ts';
import { until } from '../../support/until.ts';
import { leave, type Someone, TestStack } from './a-stack.ts';

const contact = (of: string, cause: number): string =>
  `sip:echo@coast.example;target=${of.replace('@', '%40')};cause=${String(cause)}`;

describe('SES-5: calls to a user of a stack who does not take them', () => {
  let bench: TestStack;
  let alice: Someone;

  beforeAll(async () => {
    bench = await TestStack.start();
    alice = await bench.logIn(bench.user('coast', 'token'));
  });
  afterAll(() => bench.close());

  async function call(target: string): Promise<string> {
    const callId = randomUUID();
    const start = { action: 'call.start', callId, seq: 1, target, sdp: aBrowserSdp() };
    await alice.wire.ask(start);
    return callId;
  }
  const redirections = (): readonly string[] =>
    bench.simulator
      .trace()
      .filter(({ text }) => text.startsWith('SIP/2.0 302'))
      .map(({ text }) => /^Contact: <(.*)>/m.exec(text)?.[1] ?? '');
  const records = async (callee: string) =>
    (await bench.items()).filter((it) => it['own'] === callee && it['redirectedTo'] !== undefined);

  it('go to his voicemail: one with a binding alone, and one who is busy', async () => {
    const bob = await bench.logIn(bench.user('coast', 'ip-pbx'));
    const { impu } = bob.session;
    const box = { whenOffline: 'echo', whenBusy: 'echo' };
    await bob.wire.ask({ action: 'forwarding.set', ...box });
    expect(await bob.wire.ask({ action: 'forwarding.get' })).toEqual(box);

    const busy = await call(impu);
    const { callId } = await bob.wire.next((it) => it.event === 'call.incoming');
    await bob.wire.ask({ action: 'call.decline', callId, seq: 1, reason: 'busy' });
    await alice.wire.next((it) => it.event === 'call.ended' && it.callId === busy);
    expect(redirections()).toContain(contact(impu, 486));

    await leave(bob.wire);
    const away = await call(impu);
    await alice.wire.next((it) => it.event === 'call.ended' && it.callId === away);
    expect(redirections()).toContain(contact(impu, 404));

    await until(async () => (await records(impu)).length === 2, 'two records');
    const causes = Object.fromEntries(
      (await records(impu)).map(({ cause, redirectedTo, sipStatus }) => [
        cause,
        [redirectedTo, sipStatus],
      ]),
    ) as Record<string, unknown>;
    expect(causes).toEqual({
      busy: [contact(impu, 486), 302],
      unavailable: [contact(impu, 404), 302],
    });
  });

  it('go nowhere that the tenant does not allow', async () => {
    const asked = await alice.wire.request({ action: 'forwarding.set', whenOffline: '112' });

    expect(asked.error?.code).toBe('call.emergency-refused');
    expect(await alice.wire.ask({ action: 'forwarding.get' })).toEqual({});
  });
});

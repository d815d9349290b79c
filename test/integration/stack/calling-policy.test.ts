import { randomUUID } from 'node:crypto';
import { aBrowserSdp } from '../../support/an-sdp.ts';
import type { WireMessage } from '../../support/wire-client.ts';
import { type Someone, TestStack } from './a-stack.ts';

describe('SES-6: what the users of a tenant may call, and as whom', () => {
  let bench: TestStack;
  let caller: Someone;

  beforeAll(async () => {
    bench = await TestStack.start({
      calling: {
        destinations: { rules: [{ action: 'deny', number: '+49900' }], otherwise: 'allow' },
        headers: ['X-Ticket'],
      },
    });
    caller = await bench.logIn(bench.user('coast', 'token'));
  });

  afterAll(async () => {
    await bench.close();
  });

  const start = (target: string, more: Readonly<Record<string, unknown>> = {}) => {
    const call = { action: 'call.start', callId: randomUUID(), seq: 1 };
    return caller.wire.request({ ...call, target, sdp: aBrowserSdp(), ...more });
  };
  const refusal = ({ error }: WireMessage) => [error?.code, error?.message];
  const invites = (): readonly string[] =>
    bench.simulator
      .trace()
      .map(({ text }) => text)
      .filter((text) => text.startsWith('INVITE '));

  it.each([
    ['112', 'call.emergency-refused', /^Emergency calls cannot be made from here/],
    ['sip:%3112@coast.example', 'call.emergency-refused', /mobile or landline phone/],
    ['+49 900 123456', 'call.destination-barred', /^Calls to this number are not allowed/],
  ])(
    '%s is refused in words a user understands, and nothing leaves',
    async (target, code, words) => {
      const before = invites().length;

      const answer = await start(target);

      expect(refusal(answer)).toEqual([code, expect.stringMatching(words)]);
      expect(invites()).toHaveLength(before);
    },
  );

  it.each([
    ['an identity', { 'P-Asserted-Identity': '<sip:ceo@coast.example>' }],
    ['one that is not listed', { 'X-Other': '1' }],
  ])('a call with %s as a header of the client is refused', async (_, headers) => {
    expect(refusal(await start('noanswer', { headers }))[0]).toBe('call.header-refused');
  });

  it('a listed header arrives encoded, and a hidden caller is anonymous', async () => {
    const headers = { 'X-Ticket': '7\r\nP-Asserted-Identity: <sip:ceo@coast.example>' };

    const answer = await start('noanswer', { privacy: true, headers });
    await caller.wire.next((it) => it.event === 'call.progress');

    expect(answer.error).toBeUndefined();
    const invite = invites().findLast((it) => it.includes('X-Ticket')) ?? '';
    expect(invite).toMatch(
      /^X-Ticket: 7%0D%0AP-Asserted-Identity: %3Csip:ceo@coast.example%3E\r$/m,
    );
    expect(invite).toMatch(/^From: "Anonymous" <sip:anonymous@anonymous.invalid>;tag=/m);
    expect(invite).toMatch(/^Privacy: id\r$/m);
    expect(invite).not.toContain('ceo@coast.example>');
    expect(bench.callFrom(caller.session.impu)).toMatchObject({ service: 'noanswer' });
  });
});

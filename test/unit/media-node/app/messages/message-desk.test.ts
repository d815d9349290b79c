import { connectionId, impu, nodeId, sessionId, tenantId } from '@isthmus/shared/domain/ids';
import type { TenantItem } from '@isthmus/shared/store/items';
import type { RequestOf } from '@isthmus/shared/wire/requests';
import { MessageDesk } from '../../../../../media-node/src/app/messages/message-desk.ts';
import { EventChannel } from '../../../../../media-node/src/app/sessions/event-channel.ts';
import type { Session } from '../../../../../media-node/src/app/sessions/session.ts';
import { aTenant } from '../../../../support/a-tenant.ts';
import { FakeClock } from '../../../../support/fake-clock.ts';
import { FakeSipAccount } from '../../../../support/fake-sip-account.ts';
import { silentLog } from '../../../../support/sip-account-bench.ts';

const tenant = aTenant('coast', {
  calling: { destinations: { rules: [{ action: 'deny', number: '+49900' }], otherwise: 'allow' } },
});

function aDesk() {
  const clock = new FakeClock();
  const account = new FakeSipAccount();
  const posted: { readonly to: string; readonly event: Record<string, unknown> }[] = [];
  const gone = new Set<string>();
  const desk = new MessageDesk({
    clock,
    ids: { random: () => 'r', uuid: () => 'made' },
    log: silentLog,
    metrics: { count: () => undefined },
  });
  const join = (
    name: string,
    { connected = true, ...more }: { connected?: boolean } & Partial<TenantItem> = {},
  ): Session => {
    const push = {
      post: (to: string, json: string) => {
        if (gone.has(to)) return Promise.resolve('gone' as const);
        posted.push({ to, event: JSON.parse(json) as Record<string, unknown> });
        return Promise.resolve('delivered' as const);
      },
      probe: () => Promise.resolve('alive' as const),
    };
    const sessions = {
      appendEvent: () => Promise.resolve(true),
      adopt: () => Promise.resolve(undefined),
      lastSeq: () => Promise.resolve(0),
      detach: () => Promise.resolve(),
      end: () => Promise.resolve(),
    };
    const tenure = () => ({ nodeId: nodeId('n-1'), epoch: 1 });
    const facts = { tenantId: tenantId('coast'), sessionId: sessionId(name) };
    const channel = new EventChannel(
      { log: silentLog, push, sessions, tenure, onGone: () => undefined },
      facts,
      0,
    );
    if (connected) channel.attach(connectionId(name));
    const line = { account, identity: impu(`sip:${name}@ims.example`) };
    const own = { tenant: { ...tenant, ...more }, userName: name, option: 'token' } as const;
    return { ...facts, ...own, channel, line, stopGrace: undefined };
  };
  const receive = async (devices: readonly Session[] | undefined, key = 'k1') => {
    const answers: number[] = [];
    await desk.receive(
      {
        ...{ tenant: tenantId('coast'), calledImpu: impu('sip:alice@ims.example') },
        ...{ from: { uri: 'sip:bob@ims.example' }, text: 'hello', key },
        answer: (status) => answers.push(status),
      },
      () => Promise.resolve(devices),
    );
    return answers;
  };
  return { desk, account, clock, gone, join, posted, receive };
}

const message = (more: Partial<RequestOf<'message.send'>> = {}): RequestOf<'message.send'> => ({
  ...{ id: 'r1', action: 'message.send', messageId: 'message-1' },
  ...{ target: 'bob', text: 'hello', ...more },
});

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('SES-5: a message to a user', () => {
  it('is told to every device, and only then answered 200', async () => {
    const { join, posted, receive } = aDesk();

    expect(await receive([join('phone'), join('tablet')])).toEqual([200]);

    const event = { event: 'message.incoming', messageId: 'made', text: 'hello' };
    expect(posted).toMatchObject([
      { to: 'phone', event: { ...event, from: { uri: 'sip:bob@ims.example' } } },
      { to: 'tablet', event },
    ]);
  });

  it('is refused with 480 where nobody is there, and with 404 where it is nobody', async () => {
    const { join, receive } = aDesk();

    expect(await receive([join('phone', { connected: false })], 'k1')).toEqual([480]);
    expect(await receive([], 'k2')).toEqual([480]);
    expect(await receive(undefined, 'k3')).toEqual([404]);
  });

  it('waits for a device that is away where the tenant wants that, and is answered 202', async () => {
    const { join, receive } = aDesk();
    const messages = { maxBytes: 1_300, whenAway: 'keep' } as const;

    expect(await receive([join('phone', { connected: false, messages })])).toEqual([202]);
  });

  it('whose device turns out to be gone is kept for it: 202', async () => {
    const { gone, join, receive } = aDesk();
    gone.add('phone');

    expect(await receive([join('phone')])).toEqual([202]);
  });

  it('that comes twice is told once, and answered alike', async () => {
    const { clock, join, posted, receive } = aDesk();
    const devices = [join('phone')];

    expect(await Promise.all([receive(devices), receive(devices)])).toEqual([[200], [200]]);
    clock.advance(60_000);
    expect(await receive(devices)).toEqual([200]);
    expect(posted).toHaveLength(1);

    expect(await receive(devices, 'another')).toEqual([200]);
    expect(posted).toHaveLength(2);
  });
});

describe('SES-5: a message of a user', () => {
  it('leaves under the identity of the line, by the rules of the tenant', () => {
    const { account, desk, join } = aDesk();

    desk.send(join('alice'), message({ privacy: true }));

    expect(account.messages).toEqual([
      {
        ...{ identity: 'sip:alice@ims.example', target: 'sip:bob@ims.example', text: 'hello' },
        ...{ maxBytes: 1_300, privacy: true },
      },
    ]);
  });

  it.each([
    [
      { kind: 'message-answered', status: 200 },
      { outcome: 'delivered', sipStatus: 200 },
    ],
    [
      { kind: 'message-answered', status: 202 },
      { outcome: 'accepted', text: 'sent' },
    ],
    [
      { kind: 'message-answered', status: 404 },
      { outcome: 'not-found', text: 'not found' },
    ],
    [{ kind: 'message-answered', status: 480 }, { outcome: 'unavailable' }],
    [
      { kind: 'message-answered', status: 415 },
      { outcome: 'refused', sipStatus: 415 },
    ],
    [{ kind: 'message-answered', status: 503 }, { outcome: 'failed' }],
    [{ kind: 'message-too-large' }, { outcome: 'too-large', text: 'too long' }],
    [{ kind: 'message-unanswered' }, { outcome: 'unanswered' }],
  ] as const)('that ends with %j is told as %j', async (fate, told) => {
    const { account, desk, join, posted } = aDesk();
    account.fate = fate;

    expect(desk.send(join('alice'), message())).toEqual({});
    await settled();

    expect(posted.map(({ event }) => event)).toMatchObject([
      { event: 'message.settled', messageId: 'message-1', ...told },
    ]);
  });

  it.each([
    ['112', 'call.emergency-refused'],
    ['+49900123', 'call.destination-barred'],
    ['<>', 'call.bad-target'],
  ])('to %s is refused as a call would be: %s', (target, code) => {
    const { account, desk, join } = aDesk();

    expect(() => desk.send(join('alice'), message({ target }))).toThrow(code);
    expect(account.messages).toEqual([]);
  });
});

import { setImmediate as nextTurn } from 'node:timers/promises';
import { connectionId, impu, nodeId, sessionId, tenantId } from '@isthmus/shared/domain/ids';
import type { CallRecord } from '@isthmus/shared/store/call-records';
import type { TenantItem } from '@isthmus/shared/store/items';
import type { ForwardingSettings } from '@isthmus/shared/wire/forwarding';
import { CallDesk } from '../../../../media-node/src/app/calls/call-desk.ts';
import { Forwarding } from '../../../../media-node/src/app/calls/forwarding.ts';
import { EventChannel } from '../../../../media-node/src/app/sessions/event-channel.ts';
import type { Session } from '../../../../media-node/src/app/sessions/session.ts';
import { RING_MS } from '../../../../media-node/src/core/call/incoming.ts';
import { aTenant } from '../../../support/a-tenant.ts';
import { FakeCallMediaFactory } from '../../../support/fake-call-media.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { anInvite, FakeSipAccount } from '../../../support/fake-sip-account.ts';
import { createNodeMemoryStores } from '../../../support/node-memory-stores.ts';
import { noLog } from '../../../support/node-no-log.ts';

const BOX = '+4930123400';
const contact = (cause: number): string =>
  `sip:+4930123400@ims.example;user=phone;target=sip:alice%40ims.example;cause=${String(cause)}`;
const coast = tenantId('coast');
const base = aTenant('coast', {
  calling: {
    callWaiting: false,
    destinations: { rules: [{ action: 'deny', number: '+49900' }], otherwise: 'allow' },
  },
});

async function aDesk(targets?: ForwardingSettings, calling: TenantItem['calling'] = {}) {
  const clock = new FakeClock();
  const { stores, world } = createNodeMemoryStores(clock);
  const tenant = { ...base, calling: { ...base.calling, ...calling } };
  await world.putTenant(tenant);
  const records: CallRecord[] = [];
  const calls = {
    ...stores.calls,
    end: (record: CallRecord) => Promise.resolve(records.push(record) > 0),
  };
  const forwarding = new Forwarding({ ...stores, log: noLog });
  let uuids = 0;
  const desk = new CallDesk(
    {
      ...{
        media: new FakeCallMediaFactory(),
        calls,
        clock,
        log: noLog,
        nodeId: 'node',
        forwarding,
      },
      ids: { random: () => 'r', uuid: () => `made-${String(++uuids)}` },
      metrics: { count: () => undefined, gauge: () => undefined },
    },
    { capacity: 10 },
  );
  const posted: { event: string; callId: string }[] = [];
  const channel = new EventChannel(
    {
      log: noLog,
      sessions: stores.sessions,
      tenure: () => ({ nodeId: nodeId('n-1'), epoch: 1 }),
      onGone: () => undefined,
      push: {
        post: (_, json) => {
          posted.push(JSON.parse(json) as (typeof posted)[number]);
          return Promise.resolve('delivered');
        },
        probe: () => Promise.resolve('alive'),
      },
    },
    { tenantId: coast, sessionId: sessionId('alice-1') },
    0,
  );
  const alice: Session = {
    ...{ sessionId: sessionId('alice-1'), tenantId: coast, tenant, userName: 'alice' },
    ...{ option: 'token', channel, stopGrace: undefined },
    line: { account: new FakeSipAccount(), identity: impu('sip:alice@ims.example') },
  };
  if (targets) await forwarding.command(alice, { id: '1', action: 'forwarding.set', ...targets });
  const attach = (): void => {
    channel.attach(connectionId('c-1'));
  };
  const call = () => {
    const incoming = anInvite();
    desk.alert(incoming.invite, new FakeSipAccount(), [alice]);
    return incoming;
  };
  return { alice, attach, call, clock, desk, forwarding, posted, records, stores };
}

describe('SES-5: a call that its user does not take', () => {
  const all = { whenOffline: BOX, whenBusy: BOX, whenUnanswered: BOX };

  it('because no device is connected is sent to voicemail, and its record says so', async () => {
    const { call, desk, records } = await aDesk(all);

    const { leg } = call();
    await desk.settled();

    expect(leg.sent).toEqual([`reject 302 to ${contact(404)}`]);
    expect(records).toMatchObject([
      {
        ...{ cause: 'unavailable', sipStatus: 302, redirectedTo: contact(404) },
        ...{ userName: 'alice', direction: 'incoming' },
      },
    ]);
  });

  it('because all devices are in calls is sent to voicemail', async () => {
    const { attach, call, desk, records } = await aDesk(all);
    attach();
    call();

    const { leg } = call();
    await desk.settled();

    expect(leg.sent).toEqual([`reject 302 to ${contact(486)}`]);
    expect(records).toMatchObject([{ cause: 'busy', redirectedTo: contact(486) }]);
  });

  it('because it rang in vain is sent to voicemail', async () => {
    const { attach, call, clock, desk, records } = await aDesk(all);
    attach();
    const { leg } = call();
    await nextTurn();
    clock.advance(RING_MS);
    await desk.settled();

    expect(leg.sent).toEqual(['ring', `reject 302 to ${contact(408)}`]);
    expect(records).toMatchObject([
      { cause: 'no-answer', sipStatus: 302, redirectedTo: contact(408) },
    ]);
  });

  it.each([
    ['declined', 'reject 603'],
    ['busy', `reject 302 to ${contact(486)}`],
  ] as const)('because its user says %s is answered %s', async (reason, answer) => {
    const { alice, attach, call, desk, posted } = await aDesk(all);
    attach();
    const { leg } = call();
    await nextTurn();
    const callId = posted[0]?.callId ?? '';
    await desk.command(alice, { id: '2', action: 'call.decline', callId, seq: 1, reason });

    expect(leg.sent).toEqual(['ring', answer]);
  });

  it('is refused as ever where its user has set nothing for the case', async () => {
    const { call, desk, records } = await aDesk({ whenBusy: BOX });

    const { leg } = call();
    await desk.settled();

    expect(leg.sent).toEqual(['reject 480']);
    expect(records).toMatchObject([{ cause: 'unavailable', sipStatus: 480 }]);
    expect(records[0]?.redirectedTo).toBeUndefined();
  });

  it('of a user who has no session anywhere is sent on by the rules of the tenant', async () => {
    const { alice, desk } = await aDesk(all);
    const { leg, invite } = anInvite();

    const { option, userName } = alice;
    desk.refuse(invite, 'unavailable', { tenantId: coast, option, userName });
    await desk.settled();

    expect(leg.sent).toEqual([`reject 302 to ${contact(404)}`]);
  });

  it('is not another user’s of the same name under another option', async () => {
    const { desk } = await aDesk(all);
    const { leg, invite } = anInvite();

    desk.refuse(invite, 'unavailable', { tenantId: coast, option: 'ip-pbx', userName: 'alice' });
    await desk.settled();

    expect(leg.sent).toEqual(['reject 480']);
  });

  it('is refused, not kept waiting, where the setting cannot be read', async () => {
    const { call, desk, stores } = await aDesk(all);
    stores.forwardings.get = () => Promise.reject(new Error('store down'));

    const { leg } = call();
    await desk.settled();

    expect(leg.sent).toEqual(['reject 480']);
  });

  it('and that is cancelled meanwhile went nowhere, by its record', async () => {
    const { call, desk, records } = await aDesk(all);

    const incoming = call();
    incoming.ims({ kind: 'sip-cancelled' });
    await desk.settled();

    expect(records).toMatchObject([{ cause: 'cancelled' }]);
    expect(records[0]?.redirectedTo).toBeUndefined();
  });
});

describe('SES-5: how long a call rings', () => {
  const ringing = async (...setting: Parameters<typeof aDesk>) => {
    const { attach, call, clock, desk } = await aDesk(...setting);
    attach();
    const { leg } = call();
    await nextTurn();
    const over = async (ms: number) => {
      clock.advance(ms);
      await desk.settled();
      return leg.sent.at(-1);
    };
    return { over };
  };

  it.each([
    ['a minute', {}, {}, RING_MS],
    ['as the tenant has it', {}, { ringS: 20 }, 20_000],
    ['as its user has it', { ringS: 10 }, { ringS: 20 }, 10_000],
  ])('is %s', async (_, settings, calling, ms) => {
    const { over } = await ringing({ whenUnanswered: BOX, ...settings }, calling);

    expect(await over(ms - 1)).toBe('ring');
    expect(await over(1)).toBe(`reject 302 to ${contact(408)}`);
  });

  it('is his too who has set nothing else', async () => {
    const { over } = await ringing({ ringS: 10 });

    expect(await over(10_000)).toBe('reject 480');
  });
});

describe('SES-5, SES-6: where a user sends calls', () => {
  it('is told as it was set, and is nothing after it was taken back', async () => {
    const { alice, forwarding } = await aDesk({ whenBusy: BOX, ringS: 10 });
    const get = { id: '2', action: 'forwarding.get' } as const;

    expect(await forwarding.command(alice, get)).toEqual({ whenBusy: BOX, ringS: 10 });
    await forwarding.command(alice, { id: '3', action: 'forwarding.set' });
    expect(await forwarding.command(alice, get)).toEqual({});
  });

  it.each([
    ['112', 'call.emergency-refused'],
    ['+49900123', 'call.destination-barred'],
    ['a b', 'call.bad-target'],
  ])('may not be %s, and what was set stays', async (whenOffline, code) => {
    const { alice, forwarding } = await aDesk({ whenBusy: BOX });

    const asked = forwarding.command(alice, { id: '2', action: 'forwarding.set', whenOffline });

    await expect(asked).rejects.toMatchObject({ code });
    const now = await forwarding.command(alice, { id: '3', action: 'forwarding.get' });
    expect(now).toEqual({ whenBusy: BOX });
  });
});

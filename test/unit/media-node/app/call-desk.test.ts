import { setImmediate as nextTurn } from 'node:timers/promises';
import { connectionId, impu, nodeId, sessionId, tenantId } from '@isthmus/shared/domain/ids';
import type { AccountingPolicy } from '@isthmus/shared/store/accounting-policy';
import type { CallItem, CallRecord } from '@isthmus/shared/store/call-records';
import type { CallingPolicy } from '@isthmus/shared/store/calling-policy';
import type { MediaPolicy } from '@isthmus/shared/store/media-policy';
import type { CallRequest } from '@isthmus/shared/wire/requests';
import { CallDesk } from '../../../../media-node/src/app/calls/call-desk.ts';
import { EventChannel } from '../../../../media-node/src/app/sessions/event-channel.ts';
import type { Session } from '../../../../media-node/src/app/sessions/session.ts';
import { NO_PICTURES, NO_TRAFFIC } from '../../../../media-node/src/core/media/no-traffic.ts';
import type { Log } from '../../../../media-node/src/ports/log.ts';
import type { VoiceLegStats } from '../../../../media-node/src/ports/media-stats.ts';
import type { CallStore } from '../../../../media-node/src/ports/stores.ts';
import { aTenant } from '../../../support/a-tenant.ts';
import { FakeCallMediaFactory } from '../../../support/fake-call-media.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { anInvite, FakeSipAccount } from '../../../support/fake-sip-account.ts';
import { MEASURED } from '../../../support/voip-metrics.ts';

const tenant = aTenant('coast');
const silent: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  with: () => silent,
};

const TENURE = { nodeId: nodeId('n-1'), epoch: 1 };

class MemoryCallStore implements CallStore {
  readonly begun: CallItem[] = [];
  readonly records: CallRecord[] = [];
  /** How often the store stumbles from now on. */
  failures = 0;

  /** What is left of the quota. */
  left = Number.POSITIVE_INFINITY;
  admit(): Promise<'admitted' | 'calls'> {
    this.left -= 1;
    return Promise.resolve(this.left < 0 ? 'calls' : 'admitted');
  }
  begin(call: CallItem): Promise<void> {
    this.begun.push(call);
    return Promise.resolve();
  }
  answered(): Promise<void> {
    return Promise.resolve();
  }
  end(record: CallRecord): Promise<boolean> {
    if (this.failures-- > 0) return Promise.reject(new Error('store down'));
    this.records.push(record);
    return Promise.resolve(true);
  }
  liveOn(): Promise<readonly CallItem[]> {
    return Promise.resolve([]);
  }
}

interface Posted {
  readonly event: string;
  readonly seq: number;
  readonly callId?: string;
  readonly cause?: string;
  readonly takenBy?: string;
}

interface DeskOptions {
  readonly capacity?: number;
  readonly calling?: CallingPolicy;
  readonly accounting?: AccountingPolicy;
  readonly mediaPolicy?: MediaPolicy;
}

function aDesk({ capacity = 10, calling, accounting, mediaPolicy }: DeskOptions = {}) {
  const media = new FakeCallMediaFactory();
  const account = new FakeSipAccount();
  const calls = new MemoryCallStore();
  const posts = new Map<string, Posted[]>();
  const clock = new FakeClock();
  const counts: (readonly [string, unknown])[] = [];
  const gauges: (readonly [string, number, unknown])[] = [];
  const errors: string[] = [];
  const log: Log = { ...silent, error: (message) => errors.push(message), with: () => log };
  let uuids = 0;
  const desk = new CallDesk(
    {
      media,
      calls,
      clock,
      ids: { random: () => 'r', uuid: () => `made-${String(++uuids)}` },
      log,
      metrics: {
        count: (name, dimensions) => counts.push([name, dimensions]),
        gauge: (name, value, dimensions) => gauges.push([name, value, dimensions]),
      },
      nodeId: 'node',
    },
    { capacity },
  );
  const join = (name: string, { connected = true } = {}): Session => {
    const posted: Posted[] = [];
    posts.set(name, posted);
    const push = {
      post: (_: string, json: string) => {
        posted.push(JSON.parse(json) as Posted);
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
    const channel = new EventChannel(
      { log: silent, push, sessions, tenure: () => TENURE, onGone: () => undefined },
      { tenantId: tenantId('coast'), sessionId: sessionId(name) },
      0,
    );
    if (connected) channel.attach(connectionId(`connection of ${name}`));
    return {
      sessionId: sessionId(name),
      tenantId: tenantId('coast'),
      tenant: { ...tenant, calling, accounting, ims: { ...tenant.ims, media: mediaPolicy } },
      userName: name,
      option: 'token',
      channel,
      line: { account, identity: impu(`sip:${name}@ims.example`) },
      stopGrace: undefined,
    };
  };
  return { desk, media, account, calls, clock, counts, errors, gauges, posts, join };
}

const start = (seq = 0): CallRequest => ({
  id: 'r1',
  action: 'call.start',
  callId: 'call-0001',
  seq,
  target: 'echo',
  sdp: 'offer',
});
const hangUp = (seq: number): CallRequest => ({
  id: 'r2',
  action: 'call.hang-up',
  callId: 'call-0001',
  seq,
});
const codeOf = async (work: () => Promise<unknown>): Promise<string> => {
  try {
    await work();
    return 'accepted';
  } catch (error) {
    return (error as { code?: string }).code ?? 'not coded';
  }
};

describe('SES-6: an outgoing call', () => {
  it('carries the identity of the binding, whatever the browser says', async () => {
    const { desk, account, join } = aDesk();

    const answer = await desk.command(join('alice'), start());

    expect(answer).toEqual({ sdp: 'answer to offer' });
    const { redirectTarget, ...invite } = account.calls[0]?.invite ?? {};
    expect(redirectTarget?.('tel:112')).toBeUndefined();
    expect(invite).toEqual({
      target: 'sip:echo@ims.example',
      identity: 'sip:alice@ims.example',
      sdp: 'ims offer for offer',
    });
  });

  it('hides who calls where the caller asks for it, and keeps the identity for the network', async () => {
    const { desk, account, join } = aDesk({ calling: { headers: ['X-Ticket'] } });
    const dressed = { ...start(), privacy: true, headers: { 'x-ticket': 'a\r\nVia: b' } };

    await desk.command(join('alice'), dressed);

    expect(account.calls[0]?.invite).toMatchObject({
      identity: 'sip:alice@ims.example',
      privacy: true,
      headers: ['X-Ticket: a%0D%0AVia: b'],
    });
  });

  it.each([
    ['an emergency number', { target: '112' }, 'call.emergency-refused'],
    ['a barred destination', { target: '+49900123' }, 'call.destination-barred'],
    ['a header that is not allowed', { headers: { 'X-Other': '1' } }, 'call.header-refused'],
    ['no number at all', { target: 'a b' }, 'call.bad-target'],
  ])('to or with %s is refused before any INVITE, and takes no line', async (_, asked, code) => {
    const rules = [{ action: 'deny' as const, number: '+49900' }];
    const { desk, account, join } = aDesk({
      calling: { destinations: { rules, otherwise: 'allow' } },
    });

    const refused = desk.command(join('alice'), { ...start(), ...asked });

    expect(await codeOf(() => refused)).toBe(code);
    expect(account.calls).toEqual([]);
    expect(desk.used).toBe(0);
  });
});

const heard = (packetsReceived: number, more: Partial<VoiceLegStats> = {}): VoiceLegStats => ({
  ...NO_TRAFFIC,
  ...{ packetsReceived, packetsSent: packetsReceived, jitterMs: 2 },
  ...more,
});

describe('MED-13: the numbers of a call', () => {
  const far = { packetsLost: 50, recentLoss: 0.5, jitterMs: 4 };

  async function aTalk() {
    const bench = aDesk();
    const alice = bench.join('alice');
    await bench.desk.command(alice, start());
    const [media] = bench.media.made;
    if (!media) throw new Error('no media');
    media.carried = {
      access: heard(950, { packetsLost: 50, recentLoss: 0, roundTripMs: 30 }),
      ims: heard(1000, { far: { ...far, metrics: MEASURED } }),
      candidatesRefused: 0,
    };
    bench.clock.advance(300);
    media.emit({ kind: 'ice-connected' });
    bench.clock.advance(100);
    media.emit({ kind: 'access-connected' });
    bench.clock.advance(600);
    bench.account.calls[0]?.ims({ kind: 'sip-progressed', status: 180 });
    bench.clock.advance(2_000);
    bench.account.calls[0]?.ims({ kind: 'sip-answered', sdp: 'answer' });
    bench.clock.advance(50);
    media.emit({ kind: 'first-sent', to: 'ims' });
    media.emit({ kind: 'first-sent', to: 'browser' });
    bench.clock.advance(1_000);
    // Rings a second time, and finds another way: neither counts again.
    media.emit({ kind: 'ice-connected' });
    return { ...bench, alice, media };
  }
  const ask: CallRequest = { id: 'n1', action: 'call.numbers', callId: 'call-0001' };

  it('are told whoever is in it, as they are of late', async () => {
    const { alice, desk } = await aTalk();

    expect(await desk.command(alice, ask)).toEqual({
      access: {
        ...{ packetsReceived: 950, octetsReceived: 0, packetsLost: 50, packetsSent: 950 },
        ...{ octetsSent: 0, codec: 'PCMA', jitterMs: 2, roundTripMs: 30, mos: 4.41 },
      },
      ims: {
        ...{ packetsReceived: 1000, octetsReceived: 0, packetsLost: 0, packetsSent: 1000 },
        ...{ octetsSent: 0, codec: 'PCMA', jitterMs: 2, mos: 4.41 },
        far: {
          ...{ packetsLost: 50, jitterMs: 4, mos: expect.any(Number) as number },
          measured: expect.objectContaining({ mosConversational: 3.9, burstMs: 300 }) as object,
        },
      },
      setUp: {
        ...{ iceMs: 300, dtlsMs: 400, ringingMs: 1_000, answeredMs: 3_000 },
        ...{ soundToImsMs: 3_050, soundToBrowserMs: 3_050 },
      },
    });
  });

  it('are none of anybody else’s', async () => {
    const { desk, join } = await aTalk();

    expect(await codeOf(() => desk.command(join('eve'), ask))).toBe('call.not-found');
  });

  it('stand in its record and in the metrics, as they were in all', async () => {
    const { account, calls, desk, gauges } = await aTalk();
    account.calls[0]?.ims({ kind: 'sip-hung-up' });
    await desk.settled();

    const [record] = calls.records;
    expect(record).toMatchObject({
      codec: 'PCMA',
      media: {
        access: { packetsLost: 50, roundTripMs: 30 },
        ims: { far: { packetsLost: 50, measured: { rating: 82, jitterBufferMs: 60 } } },
      },
      setUp: { iceMs: 300, soundToImsMs: 3_050 },
    });
    const mos = record?.media?.access.mos ?? 0;
    expect(mos).toBeLessThan(4);
    expect(gauges).toContainEqual(['call_mos', mos, { leg: 'access', direction: 'in' }]);
    expect(gauges).toContainEqual(['call_loss_percent', 5, { leg: 'access', direction: 'in' }]);
    expect(gauges).toContainEqual(['call_loss_percent', 5, { leg: 'ims', direction: 'out' }]);
    expect(gauges).toContainEqual(['call_jitter_ms', 4, { leg: 'ims', direction: 'out' }]);
    expect(gauges).toContainEqual(['call_reported_mos', 3.9, { leg: 'ims', direction: 'out' }]);
    expect(gauges).toContainEqual(['call_discard_percent', 6.3, { leg: 'ims', direction: 'out' }]);
    expect(gauges).toContainEqual(['call_round_trip_ms', 30, { leg: 'access' }]);
    expect(gauges).toContainEqual(['call_set_up_ms', 400, { stage: 'dtls' }]);
    expect(gauges.filter(([name]) => name === 'call_set_up_ms')).toHaveLength(5);
    expect(record?.media).not.toHaveProperty('video');
    expect(gauges.some(([name]) => name.startsWith('video_'))).toBe(false);
  });

  it('with video: live, in its record and in the metrics beside those of the voice', async () => {
    const { account, alice, calls, counts, desk, gauges, media } = await aTalk();
    media.video.hasCarried = {
      access: { ...NO_PICTURES, packetsReceived: 90, packetsLost: 10, octetsReceived: 50_000 },
      ims: { ...NO_PICTURES, packetsSent: 90, requestsReceived: { nacks: 3, pictures: 2 } },
      ...{ codecs: { access: 'VP8', ims: 'H264' }, onMs: 2_000 },
    };
    const live = await desk.command(alice, ask);
    account.calls[0]?.ims({ kind: 'sip-hung-up' });
    await desk.settled();

    const video = {
      onMs: 2_000,
      access: { codec: 'VP8', packetsLost: 10, bitsPerSReceived: 200_000 },
      ims: { codec: 'H264', requestsReceived: { nacks: 3, pictures: 2 } },
    };
    expect(live).toMatchObject({ video });
    expect(calls.records[0]).toMatchObject({ codec: 'PCMA', media: { video } });
    expect(counts).toContainEqual(['video_calls', { codec: 'H264' }]);
    expect(gauges).toContainEqual(['video_seconds', 2, undefined]);
    const [fromBrowser, fromIms] = [
      { leg: 'access', direction: 'in' },
      { leg: 'ims', direction: 'in' },
    ];
    expect(gauges).toContainEqual(['video_loss_percent', 10, fromBrowser]);
    expect(gauges).toContainEqual(['video_bits_per_s', 200_000, fromBrowser]);
    expect(gauges).toContainEqual(['video_nacks', 3, fromIms]);
    expect(gauges).toContainEqual(['video_picture_requests', 2, fromIms]);
  });
});

describe('MED-12: a call of which IMS falls silent', () => {
  async function aTalk(mediaPolicy?: MediaPolicy) {
    const bench = aDesk(mediaPolicy && { mediaPolicy });
    const alice = bench.join('alice');
    await bench.desk.command(alice, start());
    const [media] = bench.media.made;
    if (!media) throw new Error('no media');
    media.emit({ kind: 'access-connected' });
    bench.account.calls[0]?.ims({ kind: 'sip-answered', sdp: 'answer' });
    const hear = (packetsReceived: number, reportsReceived = 0): void => {
      const ims = heard(packetsReceived, { reportsReceived });
      media.carried = { access: NO_TRAFFIC, ims, candidatesRefused: 0 };
    };
    const pass = (seconds: number): void => {
      for (let s = 0; s < seconds; s += 1) bench.clock.advance(1_000);
    };
    const causes = async () => {
      await nextTurn();
      return bench.posts
        .get('alice')
        ?.flatMap((it) => (it.event === 'call.ended' ? [it.cause] : []));
    };
    return { ...bench, alice, causes, hear, pass };
  }

  it('ends when neither sound nor reports have come for the time its tenant sets', async () => {
    const { account, causes, hear, pass } = await aTalk({ inactivityS: 20 });
    hear(1);
    pass(15);
    // A report alone is a sign of life.
    hear(1, 1);
    pass(19);
    const before = await causes();
    pass(10);

    expect(before).toEqual([]);
    expect(await causes()).toEqual(['media-lost']);
    expect(account.calls[0]?.leg.sent).toContain('bye');
  });

  it('goes on while it is held, and has its time again after that', async () => {
    const { alice, account, causes, desk, pass } = await aTalk({ inactivityS: 20 });
    await desk.command(alice, { ...hangUp(1), action: 'call.hold' } as CallRequest);
    account.calls[0]?.ims({ kind: 'sip-offer-answered', sdp: 'answer' });
    pass(60);
    const whileHeld = await causes();
    await desk.command(alice, { ...hangUp(2), action: 'call.resume' } as CallRequest);
    pass(15);
    const early = await causes();
    pass(15);

    expect(whileHeld).toEqual([]);
    expect(early).toEqual([]);
    expect(await causes()).toEqual(['media-lost']);
  });

  it('goes on for ever where its tenant sets none', async () => {
    const { causes, pass } = await aTalk();
    pass(3_600);

    expect(await causes()).toEqual([]);
  });
});

describe('OPS-3: the record of a call attempt', () => {
  it('tells its times, its parties, its end and where IMS knows it', async () => {
    const { desk, account, calls, clock, join } = aDesk();
    await desk.command(join('alice'), { ...start(), privacy: true } as CallRequest);
    clock.advance(1_000);
    account.calls[0]?.ims({ kind: 'sip-progressed', status: 180 });
    clock.advance(1_000);
    account.calls[0]?.ims({ kind: 'sip-progressed', status: 180 });
    account.calls[0]?.ims({ kind: 'sip-answered', sdp: 'answer' });
    clock.advance(5_000);
    account.calls[0]?.ims({ kind: 'sip-hung-up' });
    await desk.settled();

    const startedAtMs = calls.begun[0]?.startedAtMs ?? Number.NaN;
    expect(calls.records).toMatchObject([
      {
        ...{ attemptId: calls.begun[0]?.attemptId, callId: 'call-0001', tenantId: 'coast' },
        ...{ userName: 'alice', nodeId: 'node', direction: 'outgoing', isHidden: true },
        ...{ own: 'sip:alice@ims.example', peer: 'sip:echo@ims.example' },
        ...{ ringingAtMs: startedAtMs + 1_000, answeredAtMs: startedAtMs + 2_000 },
        ...{ endedAtMs: startedAtMs + 7_000, cause: 'remote-hung-up', blame: 'peer' },
        ...{ codec: 'PCMA', sipCallId: 'sip-call-id' },
        media: { ims: { packetsLost: 0 } },
      },
    ]);
    expect(desk.used).toBe(0);
  });

  it('tells why IMS refused it', async () => {
    const { desk, account, calls, join } = aDesk();
    await desk.command(join('alice'), start());

    account.calls[0]?.ims({ kind: 'sip-rejected', status: 486, reason: 'Busy Here' });
    await desk.settled();

    expect(calls.records).toMatchObject([{ cause: 'busy', blame: 'peer', sipStatus: 486 }]);
  });

  it.each([
    ['nobody can be called so', { target: 'a b' }, 'call.bad-target', 'not-found', 'user'],
    ['an emergency number', { target: '112' }, 'call.emergency-refused', 'forbidden', 'user'],
    ['no room', {}, 'node.at-capacity', 'internal-error', 'service'],
  ])('is left by one refused before any INVITE: %s', async (_, asked, code, cause, blame) => {
    const { desk, calls, join } = aDesk({ capacity: code === 'node.at-capacity' ? 0 : 10 });

    await codeOf(() => desk.command(join('alice'), { ...start(), ...asked }));
    await desk.settled();

    const peer = 'target' in asked ? asked.target : 'echo';
    expect(calls.begun).toEqual([]);
    expect(calls.records).toMatchObject([{ code, cause, blame, peer, userName: 'alice' }]);
  });

  it('is a new one where a client uses the id of a call again', async () => {
    const { desk, account, calls, join } = aDesk();
    const alice = join('alice');
    for (const seq of [0, 2]) {
      await desk.command(alice, start(seq));
      await desk.command(alice, hangUp(seq + 1));
      account.calls.at(-1)?.ims({ kind: 'sip-rejected', status: 487, reason: 'cancelled' });
    }
    await desk.settled();

    expect(new Set(calls.begun.map(({ attemptId }) => attemptId)).size).toBe(2);
  });

  it('is left by an incoming call that nobody took, or that reached nobody', async () => {
    const { desk, calls, join } = aDesk();
    const [offline, unknown, cancelled] = [anInvite(), anInvite(), anInvite()];
    const account = new FakeSipAccount();

    desk.alert(offline.invite, account, [join('alice', { connected: false })]);
    desk.refuse(unknown.invite, 'not-found');
    desk.alert(cancelled.invite, account, [join('bob')]);
    await Promise.resolve();
    cancelled.ims({ kind: 'sip-cancelled' });
    await desk.settled();

    const common = { tenantId: 'coast', direction: 'incoming', peer: 'sip:bob@ims.example' };
    expect(calls.records).toMatchObject([
      { ...common, userName: 'alice', cause: 'unavailable', sipStatus: 480, blame: 'user' },
      { ...common, cause: 'not-found', sipStatus: 404, blame: 'peer' },
      { ...common, userName: 'bob', cause: 'cancelled', blame: 'peer' },
    ]);
    expect(calls.records[1]).not.toHaveProperty('userName');
  });

  it('is written later by a store that stumbles, and the call never notices', async () => {
    const { desk, calls, clock, join } = aDesk();
    calls.failures = 2;

    await codeOf(() => desk.command(join('alice'), { ...start(), ...{ target: 'a b' } }));
    const settled = desk.settled();
    for (const pauseMs of [1_000, 2_000]) {
      await new Promise((resolve) => setImmediate(resolve));
      clock.advance(pauseMs);
    }
    await settled;

    expect(calls.records).toHaveLength(1);
  });
});

describe('OPS-3: a quota of calls', () => {
  const accounting = { quota: { callsPerMonth: 2 } };

  it('that is used up refuses the next call in words, on the record and without an INVITE', async () => {
    const { desk, account, calls, join } = aDesk({ accounting });
    calls.left = 1;
    const [alice, bob] = [join('alice'), join('bob')];

    const first = await codeOf(() => desk.command(alice, start()));
    const second = await codeOf(() => desk.command(bob, { ...start(), callId: 'call-0002' }));
    await nextTurn();

    expect([first, second]).toEqual(['accepted', 'call.quota-used-up']);
    expect(account.calls).toHaveLength(1);
    expect(calls.records).toMatchObject([{ cause: 'forbidden', code: 'call.quota-used-up' }]);
  });

  it('is not used up by calls that are refused anyway', async () => {
    const { desk, calls, join } = aDesk({ accounting });
    calls.left = 1;

    await codeOf(() => desk.command(join('alice'), { ...start(), ...{ target: 'a b' } }));

    expect(calls.left).toBe(1);
  });

  it('never stands before an emergency call', async () => {
    const calling = { emergency: { handling: 'as-dialled' as const } };
    const { desk, account, calls, join } = aDesk({ accounting, calling });
    calls.left = 0;

    await desk.command(join('alice'), { ...start(), ...{ target: '112' } });

    expect(account.calls).toHaveLength(1);
  });

  it('counts and refuses calls from IMS as well', async () => {
    const { desk, account, calls, posts, join } = aDesk({ accounting });
    calls.left = 1;
    const alice = join('alice');
    const [taken, refused] = [anInvite(), anInvite()];

    desk.alert(taken.invite, account, [alice]);
    for (let turn = 0; turn < 3; turn += 1) await nextTurn();
    desk.alert(refused.invite, account, [join('bob')]);
    for (let turn = 0; turn < 3; turn += 1) await nextTurn();

    expect(posts.get('alice')).toMatchObject([{ event: 'call.incoming' }]);
    expect(posts.get('bob')).toEqual([]);
    expect(refused.leg.sent).toContain('reject 480');
  });
});

describe('OPS-3 and REG-10: a session that ends while its quota is looked at', () => {
  const accounting = { quota: { callsPerMonth: 2 } };

  it('begins no call any more', async () => {
    const { desk, account, join } = aDesk({ accounting });
    const alice = join('alice');

    const started = codeOf(() => desk.command(alice, start()));
    alice.line = undefined;

    expect(await started).toBe('registration.pending');
    expect(account.calls).toEqual([]);
    expect(desk.used).toBe(0);
  });

  it('is not called any more', async () => {
    const { desk, account, posts, join } = aDesk({ accounting });
    const alice = join('alice');
    const { invite, leg } = anInvite();

    desk.alert(invite, account, [alice]);
    alice.line = undefined;
    for (let turn = 0; turn < 3; turn += 1) await nextTurn();

    expect(posts.get('alice')).toEqual([]);
    expect(leg.sent).toEqual(['reject 480']);
  });
});

describe('REG-1: a registration that is lost while the media of a call is opened', () => {
  it('takes nothing with it: the call is made under the identity it began with', async () => {
    const { desk, account, join } = aDesk();
    const alice = join('alice');

    const started = desk.command(alice, start());
    alice.line = undefined;
    await started;
    await nextTurn();

    expect(account.calls).toMatchObject([{ invite: { identity: 'sip:alice@ims.example' } }]);
  });
});

describe('SEC-4: a fault in one call', () => {
  it('that comes while its media is opened is told, and does not end the node', async () => {
    const { desk, account, errors, join } = aDesk();
    account.invite = () => {
      throw new Error('a bug');
    };

    await desk.command(join('alice'), start());
    await nextTurn();

    expect(errors).toEqual(['a call could not go on']);
  });
});

describe('SEC-1: a command that is not the sender’s to give', () => {
  it('on someone else’s call finds no call and disturbs nothing', async () => {
    const { desk, account, join } = aDesk();
    await desk.command(join('alice'), start());

    const code = await codeOf(() => desk.command(join('mallory'), hangUp(1)));

    expect(code).toBe('call.not-found');
    expect(account.calls[0]?.leg.sent).toEqual([]);
  });

  it('on a call that never was finds none', async () => {
    const { desk, join } = aDesk();

    expect(await codeOf(() => desk.command(join('alice'), hangUp(0)))).toBe('call.not-found');
  });
});

describe('SEC-4: a command out of turn', () => {
  it('that is stale is refused and the call goes on', async () => {
    const { desk, account, join } = aDesk();
    const alice = join('alice');
    await desk.command(alice, start());
    const candidates: CallRequest = {
      id: 'r3',
      action: 'call.candidate',
      callId: 'call-0001',
      seq: 3,
      candidates: [{ candidate: 'candidate:1' }],
    };
    await desk.command(alice, candidates);

    expect(await codeOf(() => desk.command(alice, hangUp(3)))).toBe('call.stale-command');
    expect(account.calls[0]?.leg.sent).toEqual([]);
  });

  it('that repeats the seq of the start is refused', async () => {
    const { desk, join } = aDesk();
    const alice = join('alice');
    await desk.command(alice, start(4));

    expect(await codeOf(() => desk.command(alice, hangUp(4)))).toBe('call.stale-command');
    expect(await codeOf(() => desk.command(alice, hangUp(5)))).toBe('accepted');
  });

  it('a second start of one call is refused', async () => {
    const { desk, join } = aDesk();
    const alice = join('alice');
    await desk.command(alice, start());

    expect(await codeOf(() => desk.command(alice, start()))).toBe('call.exists');
  });

  it('a hang-up of a finished call is refused', async () => {
    const { desk, join } = aDesk();
    const alice = join('alice');
    await desk.command(alice, start());
    await desk.command(alice, hangUp(1));

    expect(await codeOf(() => desk.command(alice, hangUp(2)))).not.toBe('accepted');
  });

  it('an offer that cannot be read is refused, and no INVITE leaves', async () => {
    const { desk, account, join } = aDesk();

    const code = await codeOf(() =>
      desk.command(join('alice'), { ...start(), sdp: 'bad' } as CallRequest),
    );

    expect(code).toBe('sdp.malformed');
    expect(account.calls).toEqual([]);
    expect(desk.used).toBe(0);
  });

  it('a second answer to an incoming call is refused', async () => {
    const { desk, media, posts, join } = aDesk();
    const alice = join('alice');
    const incoming = anInvite();
    desk.alert(incoming.invite, new FakeSipAccount(), [alice]);
    await alice.channel.flushed();
    await Promise.resolve();
    const [told] = posts.get('alice') ?? [];
    const accept = (seq: number): CallRequest => ({
      id: `r${String(seq)}`,
      action: 'call.accept',
      callId: told?.callId ?? '',
      seq,
      sdp: 'answer',
    });
    await desk.command(alice, accept(0));

    expect(await codeOf(() => desk.command(alice, accept(1)))).toBe('call.wrong-state');
    expect(incoming.leg.sent).toEqual(['ring', 'answer ims answer']);
    expect(media.made[0]?.gates.at(-1)).toEqual({ toIms: true, toBrowser: true });
  });
});

describe('SES-2: an INVITE from IMS', () => {
  it('for a client without a WebSocket is refused with 480', () => {
    const { desk, join } = aDesk();
    const incoming = anInvite();

    desk.alert(incoming.invite, new FakeSipAccount(), [join('alice', { connected: false })]);

    expect(incoming.leg.sent).toEqual(['reject 480']);
  });

  it('MED-11: taken with an answer of the device not yet there is refused to the device', async () => {
    const { desk, posts, join } = aDesk();
    const alice = join('alice');
    const incoming = anInvite();
    desk.alert(incoming.invite, new FakeSipAccount(), [alice]);
    await Promise.resolve();
    await alice.channel.flushed();
    const [told] = posts.get('alice') ?? [];

    const code = await codeOf(() =>
      desk.command(alice, {
        id: 'r',
        action: 'call.accept',
        callId: told?.callId ?? '',
        seq: 0,
      }),
    );

    expect(code).toBe('call.wrong-state');
    expect(incoming.leg.sent).toEqual(['ring']);
  });

  it('MED-9: is offered back what video it was refused, once it has acknowledged', async () => {
    const { desk, media, posts, join } = aDesk();
    const alice = join('alice');
    const incoming = anInvite({ needsEarlyAnswer: true });
    desk.alert(incoming.invite, new FakeSipAccount(), [alice]);
    await nextTurn();
    incoming.ims({ kind: 'sip-ready' });
    await nextTurn();
    const callId = posts.get('alice')?.[0]?.callId ?? '';
    const [own] = media.made;
    if (own) own.video.owes = 'recvonly';

    await desk.command(alice, { id: 'r', action: 'call.accept', callId, seq: 0, sdp: 'answer' });
    await nextTurn();
    const before = [...incoming.leg.sent];
    incoming.ims({ kind: 'sip-acknowledged' });
    await nextTurn();

    expect(before).toEqual(['answer-early early ims answer', 'ring', 'answer ims answer']);
    expect(own?.video.wishes).toEqual(['recvonly']);
    expect(incoming.leg.sent.at(-1)).toMatch(/^offer /);
  });
});

describe('REG-11: a call that rings on several devices', () => {
  it.each([
    ['by its name', { device: 'Desk' }, 'Desk', 'answered on another device: Desk'],
    ['without one where it has none', {}, undefined, 'answered on another device'],
  ])('tells the others who took it, %s', async (_, facts, takenBy, text) => {
    const { desk, posts, join } = aDesk();
    const [winner, other] = [{ ...join('winner'), ...facts }, join('other')];
    desk.alert(anInvite().invite, new FakeSipAccount(), [winner, other]);
    await nextTurn();
    const callId = posts.get('winner')?.[0]?.callId ?? '';

    await desk.command(winner, { id: 'r', action: 'call.accept', callId, seq: 0, sdp: 'answer' });
    await nextTurn();

    const told = posts.get('other')?.at(-1);
    expect(told).toMatchObject({ event: 'call.ended', cause: 'answered-elsewhere', text });
    expect(told?.takenBy).toBe(takenBy);
  });
});

describe('OPS-4: a full node', () => {
  it('refuses the next call clearly and keeps those it has', async () => {
    const { desk, account, join } = aDesk({ capacity: 1 });
    await desk.command(join('alice'), start());

    const refused = { ...start(), callId: 'call-0002' };
    const code = await codeOf(() => desk.command(join('bob'), refused));

    expect(code).toBe('node.at-capacity');
    expect(account.calls).toHaveLength(1);
  });

  it('that drains takes no new call', async () => {
    const { desk, join } = aDesk();
    desk.drain();

    expect(desk.hasRoom).toBe(false);
    expect(await codeOf(() => desk.command(join('alice'), start()))).toBe('node.draining');
  });

  it('OPS-3: that drains leaves it to the functions to write down whom it did not take', async () => {
    const { calls, desk, join } = aDesk();
    desk.drain();

    await codeOf(() => desk.command(join('alice'), start()));
    await desk.settled();

    expect(calls.records).toEqual([]);
  });
});

describe('SES-5: several calls on one device', () => {
  const talking = async (bench: ReturnType<typeof aDesk>, callId = 'call-0001') => {
    const alice = bench.join('alice');
    await bench.desk.command(alice, { ...start(), callId });
    return alice;
  };
  const eventsFor = ({ posts }: ReturnType<typeof aDesk>, name: string) =>
    posts.get(name)?.map(({ event }) => event);

  it('a call that comes while there is one waits', async () => {
    const bench = aDesk();
    const alice = await talking(bench);
    const waiting = anInvite();

    bench.desk.alert(waiting.invite, bench.account, [alice]);
    await nextTurn();

    expect(waiting.leg.sent).toEqual(['ring']);
    expect(bench.desk.used).toBe(2);
  });

  it('is busy where the tenant has no call waiting, and rings where the user has another device', async () => {
    const bench = aDesk({ calling: { callWaiting: false } });
    const alice = await talking(bench);
    const idle = bench.join('alice-at-home');
    const [first, second] = [anInvite(), anInvite()];

    bench.desk.alert(first.invite, bench.account, [alice]);
    bench.desk.alert(second.invite, bench.account, [alice, idle]);
    await nextTurn();

    expect(first.leg.sent).toEqual(['reject 486']);
    expect(second.leg.sent).toEqual(['ring']);
    expect(eventsFor(bench, 'alice-at-home')).toEqual(['call.incoming']);
  });

  it('beyond the limit a call out is refused in words, a call in is busy, an end makes room', async () => {
    const bench = aDesk({ calling: { callsPerDevice: 2 } });
    const alice = await talking(bench);
    const another = (callId: string) =>
      codeOf(() => bench.desk.command(alice, { ...start(), callId }));
    const third = anInvite();

    const first = await another('call-0002');
    const refused = await another('call-0003');
    bench.desk.alert(third.invite, bench.account, [alice]);
    bench.account.calls[0]?.ims({ kind: 'sip-rejected', status: 486, reason: 'Busy Here' });

    expect([first, refused]).toEqual(['accepted', 'call.too-many']);
    expect(third.leg.sent).toEqual(['reject 486']);
    expect(await another('call-0004')).toBe('accepted');
  });

  it('hold and resume go to the leg of that call alone', async () => {
    const bench = aDesk();
    const alice = await talking(bench);
    await bench.desk.command(alice, { ...start(), callId: 'call-0002' });
    for (const it of bench.account.calls) it.ims({ kind: 'sip-answered', sdp: 'answer' });
    const on = { id: 'h', callId: 'call-0001' };

    await bench.desk.command(alice, { ...on, action: 'call.hold', seq: 1 });
    bench.account.calls[0]?.ims({ kind: 'sip-offer-answered', sdp: 'recvonly' });
    await bench.desk.command(alice, { ...on, action: 'call.resume', seq: 2 });

    expect(bench.account.calls.map(({ leg }) => leg.sent)).toEqual([
      ['offer ims hold offer', 'offer ims resume offer'],
      [],
    ]);
    expect(bench.media.made[0]?.gates.slice(-2)).toEqual([
      { toIms: false, toBrowser: false, rtcp: true },
      { toIms: true, toBrowser: true },
    ]);
  });
});

describe('SES-8: a call whose browser has another network', () => {
  const restart = (seq: number, sdp = 'another way'): CallRequest => ({
    ...{ id: 'r3', action: 'call.restart', callId: 'call-0001' },
    ...{ seq, sdp },
  });

  async function talking() {
    const scene = aDesk();
    const alice = scene.join('alice');
    await scene.desk.command(alice, start());
    scene.account.calls[0]?.ims({ kind: 'sip-answered', sdp: 'ims answer' });
    return { ...scene, alice };
  }

  it('is answered at once, and IMS learns nothing of it', async () => {
    const { account, alice, desk, media } = await talking();
    const before = account.calls[0]?.leg.sent.length;

    expect(await desk.command(alice, restart(1))).toEqual({ sdp: 'answer to another way' });

    expect(media.made[0]?.restarts).toEqual(['another way']);
    expect(account.calls[0]?.leg.sent).toHaveLength(before ?? -1);
  });

  it('is not disturbed by a stale, a foreign or an unreadable one', async () => {
    const { alice, desk, join, media } = await talking();
    await desk.command(alice, restart(5));

    const codes = [
      await codeOf(() => desk.command(alice, restart(5))),
      await codeOf(() => desk.command(join('mallory'), restart(6))),
      await codeOf(() => desk.command(alice, restart(7, 'bad'))),
    ];

    expect(codes).toEqual(['call.stale-command', 'call.not-found', 'sdp.malformed']);
    expect(media.made[0]?.isClosed).toBe(false);
  });

  it('is told when the node cannot reach it, and when it can again', async () => {
    const { media, posts } = await talking();

    media.made[0]?.emit({ kind: 'consent-lost' });
    media.made[0]?.emit({ kind: 'consent-restored' });
    await nextTurn();

    const told = posts.get('alice')?.filter(({ event }) => event === 'call.path');
    expect(told).toMatchObject([{ state: 'lost' }, { state: 'restored' }]);
  });

  it('MED-7: ends where its peer in IMS is not who was signalled, and its user is told', async () => {
    const { media, posts } = await talking();

    media.made[0]?.emit({ kind: 'ims-failed', reason: 'the certificate is not the one named' });
    await nextTurn();

    const told = posts.get('alice')?.filter(({ event }) => event === 'call.ended');
    expect(told).toMatchObject([{ cause: 'media-lost' }]);
  });
});

describe('SES-5: an INVITE in the place of a call of the user (RFC 3891 §3)', () => {
  const named = (more: { readonly isEarlyOnly?: boolean } = {}) =>
    anInvite({
      from: { uri: 'sip:carol@ims.example' },
      replaces: { callId: 'c', toTag: 'ours', fromTag: 'theirs', isEarlyOnly: false, ...more },
    });
  const dialog = {
    replaces: { callId: 'c', toTag: 'theirs', fromTag: 'ours', isEarlyOnly: false },
    remoteTarget: 'sip:bob@192.0.2.2',
    saved: {
      ...{ callId: 'c', localTag: 'ours', remoteTag: 'theirs', routes: [], cseq: 1 },
      ...{ localUri: 'sip:alice@ims.example', remoteUri: 'sip:bob@ims.example' },
      remoteTarget: 'sip:bob@192.0.2.2',
    },
  };

  async function ringing() {
    const scene = aDesk();
    const alice = scene.join('alice');
    await scene.desk.command(alice, start());
    const [made] = scene.account.calls;
    if (!made) throw new Error('nobody is called');
    made.leg.earlyDialogs = [{ ...dialog, replaces: { ...dialog.replaces, callId: 'x' } }, dialog];
    return { ...scene, alice, made };
  }

  it('takes a call that he made and that still rings, which stops ringing there', async () => {
    const { account, alice, desk, made, posts } = await ringing();
    const { invite, leg } = named({ isEarlyOnly: true });

    desk.alert(invite, account, [alice]);
    await nextTurn();

    expect(leg.sent).toEqual(['answer ims re-answer']);
    expect(made.leg.sent).toEqual(['cancel', 'bye']);
    expect(posts.get('alice')?.map(({ event }) => event)).toEqual(['call.answered', 'call.moved']);
  });

  it('takes a call that is on, unless it wants one that rings alone', async () => {
    const { account, alice, desk, made } = await ringing();
    made.ims({ kind: 'sip-answered', sdp: 'ims answer' });
    made.leg.earlyDialogs = [];
    made.leg.dialog = dialog;
    const [late, inTime] = [named({ isEarlyOnly: true }), named()];

    desk.alert(late.invite, account, [alice]);
    desk.alert(inTime.invite, account, [alice]);
    await nextTurn();

    expect(late.leg.sent).toEqual(['reject 486']);
    expect(inTime.leg.sent).toEqual(['answer ims re-answer']);
  });

  it('finds no call of another user', async () => {
    const { account, desk, join } = await ringing();
    const { invite, leg } = named();

    desk.alert(invite, account, [join('mallory')]);

    expect(leg.sent).toEqual(['reject 481']);
  });
});

import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import type { ImsSimulator } from '../../../local/src/ims/ims-types.ts';
import { alice, aPhone, aSimulator, bob, trunk } from './a-simulator.ts';
import { audioPort, decodeLaw, RawRtp, shareAt } from './raw-rtp.ts';
import { type RawMessage, type RawPhone, reply, token } from './raw-sip-client.ts';

let simulator: ImsSimulator;
let phones: RawPhone[] = [];
let sounds: RawRtp[] = [];

beforeEach(async () => {
  simulator = await aSimulator();
});

afterEach(async () => {
  for (const it of phones) it.wire.close();
  for (const it of sounds) it.close();
  phones = [];
  sounds = [];
  await simulator.close();
});

async function registered(account = alice, transport: 'TCP' | 'UDP' = 'TCP'): Promise<RawPhone> {
  const phone = await aPhone(simulator, account, transport);
  phones.push(phone);
  const ok = await phone.register();
  expect(ok.status).toBe(200);
  return phone;
}

async function sound(): Promise<RawRtp> {
  const it = await RawRtp.open();
  sounds.push(it);
  return it;
}

const isInvite = ({ method }: RawMessage): boolean => method === 'INVITE';
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe('OPS-2: what a real core refuses', () => {
  it('a request without the Service-Route', async () => {
    const ue = await registered();

    const none = await ue.invite('sip:echo@demo.example', 'v=0\r\n', { route: null }).answer(200);
    const own = `<sip:127.0.0.1:${String(simulator.sipPort)};lr>`;
    const half = await ue.invite('sip:echo@demo.example', 'v=0\r\n', { route: own }).answer(200);
    const wrongHost = ue.serviceRoute.replace('scscf', 'icscf');
    const bent = await ue.invite('sip:echo@demo.example', 'v=0', { route: wrongHost }).answer(200);

    expect([none.status, half.status, bent.status]).toEqual([400, 400, 400]);
  });

  it('but not the P-CSCF itself in front of the Service-Route', async () => {
    const ue = await registered();
    const route = `<sip:127.0.0.1:${String(simulator.sipPort)};lr>, ${ue.serviceRoute}`;

    const answer = await ue.invite('sip:busy@demo.example', 'v=0', { route }).answer(200);

    expect(answer.status).toBe(486);
  });

  it('a Service-Route of another registration', async () => {
    const [one, other] = [await registered(alice), await registered(bob)];

    const call = one.invite('sip:echo@demo.example', 'v=0', { route: other.serviceRoute });

    expect((await call.answer(200)).status).toBe(403);
  });

  it.each([
    ['a stranger', 'sip:bob@demo.example'],
    ['a barred one', 'sip:secret@demo.example'],
    ['nobody', 'sip:ghost@demo.example'],
  ])('a P-Preferred-Identity of %s', async (_, preferred) => {
    const ue = await registered();

    const call = ue.invite('sip:echo@demo.example', 'v=0', { preferred });

    expect((await call.answer(200)).status).toBe(403);
  });

  it('anyone not registered, and those whose registration was ended', async () => {
    const stranger = await aPhone(simulator, bob);
    phones.push(stranger);
    const ue = await registered();
    simulator.terminateRegistration(alice.impi);

    const calls = [stranger, ue].map((it) => it.invite('sip:echo@demo.example', 'v=0'));
    const answers = await Promise.all(calls.map((it) => it.answer(200)));

    expect(answers.map(({ status }) => status)).toEqual([403, 403]);
  });

  it.each([
    ['an unknown user', 'sip:ghost@demo.example', 404],
    ['a foreign domain', 'sip:echo@elsewhere.example', 404],
    ['an unknown number', 'tel:+49999', 404],
    ['somebody known but not registered', 'sip:bob@demo.example', 480],
    ['a barred identity', 'sip:secret@demo.example', 404],
  ])('a call to %s', async (_, target, status) => {
    const ue = await registered();

    expect((await ue.invite(target, 'v=0').answer(200)).status).toBe(status);
  });

  it('input that is no SIP, without falling over it', async () => {
    const [tcp, udp] = [await registered(), await registered(bob, 'UDP')];
    udp.wire.send('\r\n\r\n');
    udp.wire.send('INVITE sip:x SIP/2.0\r\nVia: nonsense\r\n\r\n');
    udp.wire.send('\u0000\u0001garbage\r\n\r\n');
    tcp.send({
      method: 'OPTIONS',
      uri: 'sip:demo.example',
      headers: ['To: <sip:x@y>', 'From: <sip:x@y>;tag=1', 'Call-ID: 1', 'CSeq: 7 INVITE'],
    });
    const bad = await tcp.wire.next(({ status }) => status === 400);
    tcp.wire.send('no sip at all\r\n\r\n');

    const call = udp.invite('sip:busy@demo.example', 'v=0');

    expect(bad.start).toContain('400');
    expect((await call.answer(200)).status).toBe(486);
  });
});

describe('hostile input', () => {
  it('bent at any byte leaves the simulator as it was', async () => {
    const ue = await registered(alice, 'UDP');
    const { text } = ue.invite('sip:busy@demo.example', 'v=0');
    for (let at = 0; at < text.length; at += 1) {
      for (const byte of ['\u0000', '"', '<', ',']) {
        ue.wire.send(text.slice(0, at) + byte + text.slice(at + 1));
      }
      ue.wire.send(text.slice(0, at));
      if (at % 50 === 0) await pause(1);
    }

    const call = ue.invite('sip:busy@demo.example', 'v=0');

    expect((await call.answer(200)).status).toBe(486);
  });

  it.each([
    ['SUBSCRIBE', ['Event: presence'], 489],
    ['SUBSCRIBE', ['Event: reg'], 403],
    ['MESSAGE', ['Proxy-Require: sec-agree'], 420],
    ['MESSAGE', ['Max-Forwards: 0'], 483],
  ])('a %s with %s is refused with %i', async (method, headers, status) => {
    const ue = await registered();
    const common = [
      `Route: ${ue.serviceRoute}`,
      `From: <${alice.impu}>;tag=1`,
      `To: <${bob.impu}>`,
      'Call-ID: 1',
      `CSeq: 1 ${method}`,
    ];
    const hops = headers[0]?.startsWith('Max') === true;

    if (hops) {
      const lines = [`${method} ${bob.impu} SIP/2.0`, 'Via: SIP/2.0/TCP a;branch=z9hG4bKx'];
      ue.wire.send([...lines, ...headers, ...common, 'Content-Length: 0', '', ''].join('\r\n'));
    } else ue.send({ method, uri: bob.impu, headers: [...headers, ...common] });

    const answer = await ue.wire.next((it) => it.header('CSeq') === `1 ${method}`);
    expect(answer.status).toBe(status);
  });
});

describe('OPS-2: the services', () => {
  it.each([
    ['sip:busy@demo.example', 486],
    ['sip:reject@demo.example', 603],
  ])('%s answers %i', async (target, status) => {
    const ue = await registered();
    const call = ue.invite(target, (await sound()).sdp());

    const final = await call.answer(200);
    call.refuse(final);

    expect(final.status).toBe(status);
  });

  it.each([
    ['TCP', '96 8 0 101', 96, 'opus'],
    ['UDP', '9 0 101', 9, 'G722'],
    ['TCP', '8 0', 8, 'PCMA'],
  ] as const)(
    'echo over %s sends back %s packets of type %i (%s)',
    async (transport, codecs, type, name) => {
      const ue = await registered(alice, transport);
      const rtp = await sound();
      const call = ue.invite('sip:echo@demo.example', rtp.sdp(codecs));
      const ringing = await call.answer(180);
      const ok = await call.answer(200);
      call.acknowledge(ok);

      const port = audioPort(ok.body);
      for (let at = 0; at < 5; at += 1) rtp.send(port, type, Buffer.alloc(40, at + 1));
      await rtp.until(5);
      call.within('BYE');
      const bye = await call.outcome('BYE');

      expect(ringing.status).toBe(180);
      expect(port % 2).toBe(0);
      expect(ok.body).toContain(`RTP/AVP ${String(type)}`);
      expect(rtp.received.map((it) => it.readUInt8(1))).toEqual(Array(5).fill(type));
      expect(rtp.received.map((it) => it.readUInt8(12)).toSorted()).toEqual([1, 2, 3, 4, 5]);
      expect(bye.status).toBe(200);
      expect(simulator.calls()).toMatchObject([
        { service: 'echo', codec: name, packetsReceived: 5, packetsSent: 5, state: 'ended' },
      ]);
    },
  );

  it('echo counts digits once each, and speech apart from silence', async () => {
    const ue = await registered();
    const rtp = await sound();
    const call = ue.invite('sip:echo@demo.example', rtp.sdp('0 101'));
    const ok = await call.answer(200);
    call.acknowledge(ok);
    const port = audioPort(ok.body);

    for (const [at, key] of [1, 11, 1].entries()) {
      for (const flags of [0x0a, 0x8a, 0x8a]) {
        rtp.send(port, 101, Buffer.from([key, flags, 0, 160]), 1_000 * (at + 1));
        await pause(5);
      }
    }
    rtp.send(port, 0, Buffer.alloc(160, 0xff));
    rtp.send(port, 0, Buffer.alloc(160, 0x10));
    await rtp.until(2);

    expect(simulator.calls()).toMatchObject([
      { digits: '1#1', packetsReceived: 11, packetsSent: 2, speechPackets: 1, codec: 'PCMU' },
    ]);
  });

  it('echo answers a sender report with one that has its reception in it', async () => {
    const ue = await registered();
    const rtp = await sound();
    const call = ue.invite('sip:echo@demo.example', rtp.sdp('0'));
    const ok = await call.answer(200);
    call.acknowledge(ok);
    const report = Buffer.alloc(28);
    report.set([0x80, 200, 0, 6, 0, 0, 0x12, 0x34, 1, 2, 3, 4, 5, 6, 7, 8]);
    rtp.send(audioPort(ok.body), 0, Buffer.alloc(160));
    await rtp.until(1);

    rtp.rtcp.send(report, audioPort(ok.body) + 1, '127.0.0.1');
    const [answer] = (await once(rtp.rtcp, 'message')) as [Buffer];

    expect(answer.readUInt8(0)).toBe(0x81);
    expect(answer.readUInt8(1)).toBe(200);
    expect(answer.readUInt32BE(28)).toBe(0x1234);
    expect(answer.readUInt32BE(44)).toBe(0x03040506);
  });

  it.each([
    ['PCMU', '0 101', 0],
    ['PCMA', '9 8 101', 8],
  ] as const)('tone plays 440 Hz in %s', async (law, codecs, type) => {
    const ue = await registered();
    const rtp = await sound();
    const call = ue.invite('sip:tone@demo.example', rtp.sdp(codecs));
    const ok = await call.answer(200);
    call.acknowledge(ok);

    await rtp.until(25);
    const packets = rtp.received.slice(0, 25);
    const samples = packets.flatMap((it) =>
      [...it.subarray(12)].map((byte) => decodeLaw(law, byte)),
    );

    expect(packets.every((it) => (it.readUInt8(1) & 0x7f) === type)).toBe(true);
    expect(shareAt(440, samples)).toBeGreaterThan(0.98);
    expect(shareAt(425, samples)).toBeLessThan(0.05);
    call.within('BYE');
    await call.outcome('BYE');
  });

  it.each([
    ['pcma', '0 8 101', 8],
    ['pcmu', '8 0 101', 0],
  ])('%s takes its codec wherever it stands in the offer', async (name, codecs, type) => {
    const ue = await registered();

    const call = ue.invite(`sip:${name}@demo.example`, (await sound()).sdp(codecs));
    const ok = await call.answer(200);
    call.acknowledge(ok);

    expect(ok.body).toContain(`RTP/AVP ${String(type)} 101`);
  });

  it('pcma answers 488 where it is not offered', async () => {
    const ue = await registered();

    const call = ue.invite('sip:pcma@demo.example', (await sound()).sdp('0 101'));
    const final = await call.answer(200);
    call.refuse(final);

    expect(final.status).toBe(488);
  });

  it('noanswer rings until it is cancelled', async () => {
    const ue = await registered(alice, 'UDP');
    const call = ue.invite('sip:noanswer@demo.example', (await sound()).sdp());
    const ringing = await call.answer(180);

    call.cancel();
    const cancelled = await call.outcome('CANCEL');
    const final = await call.answer(200);
    call.refuse(final);

    expect([ringing.status, cancelled.status, final.status]).toEqual([180, 200, 487]);
    expect(simulator.calls()).toMatchObject([{ state: 'ended', end: 'cancelled' }]);
  });

  it('slow plays early media of 425 Hz, whatever is offered first, and answers after five seconds', async () => {
    const ue = await registered();
    const rtp = await sound();
    const startedAtMs = Date.now();
    const call = ue.invite('sip:slow@demo.example', rtp.sdp('9 0 101'));

    const early = await call.answer(183);
    await rtp.until(40);
    const samples = rtp.received
      .slice(0, 40)
      .flatMap((it) => [...it.subarray(12)].map((byte) => decodeLaw('PCMU', byte)));
    const ok = await call.answer(200, 8_000);
    call.acknowledge(ok);

    expect(early.status).toBe(183);
    expect(shareAt(425, samples)).toBeGreaterThan(0.98);
    expect(Date.now() - startedAtMs).toBeGreaterThanOrEqual(4_900);
    expect(audioPort(ok.body)).toBe(audioPort(early.body));
    expect(ok.header('To')).toBe(early.header('To'));
  });

  it('callme hangs up after a second and rings the caller back', async () => {
    const ue = await registered();
    const rtp = await sound();
    const call = ue.invite('sip:callme@demo.example', rtp.sdp('0 101'), {
      preferred: 'tel:+4930111',
    });
    call.acknowledge(await call.answer(200));

    const bye = await ue.wire.next(({ method }) => method === 'BYE');
    reply(ue, bye, '200 OK');
    const invite = await ue.wire.next(isInvite, 6_000);
    reply(ue, invite, '180 Ringing', { tag: 'cb' });
    reply(ue, invite, '200 OK', { tag: 'cb', body: rtp.sdp('0') });
    await ue.wire.next(({ method }) => method === 'ACK');
    await rtp.until(20);

    const samples = rtp.received
      .slice(-15)
      .flatMap((it) => [...it.subarray(12)].map((byte) => decodeLaw('PCMU', byte)));
    expect(invite.header('From')).toContain('<sip:callme@demo.example>');
    expect(invite.header('P-Asserted-Identity')).toBe('<sip:callme@demo.example>');
    expect(invite.header('P-Called-Party-ID')).toBe('<tel:+4930111>');
    expect(shareAt(440, samples)).toBeGreaterThan(0.98);
    expect(simulator.calls()).toMatchObject([
      { direction: 'incoming', peer: 'tel:+4930111' },
      { direction: 'outgoing', peer: 'tel:+4930111', state: 'established' },
    ]);
  });

  it('answers a hold by silence, a resume by sound, and UPDATE and OPTIONS at all', async () => {
    const ue = await registered();
    const rtp = await sound();
    const call = ue.invite('sip:tone@demo.example', rtp.sdp('0'));
    call.acknowledge(await call.answer(200));
    await rtp.until(5);

    call.within('INVITE', rtp.sdp('0', 'sendonly'));
    const held = await call.answer(200);
    call.within('ACK', '', 2);
    const atHold = rtp.received.length;
    await pause(150);
    const duringHold = rtp.received.length - atHold;
    call.within('UPDATE', rtp.sdp('0'));
    const resumed = await call.outcome('UPDATE');
    await rtp.until(rtp.received.length + 5);
    call.within('OPTIONS');
    const options = await call.outcome('OPTIONS');

    expect(held.body).toContain('a=recvonly');
    expect(duringHold).toBeLessThanOrEqual(1);
    expect(resumed.body).toContain('a=sendrecv');
    expect(options.status).toBe(200);
    call.within('BYE');
    expect((await call.outcome('BYE')).status).toBe(200);
    call.within('BYE');
    expect((await call.outcome('BYE')).status).toBe(481);
  });

  it('offers by itself where the INVITE has no SDP', async () => {
    const ue = await registered();
    const rtp = await sound();
    const call = ue.invite('sip:tone@demo.example', '');
    const ok = await call.answer(200);

    call.acknowledge(ok, rtp.sdp('8'));
    await rtp.until(3);

    expect(ok.body).toContain('RTP/AVP 8 0 101');
  });
});

describe('lost datagrams', () => {
  it('a 200 is repeated until its ACK comes, and a lost INVITE may come again', async () => {
    const ue = await registered(alice, 'UDP');
    simulator.dropNext('INVITE');
    simulator.dropNext('ACK');
    const call = ue.invite('sip:echo@demo.example', (await sound()).sdp());
    await pause(50);
    const beforeRepeat = ue.wire.seen.length;
    ue.wire.send(call.text);
    const first = await call.answer(200);
    call.acknowledge(first);

    const second = await call.answer(200);
    call.acknowledge(second);
    await pause(1_500);

    const oks = ue.wire.seen.filter(
      ({ status, text }) => status === 200 && text.includes('INVITE'),
    );
    expect(ue.wire.seen.slice(2, beforeRepeat)).toEqual([]);
    expect(second.text).toBe(first.text);
    expect(oks).toHaveLength(2);
  });

  it('a refusal is repeated until its ACK comes', async () => {
    const ue = await registered(alice, 'UDP');
    const call = ue.invite('sip:busy@demo.example', 'v=0');

    await call.answer(200);
    const again = await call.answer(200);
    call.refuse(again);

    expect(again.status).toBe(486);
  });

  it('an INVITE to a silent callee is repeated', async () => {
    const [caller, callee] = [await registered(alice), await registered(bob, 'UDP')];
    caller.invite(bob.impu, (await sound()).sdp());

    const first = await callee.wire.next(isInvite);
    const second = await callee.wire.next(isInvite);

    expect(second.text).toBe(first.text);
  });
});

describe('OPS-2: two subscribers', () => {
  it.each([
    ['TCP', 'TCP', bob.impu],
    ['TCP', 'UDP', 'tel:+4930222'],
    ['UDP', 'TCP', 'sip:+4930222@demo.example;user=phone'],
  ] as const)('call one another (%s to %s, by %s), SDP untouched', async (from, to, target) => {
    const [caller, callee] = [await registered(alice, from), await registered(bob, to)];
    const rtp = await sound();
    const call = caller.invite(target, rtp.sdp());

    const invite = await callee.wire.next(isInvite);
    reply(callee, invite, '180 Ringing', { tag: 'callee' });
    reply(callee, invite, '200 OK', { tag: 'callee', body: rtp.sdp('8') });
    const ok = await call.answer(200);
    call.acknowledge(ok);
    await callee.wire.next(({ method }) => method === 'ACK');
    call.within('BYE');
    reply(callee, await callee.wire.next(({ method }) => method === 'BYE'), '200 OK');

    expect((await call.outcome('BYE')).status).toBe(200);
    expect(invite.body).toBe(rtp.sdp());
    expect(ok.body).toBe(rtp.sdp('8'));
    expect(invite.header('P-Asserted-Identity')).toBe('<sip:alice@demo.example>');
    expect(invite.header('P-Preferred-Identity')).toBe('');
    expect(invite.header('Route')).toBe('');
    expect(invite.start).toContain(`sip:ue@127.0.0.1:${String(callee.wire.port)}`);
    expect(invite.header('P-Called-Party-ID')).toMatch(/bob|\+4930222/);
    expect(invite.all('Record-Route')).toHaveLength(from === to ? 1 : 2);
  });

  it('ring on every contact; the first answer wins and the others are cancelled', async () => {
    const caller = await registered(alice);
    const [one, two] = [await registered(bob), await registered(bob, 'UDP')];
    const rtp = await sound();
    const call = caller.invite(bob.impu, rtp.sdp());
    const [first, second] = [await one.wire.next(isInvite), await two.wire.next(isInvite)];
    reply(one, first, '180 Ringing', { tag: 'one' });
    reply(two, second, '180 Ringing', { tag: 'two' });

    reply(two, second, '200 OK', { tag: 'two', body: rtp.sdp() });
    const cancel = await one.wire.next(({ method }) => method === 'CANCEL');
    reply(one, cancel, '200 OK');
    reply(one, first, '487 Request Terminated', { tag: 'one' });
    const ok = await call.answer(200);

    expect(ok.header('To')).toContain('tag=two');
    expect(cancel.header('Via')).toBe(first.header('Via'));
    expect((await one.wire.next(({ method }) => method === 'ACK')).header('To')).toContain('one');
  });

  it('hear of a callee that is busy everywhere', async () => {
    const caller = await registered(alice);
    const callee = await registered(bob);
    const call = caller.invite(bob.impu, (await sound()).sdp());
    reply(callee, await callee.wire.next(isInvite), '486 Busy Here', { tag: 'b' });

    expect((await call.answer(200)).status).toBe(486);
  });

  it('cancel: the callee is told and the caller gets 487', async () => {
    const [caller, callee] = [await registered(alice), await registered(bob)];
    const call = caller.invite(bob.impu, (await sound()).sdp());
    const invite = await callee.wire.next(isInvite);
    reply(callee, invite, '180 Ringing', { tag: 'b' });
    await call.answer(180);

    call.cancel();
    const cancel = await callee.wire.next(({ method }) => method === 'CANCEL');
    reply(callee, cancel, '200 OK');
    reply(callee, invite, '487 Request Terminated', { tag: 'b' });

    expect((await call.answer(200)).status).toBe(487);
  });

  it('lose the call while it rings when the callee loses its connection', async () => {
    const [caller, callee] = [await registered(alice), await registered(bob)];
    const call = caller.invite(bob.impu, (await sound()).sdp());
    reply(callee, await callee.wire.next(isInvite), '180 Ringing', { tag: 'b' });
    await call.answer(180);

    callee.wire.close();

    expect((await call.answer(200)).status).toBe(408);
  });

  it('keep others out of their dialog', async () => {
    const [caller, callee] = [await registered(alice), await registered(bob)];
    const stranger = await registered(trunk);
    const call = caller.invite(bob.impu, (await sound()).sdp());
    const invite = await callee.wire.next(isInvite);

    stranger.send({
      method: 'BYE',
      uri: 'sip:x@127.0.0.1',
      headers: [
        `Route: ${invite.header('Record-Route')}`,
        'From: <sip:a@b>;tag=1',
        'To: <sip:c@d>;tag=2',
        `Call-ID: ${call.callId}`,
        'CSeq: 5 BYE',
      ],
    });

    expect((await stranger.wire.next(({ status }) => status >= 300)).status).toBe(403);
  });
});

describe('OPS-2: a wildcarded identity', () => {
  it('is asserted as the concrete one it stands for', async () => {
    const [pbx, callee] = [await registered(trunk), await registered(bob)];

    pbx.invite(bob.impu, 'v=0', { preferred: 'sip:web7@demo.example' });
    const invite = await callee.wire.next(isInvite);

    expect(invite.header('P-Asserted-Identity')).toBe('<sip:web7@demo.example>');
  });

  it('is rung on the flow of its trunk, which learns who is meant', async () => {
    const [pbx, caller] = [await registered(trunk), await registered(bob)];

    caller.invite('sip:web42@demo.example', 'v=0');
    const invite = await pbx.wire.next(isInvite);

    expect(invite.header('P-Called-Party-ID')).toBe('<sip:web42@demo.example>');
    expect(invite.start).toContain(`sip:ue@127.0.0.1:${String(pbx.wire.port)}`);
  });

  it('lets two users of one trunk call one another over one flow', async () => {
    const pbx = await registered(trunk);
    const rtp = await sound();
    const preferred = 'sip:web1@demo.example';
    const call = pbx.invite('sip:web2@demo.example', rtp.sdp(), { preferred });

    const invite = await pbx.wire.next(isInvite);
    reply(pbx, invite, '200 OK', { tag: token(), body: rtp.sdp() });
    call.acknowledge(await call.answer(200));
    await pbx.wire.next(({ method }) => method === 'ACK');
    call.within('BYE');
    reply(pbx, await pbx.wire.next(({ method }) => method === 'BYE'), '200 OK');

    expect((await call.outcome('BYE')).status).toBe(200);
    expect(invite.header('P-Asserted-Identity')).toBe(`<${preferred}>`);
    expect(invite.header('P-Called-Party-ID')).toBe('<sip:web2@demo.example>');
  });
});

describe('two simulators', () => {
  it('live side by side, each on one number for TCP and UDP', async () => {
    const other = await aSimulator();
    const probe = createSocket('udp4');

    const taken = once(probe, 'error');
    probe.bind(other.sipPort, '127.0.0.1');

    expect(other.sipPort).not.toBe(simulator.sipPort);
    expect((await taken)[0]).toMatchObject({ code: 'EADDRINUSE' });
    await other.close();
  });
});

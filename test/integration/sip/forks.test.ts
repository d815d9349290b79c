import { header } from '../../support/scripted-registrar.ts';
import { ANSWER, FAR, OFFER, SessionBench } from '../../support/session-bench.ts';

const TRANSPORTS = ['tcp', 'udp'] as const;
const OTHER = ANSWER.replace('50000', '52000');
const authorized = (direction: string): string => `P-Early-Media: ${direction}`;

describe.each(TRANSPORTS)('SES-3, SES-4: forks, early media and refusals over %s', (transport) => {
  let bench: SessionBench;

  beforeEach(async () => {
    bench = await SessionBench.open({ transport, session: { redirects: 2 } });
  });
  afterEach(() => bench.close());

  it('RFC 5009: says that it gates early media, and passes on what the network says', async () => {
    const { heard, invite } = await bench.call();
    const tell = (status: number, direction: string): void => {
      bench.far.reply(invite, status, { headers: [FAR, authorized(direction)], body: ANSWER });
    };
    tell(183, 'inactive');
    tell(180, 'sendonly');
    tell(183, 'gated');
    bench.far.reply(invite, 486);
    await heard.heard('sip-rejected');

    expect(header(invite, 'P-Early-Media')).toBe('supported');
    expect(heard.events.slice(0, 3)).toMatchObject([
      { status: 183, earlyMedia: 'refused' },
      { status: 180, earlyMedia: 'authorized' },
      { status: 183, earlyMedia: 'authorized' },
    ]);
  });

  it('a fork whose media may be heard takes over from one whose may not', async () => {
    const { heard, invite } = await bench.call();
    bench.far.reply(invite, 183, {
      ...{ headers: [FAR, authorized('inactive')], body: ANSWER, toTag: 'one' },
    });
    bench.far.reply(invite, 183, { headers: [FAR], body: OTHER, toTag: 'two' });
    bench.far.reply(invite, 183, {
      ...{ headers: [FAR, authorized('sendrecv')], toTag: 'two' },
    });
    bench.far.reply(invite, 200, { headers: [FAR], body: ANSWER, toTag: 'one' });
    await heard.heard('sip-answered');

    expect(heard.events).toEqual([
      { kind: 'sip-progressed', status: 183, sdp: ANSWER, earlyMedia: 'refused' },
      { kind: 'sip-progressed', status: 183, sdp: OTHER },
      { kind: 'sip-progressed', status: 183, earlyMedia: 'authorized' },
      { kind: 'sip-answered', sdp: ANSWER },
    ]);
  });

  it('of forks that may be heard alike it is the last, and the one before when that one ends', async () => {
    const { heard, invite } = await bench.call();
    const describe = (toTag: string, body: string, ...more: string[]): void => {
      bench.far.reply(invite, 183, { headers: [FAR, ...more], body, toTag });
    };
    describe('one', ANSWER, authorized('sendonly'));
    describe('mute', OTHER);
    describe('two', OTHER, authorized('sendonly'));
    describe('one', ANSWER);
    bench.byCallee('BYE', invite, { tag: 'two', cseq: 1 });
    await bench.far.next('200');
    bench.far.reply(invite, 486);
    await heard.heard('sip-rejected');

    expect(heard.events.slice(0, -1)).toEqual([
      { kind: 'sip-progressed', status: 183, sdp: ANSWER, earlyMedia: 'authorized' },
      { kind: 'sip-progressed', status: 183 },
      { kind: 'sip-progressed', status: 183, sdp: OTHER, earlyMedia: 'authorized' },
      { kind: 'sip-progressed', status: 183 },
      { kind: 'sip-progressed', status: 183, sdp: ANSWER, earlyMedia: 'authorized' },
    ]);
  });

  it('each fork has its own order of reliable responses and its own PRACK', async () => {
    const { heard, invite } = await bench.call();
    const headers = (rseq: number): string[] => [FAR, 'Require: 100rel', `RSeq: ${String(rseq)}`];
    bench.far.reply(invite, 183, { headers: headers(5), body: ANSWER, toTag: 'one' });
    const first = await bench.far.next('PRACK');
    bench.far.reply(invite, 183, { headers: headers(900), body: OTHER, toTag: 'two' });
    const second = await bench.far.next('PRACK');
    bench.far.reply(first, 200);
    bench.far.reply(second, 200);
    bench.far.reply(invite, 200, { headers: [FAR], toTag: 'two' });
    const ack = await bench.far.next('ACK');

    expect([header(first, 'RAck'), header(second, 'RAck')]).toEqual(['5 1 INVITE', '900 1 INVITE']);
    expect(header(first, 'To')).toContain('tag=one');
    expect(header(second, 'To')).toContain('tag=two');
    expect(header(ack, 'To')).toContain('tag=two');
    expect((await heard.heard('sip-answered')).sdp).toBe(OTHER);
  });

  it('a late 200 of a fork that lost gets ACK and BYE, and its target its own', async () => {
    const { heard, invite } = await bench.call();
    bench.far.reply(invite, 200, { headers: [FAR], body: ANSWER, toTag: 'one' });
    await heard.heard('sip-answered');
    await bench.far.next('ACK');
    bench.far.reply(invite, 200, {
      ...{ headers: ['Contact: <sip:loser@192.0.2.8>'], body: OTHER, toTag: 'two' },
    });

    const ack = await bench.far.next('ACK');
    const bye = await bench.far.next('BYE');

    expect(ack.startLine).toBe('ACK sip:loser@192.0.2.8 SIP/2.0');
    expect(bye.startLine).toBe('BYE sip:loser@192.0.2.8 SIP/2.0');
    expect(heard.kinds).toEqual(['sip-answered']);
  });

  it('what a fork that lost still wants, or its going, is nothing to the call', async () => {
    const { heard, invite, leg } = await bench.call();
    bench.far.reply(invite, 183, { headers: [FAR], body: OTHER, toTag: 'one' });
    bench.far.reply(invite, 183, { headers: [FAR], body: OTHER, toTag: 'gone' });
    await heard.heard('sip-progressed');
    bench.byCallee('BYE', invite, { tag: 'gone', cseq: 1 });
    await bench.far.next('200');
    bench.far.reply(invite, 200, { headers: [FAR], body: ANSWER, toTag: 'two' });
    await heard.heard('sip-answered');

    bench.byCallee('UPDATE', invite, { tag: 'one', cseq: 1, headers: [FAR], body: ANSWER });

    await bench.far.next('487');
    leg.bye();
    expect(header(await bench.far.next('BYE'), 'To')).toContain('tag=two');
    expect(heard.events).toEqual([
      { kind: 'sip-progressed', status: 183, sdp: OTHER },
      { kind: 'sip-progressed', status: 183, sdp: OTHER },
      { kind: 'sip-progressed', status: 183, sdp: OTHER },
      { kind: 'sip-answered', sdp: ANSWER },
    ]);
  });

  it('RFC 3261 §8.1.3.4: follows a 3xx, best contact first, as often as the tenant lets it', async () => {
    const { heard, invite } = await bench.call();
    bench.far.reply(invite, 302, {
      headers: [
        'Contact: <sip:second@ims.test>;q=0.3, <sip:first@ims.test>;q=0.9',
        'Contact: <sip:third@ims.test>;q=0.1',
      ],
    });
    const first = await bench.far.next('INVITE');
    bench.far.reply(first, 404);
    const second = await bench.far.next('INVITE');
    bench.far.reply(second, 302, { headers: ['Contact: <sip:fourth@ims.test>'] });

    expect((await heard.heard('sip-rejected')).status).toBe(302);
    expect(first.startLine).toBe('INVITE sip:first@ims.test SIP/2.0');
    expect(second.startLine).toBe('INVITE sip:second@ims.test SIP/2.0');
    expect(header(second, 'To')).toBe(header(invite, 'To'));
    expect(header(second, 'CSeq')).toBe('3 INVITE');
    expect(bench.far.received.filter(({ kind }) => kind === 'INVITE')).toHaveLength(3);
  });

  it('RFC 3261 §21.6: a 6xx ends the search', async () => {
    const { heard, invite } = await bench.call();
    bench.far.reply(invite, 302, {
      headers: ['Contact: <sip:first@ims.test>, <sip:second@ims.test>'],
    });
    bench.far.reply(await bench.far.next('INVITE'), 603, {
      headers: ['Reason: Q.850;cause=21'],
    });

    expect(await heard.heard('sip-rejected')).toMatchObject({ status: 603, q850: 21 });
    expect(bench.far.received.filter(({ kind }) => kind === 'INVITE')).toHaveLength(2);
  });
});

describe('SES-4: a contact the tenant’s rules forbid', () => {
  it('is passed over', async () => {
    const bench = await SessionBench.open({ transport: 'tcp', session: { redirects: 3 } });
    const { invite } = await bench.call(OFFER, {
      redirectTarget: (contact) => (contact.startsWith('tel:') ? undefined : contact),
    });
    bench.far.reply(invite, 302, { headers: ['Contact: <tel:+900123>, <sip:first@ims.test>'] });

    expect((await bench.far.next('INVITE')).startLine).toBe('INVITE sip:first@ims.test SIP/2.0');
    await bench.close();
  });
});

describe('SES-4: a tenant that lets no call be redirected', () => {
  it('refuses a 3xx', async () => {
    const bench = await SessionBench.open({ transport: 'tcp' });
    const { heard, invite } = await bench.call();
    bench.far.reply(invite, 302, { headers: ['Contact: <sip:first@ims.test>'] });

    expect((await heard.heard('sip-rejected')).status).toBe(302);
    expect(bench.far.received.filter(({ kind }) => kind === 'INVITE')).toHaveLength(1);
    await bench.close();
  });
});

describe('RFC 5009: a tenant that wants the network’s word on early media', () => {
  it('takes silence as a refusal', async () => {
    const bench = await SessionBench.open({
      transport: 'tcp',
      session: { earlyMedia: 'authorized-only' },
    });
    const { heard, invite } = await bench.call();
    bench.far.reply(invite, 183, { headers: [FAR], body: ANSWER });

    expect((await heard.heard('sip-progressed')).earlyMedia).toBe('refused');
    await bench.close();
  });
});

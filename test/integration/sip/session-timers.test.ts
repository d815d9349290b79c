import { FakeClock } from '../../support/fake-clock.ts';
import { header } from '../../support/scripted-registrar.ts';
import { ANSWER, FAR, OFFER, SessionBench } from '../../support/session-bench.ts';

const TRANSPORTS = ['tcp', 'udp'] as const;
const UPDATES = 'Allow: INVITE, ACK, BYE, UPDATE';
const SHORT = { expiresS: 90, minExpiresS: 90 };

describe.each(TRANSPORTS)('SES-3: session timers over %s, RFC 4028', (transport) => {
  let bench: SessionBench;
  let clock: FakeClock;

  beforeEach(async () => {
    clock = new FakeClock();
    bench = await SessionBench.open({ transport, clock, session: SHORT });
  });
  afterEach(() => bench.close());

  it('as caller and refresher: UPDATE at half, without a description', async () => {
    const { invite, heard } = await bench.answered(['Session-Expires: 90;refresher=uac', UPDATES]);
    clock.advance(45_000);
    const update = await bench.far.next('UPDATE');
    bench.far.reply(update, 200, { headers: [FAR, 'Session-Expires: 90;refresher=uac'] });
    await bench.settled();
    clock.advance(45_000);
    const second = await bench.far.next('UPDATE');

    expect(header(invite, 'Session-Expires')).toBe('90');
    expect(header(invite, 'Min-SE')).toBe('90');
    expect(header(update, 'Session-Expires')).toBe('90;refresher=uac');
    expect(update.body).toBe('');
    expect(header(second, 'CSeq')).toBe('3 UPDATE');
    expect(heard.kinds).toEqual(['sip-answered']);
  });

  it('as caller and refresher: by re-INVITE where the peer takes no UPDATE', async () => {
    const { invite } = await bench.answered(['Session-Expires: 90;refresher=uac']);
    clock.advance(45_000);
    const again = await bench.far.next('INVITE');
    bench.far.reply(again, 200, {
      headers: ['Contact: <sip:moved@192.0.2.3>', 'Session-Expires: 90;refresher=uac'],
      body: ANSWER,
    });
    const ack = await bench.far.next('ACK');

    expect(again.body).toBe(invite.body);
    expect(header(again, 'Session-Expires')).toBe('90;refresher=uac');
    expect(ack.startLine).toBe('ACK sip:moved@192.0.2.3 SIP/2.0');
  });

  it('as caller and refresher: by re-INVITE where UPDATE was promised and is 501', async () => {
    await bench.answered(['Session-Expires: 90;refresher=uac', UPDATES]);
    clock.advance(45_000);
    bench.far.reply(await bench.far.next('UPDATE'), 501);

    const again = await bench.far.next('INVITE');

    expect(header(again, 'Session-Expires')).toBe('90;refresher=uac');
  });

  it.each([481, 408])('as refresher: %i to the refresh ends the call with BYE', async (status) => {
    const { heard } = await bench.answered(['Session-Expires: 90;refresher=uac', UPDATES]);
    clock.advance(45_000);
    bench.far.reply(await bench.far.next('UPDATE'), status);

    const bye = await bench.far.next('BYE');

    expect(header(bye, 'Reason')).toContain('SIP;cause=408');
    expect(await heard.heard('sip-hung-up')).toEqual({
      kind: 'sip-hung-up',
      reason: 'session expired',
    });
  });

  it('as caller who waits for the peer: BYE when no refresh came in time', async () => {
    const { heard } = await bench.answered(['Session-Expires: 90;refresher=uas']);
    clock.advance(59_999);
    await bench.settled();
    expect(heard.kinds).toEqual(['sip-answered']);

    clock.advance(1);

    await bench.far.next('BYE');
    await heard.heard('sip-hung-up');
  });

  it('as caller: a refresh of the peer’s keeps the call', async () => {
    const { invite, heard } = await bench.answered(['Session-Expires: 90;refresher=uas']);
    clock.advance(50_000);
    bench.byCallee('UPDATE', invite, {
      cseq: 1,
      headers: [FAR, 'Supported: timer', 'Session-Expires: 90;refresher=uac'],
    });
    const ok = await bench.far.next('200');
    clock.advance(50_000);
    await bench.settled();

    expect(header(ok, 'Session-Expires')).toBe('90;refresher=uac');
    expect(header(ok, 'Require')).toBe('timer');
    expect(heard.kinds).toEqual(['sip-answered']);
  });

  it('as caller: without Session-Expires in the 200 the session never expires', async () => {
    const { heard } = await bench.answered([UPDATES]);
    clock.advance(90_000);
    await bench.settled();

    expect(heard.kinds).toEqual(['sip-answered']);
    expect(bench.far.received.some(({ kind }) => ['UPDATE', 'BYE'].includes(kind))).toBe(false);
  });

  it('as caller: 422 raises the length once, with a new CSeq', async () => {
    const { heard, invite } = await bench.call();
    bench.far.reply(invite, 422, { headers: ['Min-SE: 3600'] });
    const again = await bench.far.next('INVITE');
    bench.far.reply(again, 200, {
      headers: [FAR, 'Session-Expires: 3600;refresher=uas'],
      body: ANSWER,
    });
    await heard.heard('sip-answered');

    expect(header(again, 'Session-Expires')).toBe('3600');
    expect(header(again, 'Min-SE')).toBe('3600');
    expect(header(again, 'CSeq')).toBe('2 INVITE');
    expect(header(again, 'Call-ID')).toBe(header(invite, 'Call-ID'));
  });

  it('as caller: a network that raises without end is given up', async () => {
    const { heard, invite } = await bench.call();
    bench.far.reply(invite, 422, { headers: ['Min-SE: 100'] });
    bench.far.reply(await bench.far.next('INVITE'), 422, { headers: ['Min-SE: 200'] });
    bench.far.reply(await bench.far.next('INVITE'), 422, { headers: ['Min-SE: 300'] });

    expect((await heard.heard('sip-rejected')).status).toBe(422);
  });

  it('as callee: too short is 422 with our least', async () => {
    bench.invite(['Supported: timer', 'Session-Expires: 60']);

    expect(header(await bench.far.next('422'), 'Min-SE')).toBe('90');
    expect(bench.incoming).toEqual([]);
  });

  it('as callee: the caller refreshes, by its own wish or ours', async () => {
    const { leg, legHeard } = await bench.ringing(['Supported: timer', 'Session-Expires: 1800']);
    leg.answer(ANSWER);
    const ok = await bench.far.next('200');
    bench.byCaller('ACK', ok, { cseq: 7 });
    await legHeard.heard('sip-acknowledged');

    expect(header(ok, 'Session-Expires')).toBe('90;refresher=uac');
    expect(header(ok, 'Require')).toBe('timer');
    clock.advance(60_000);
    await bench.far.next('BYE');
    await legHeard.heard('sip-hung-up');
  });

  it('as callee: we refresh where the caller asks it of us', async () => {
    const { leg, legHeard } = await bench.ringing([
      ...['Supported: timer', UPDATES, 'Session-Expires: 90;refresher=uas'],
    ]);
    leg.answer(ANSWER);
    const ok = await bench.far.next('200');
    bench.byCaller('ACK', ok, { cseq: 7 });
    await legHeard.heard('sip-acknowledged');
    clock.advance(45_000);

    const update = await bench.far.next('UPDATE');

    expect(header(ok, 'Session-Expires')).toBe('90;refresher=uas');
    // From where we stand now, we are the one who asks (RFC 4028 §7.4).
    expect(header(update, 'Session-Expires')).toBe('90;refresher=uac');
  });

  it('as callee: a caller without timers is served without', async () => {
    const { leg } = await bench.ringing([]);
    leg.answer(ANSWER);

    expect(header(await bench.far.next('200'), 'Session-Expires')).toBe('');
  });

  it('a refresh that wants less than our least is 422 and changes nothing', async () => {
    const { invite, heard } = await bench.answered(['Session-Expires: 90;refresher=uas']);
    bench.byCallee('UPDATE', invite, {
      ...{ cseq: 1, body: OFFER },
      headers: [FAR, 'Supported: timer', 'Session-Expires: 30'],
    });

    await bench.far.next('422');
    expect(heard.kinds).toEqual(['sip-answered']);
  });

  it('our own BYE stops the timers', async () => {
    const { leg } = await bench.answered(['Session-Expires: 90;refresher=uac', UPDATES]);
    leg.bye();
    bench.far.reply(await bench.far.next('BYE'), 200);
    clock.advance(60_000);
    await bench.settled();

    expect(bench.far.received.some(({ kind }) => kind === 'UPDATE')).toBe(false);
    expect(bench.far.received.filter(({ kind }) => kind === 'BYE')).toHaveLength(1);
  });
});

import { FakeClock } from '../../support/fake-clock.ts';
import { header } from '../../support/scripted-registrar.ts';
import { ANSWER, FAR, OFFER, SessionBench } from '../../support/session-bench.ts';

const TRANSPORTS = ['tcp', 'udp'] as const;
const HOLD = OFFER.replace('m=audio', 'a=sendonly\r\nm=audio');
const HELD = ANSWER.replace('m=audio', 'a=recvonly\r\nm=audio');
const THEIRS = ANSWER.replace('m=audio', 'a=sendonly\r\nm=audio');

describe.each(TRANSPORTS)('SES-5: an offer of our own within a call, over %s', (transport) => {
  let bench: SessionBench;
  let clock: FakeClock;

  beforeEach(async () => {
    clock = new FakeClock();
    bench = await SessionBench.open({ transport, clock, session: { expiresS: 0 } });
  });
  afterEach(() => bench.close());

  const invites = () => bench.far.received.filter(({ kind }) => kind === 'INVITE');

  it('leaves by re-INVITE, is acknowledged, and its answer is heard', async () => {
    const { leg, heard } = await bench.answered(['Allow: INVITE, ACK, BYE, UPDATE']);

    leg.offer(HOLD);
    const reINVITE = await bench.far.next('INVITE');
    bench.far.reply(reINVITE, 200, { headers: [FAR], body: HELD });

    expect(header(await bench.far.next('ACK'), 'CSeq')).toBe('2 ACK');
    expect((await heard.heard('sip-offer-answered')).sdp).toBe(HELD);
    expect(reINVITE.body).toContain('a=sendonly');
    expect(reINVITE.startLine).toBe('INVITE sip:far@192.0.2.2 SIP/2.0');
  });

  it('goes from the called side as well, behind the ACK', async () => {
    const { leg, legHeard } = await bench.ringing([]);
    leg.answer(ANSWER);
    const ok = await bench.far.next('200');

    leg.offer(HOLD);
    bench.byCaller('ACK', ok, { cseq: 7 });
    await legHeard.heard('sip-acknowledged');
    bench.far.reply(await bench.far.next('INVITE'), 200, { headers: [FAR], body: HELD });

    expect((await legHeard.heard('sip-offer-answered')).sdp).toBe(HELD);
  });

  it('refused, it is told with its status and the call goes on', async () => {
    const { leg, heard } = await bench.answered();

    leg.offer(HOLD);
    bench.far.reply(await bench.far.next('INVITE'), 488);

    expect((await heard.heard('sip-offer-refused')).status).toBe(488);
    expect(heard.kinds).not.toContain('sip-hung-up');
  });

  it('wanted twice while one is open, only the last one follows', async () => {
    const { leg, heard } = await bench.answered();
    leg.offer(HOLD);
    const first = await bench.far.next('INVITE');

    leg.offer(OFFER.replace('m=audio', 'a=inactive\r\nm=audio'));
    leg.offer(OFFER);
    bench.far.reply(first, 200, { headers: [FAR], body: HELD });
    await bench.far.next('ACK');
    const second = await bench.far.next('INVITE');
    bench.far.reply(second, 200, { headers: [FAR], body: ANSWER });
    await heard.heard('sip-offer-answered');

    expect(second.body).not.toMatch(/a=(?:inactive|sendonly)/);
    expect(invites()).toHaveLength(3);
  });

  it('SES-4: crossed by theirs, theirs is taken while ours waits, and ours follows', async () => {
    const { invite, leg, heard } = await bench.answered();
    leg.offer(HOLD);
    const crossed = await bench.far.next('INVITE');
    bench.byCallee('INVITE', invite, { cseq: 1, headers: [FAR], body: THEIRS });
    bench.byCallee('ACK', invite, { cseq: 1 });
    await bench.far.next('491');
    bench.far.reply(crossed, 491);
    await bench.far.next('ACK');
    await bench.settled();

    bench.byCallee('INVITE', invite, { cseq: 2, headers: [FAR], body: THEIRS });
    expect((await heard.heard('sip-reoffered')).sdp).toBe(THEIRS);
    leg.answerReoffer(ANSWER);
    leg.offer(OFFER.replace('m=audio', 'a=inactive\r\nm=audio'));
    await bench.far.next((it) => it.kind === '200' && header(it, 'CSeq') === '2 INVITE');
    bench.byCallee('ACK', invite, { cseq: 2 });
    await bench.settled();
    clock.advance(4_000);
    const again = await bench.far.next('INVITE');
    bench.far.reply(again, 200, { headers: [FAR], body: HELD });
    await heard.heard('sip-offer-answered');

    expect(again.body).toContain('a=inactive');
    expect(invites()).toHaveLength(3);
  });
});

import { FakeClock } from '../../support/fake-clock.ts';
import { header } from '../../support/scripted-registrar.ts';
import { ANSWER, FAR, OFFER, SessionBench } from '../../support/session-bench.ts';

const TRANSPORTS = ['tcp', 'udp'] as const;
const RELIABLE = ['Supported: 100rel', 'Require: 100rel'];
const rackOf = (response: { readonly raw?: string } & Parameters<typeof header>[0]): string =>
  `RAck: ${header(response, 'RSeq')} ${header(response, 'CSeq')}`;

describe.each(TRANSPORTS)('SES-3: 100rel over %s, RFC 3262', (transport) => {
  let bench: SessionBench;
  let clock: FakeClock;

  beforeEach(async () => {
    clock = new FakeClock();
    bench = await SessionBench.open({ transport, clock });
  });
  afterEach(() => bench.close());

  it('as callee: 180 is numbered, and the next waits for its PRACK', async () => {
    const { leg } = await bench.ringing(RELIABLE);
    leg.ring();
    const ringing = await bench.far.next('180');
    bench.byCaller('PRACK', ringing, { cseq: 8, headers: [rackOf(ringing)] });

    const ok = await bench.far.next('200');

    expect(header(ringing, 'Require')).toBe('100rel');
    expect(Number(header(ringing, 'RSeq'))).toBeGreaterThan(0);
    expect(header(ok, 'CSeq')).toBe('8 PRACK');
    leg.answer(ANSWER);
    expect((await bench.far.next('200')).body).toBe(ANSWER);
  });

  it('as callee: 180 to a caller that does not require it is a plain one', async () => {
    const { leg } = await bench.ringing(['Supported: 100rel']);
    leg.ring();

    const ringing = await bench.far.next('180');

    expect(header(ringing, 'RSeq')).toBe('');
    expect(header(ringing, 'Require')).toBe('');
  });

  it('as callee: repeats a 183 until its PRACK; the 200 waits, and has no description', async () => {
    const { leg, legHeard } = await bench.ringing(RELIABLE);
    leg.answerEarly(ANSWER);
    const first = await bench.far.next('183');
    clock.advance(500);
    const second = await bench.far.next('183');
    leg.answer(ANSWER);
    bench.byCaller('PRACK', first, { cseq: 8, headers: [rackOf(first)] });

    const accepted = await bench.far.next((it) => it.kind === '200' && it.body === '');
    const ok = await bench.far.next('200');

    expect(header(second, 'RSeq')).toBe(header(first, 'RSeq'));
    expect(second.body).toBe(first.body);
    expect(header(accepted, 'CSeq')).toBe('8 PRACK');
    expect(header(ok, 'CSeq')).toBe('7 INVITE');
    expect(ok.body).toBe('');
    expect(await legHeard.heard('sip-ready')).toEqual({ kind: 'sip-ready' });
  });

  it('as callee: a PRACK of nothing is 481', async () => {
    const { leg } = await bench.ringing(RELIABLE);
    leg.ring();
    const ringing = await bench.far.next('180');

    bench.byCaller('PRACK', ringing, { cseq: 8, headers: ['RAck: 999999999 7 INVITE'] });

    await bench.far.next('481');
  });

  it('as callee: a caller that never acknowledges is refused with 504', async () => {
    const { leg, legHeard } = await bench.ringing(RELIABLE);
    leg.ring();
    await bench.far.next('180');

    clock.advance(32_000);

    await bench.far.next('504');
    expect(await legHeard.heard('sip-hung-up')).toEqual({
      kind: 'sip-hung-up',
      reason: 'no PRACK',
    });
  });

  it('as callee: without an offer in the INVITE, the 183 offers and the PRACK answers', async () => {
    const { invite, leg, legHeard } = await bench.ringing(RELIABLE, '');
    leg.answerEarly(OFFER);
    const offered = await bench.far.next('183');
    bench.byCaller('PRACK', offered, { cseq: 8, headers: [rackOf(offered)], body: ANSWER });
    await bench.far.next('200');
    await legHeard.heard('sip-ready');
    leg.answer(OFFER);

    const ok = await bench.far.next('200');

    expect(invite.needsEarlyAnswer).toBe(true);
    expect(offered.body).toBe(OFFER);
    expect(legHeard.events[0]).toEqual({ kind: 'sip-acknowledged', sdp: ANSWER });
    expect(ok.body).toBe('');
  });

  it('as callee: an offer in a PRACK is answered in its 200', async () => {
    const { leg } = await bench.ringing(RELIABLE);
    leg.answerEarly(ANSWER);
    const answered = await bench.far.next('183');
    const again = OFFER.replace('o=- 1 1', 'o=- 1 2');
    bench.byCaller('PRACK', answered, { cseq: 8, headers: [rackOf(answered)], body: again });

    const ok = await bench.far.next('200');

    expect(header(ok, 'CSeq')).toBe('8 PRACK');
    expect(ok.body).toBe(ANSWER);
  });

  it('as callee: CANCEL ends the repeating', async () => {
    const { leg, legHeard } = await bench.ringing(RELIABLE);
    leg.answerEarly(ANSWER);
    const response = await bench.far.next('183');
    bench.far.request('CANCEL', {
      uri: 'sip:alice@ims.test',
      headers: [
        `Via: ${header(response, 'Via')}`,
        `From: ${header(response, 'From')}`,
        'To: <sip:alice@ims.test>',
        'Call-ID: c-in',
        'CSeq: 7 CANCEL',
        'Reason: SIP;cause=200;text="Call completed elsewhere"',
      ],
    });
    await bench.far.next('487');
    const before = bench.far.received.filter(({ kind }) => kind === '183').length;

    clock.advance(500);
    clock.advance(32_000);
    await bench.settled();

    expect(await legHeard.heard('sip-cancelled')).toEqual({
      kind: 'sip-cancelled',
      isAnsweredElsewhere: true,
    });
    expect(bench.far.received.filter(({ kind }) => kind === '183')).toHaveLength(before);
    expect(bench.far.received.some(({ kind }) => kind === '504')).toBe(false);
  });

  it('as caller: acknowledges in order, once, and skips what is out of it', async () => {
    const { invite, heard } = await bench.call();
    const rel = (rseq: number, status = 183): void => {
      bench.far.reply(invite, status, {
        headers: [FAR, 'Require: 100rel', `RSeq: ${String(rseq)}`],
        body: rseq === 10 ? ANSWER : '',
      });
    };
    rel(10);
    bench.far.reply(await bench.far.next('PRACK'), 200);
    rel(10);
    rel(12);
    rel(11, 180);
    const next = await bench.far.next('PRACK');
    bench.far.reply(next, 200);
    bench.far.reply(invite, 200, { headers: [FAR], body: '' });
    await bench.far.next('ACK');

    expect(header(next, 'RAck')).toBe('11 1 INVITE');
    expect(await heard.heard('sip-answered')).toEqual({ kind: 'sip-answered', sdp: ANSWER });
    expect(bench.far.received.filter(({ kind }) => kind === 'PRACK')).toHaveLength(2);
  });

  it('as caller: the answer acknowledged stands, whatever the 200 repeats', async () => {
    const { invite, heard } = await bench.call();
    bench.far.reply(invite, 183, {
      headers: [FAR, 'Require: 100rel', 'RSeq: 5'],
      body: ANSWER,
    });
    bench.far.reply(await bench.far.next('PRACK'), 200);
    bench.far.reply(invite, 200, { headers: [FAR], body: ANSWER.replace('50000', '60000') });

    expect((await heard.heard('sip-answered')).sdp).toBe(ANSWER);
  });

  it('as caller: without reliability the answer of the 200 counts', async () => {
    const { invite, heard } = await bench.call();
    const last = ANSWER.replace('50000', '60000');
    bench.far.reply(invite, 183, { headers: [FAR], body: ANSWER });
    bench.far.reply(invite, 200, { headers: [FAR], body: last });

    expect((await heard.heard('sip-answered')).sdp).toBe(last);
    expect(bench.far.received.some(({ kind }) => kind === 'PRACK')).toBe(false);
  });
});

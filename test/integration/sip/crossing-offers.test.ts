import { FakeClock } from '../../support/fake-clock.ts';
import { header } from '../../support/scripted-registrar.ts';
import { ANSWER, FAR, OFFER, SessionBench } from '../../support/session-bench.ts';

const TRANSPORTS = ['tcp', 'udp'] as const;
const UPDATES = 'Allow: INVITE, ACK, BYE, PRACK, UPDATE';
const HELD = OFFER.replace('m=audio', 'a=sendonly\r\nm=audio');

describe.each(TRANSPORTS)(
  'SES-4: offers that cross over %s, RFC 3261 §14, RFC 3311',
  (transport) => {
    let bench: SessionBench;
    let clock: FakeClock;

    beforeEach(async () => {
      clock = new FakeClock();
      bench = await SessionBench.open({ transport, clock, session: { expiresS: 90 } });
    });
    afterEach(() => bench.close());

    const reINVITE = { cseq: 1, headers: [FAR], body: HELD };

    it('an offer of theirs that meets ours is 491', async () => {
      const { invite, heard } = await bench.answered(['Session-Expires: 90;refresher=uac']);
      clock.advance(45_000);
      await bench.far.next('INVITE');

      bench.byCallee('UPDATE', invite, reINVITE);

      await bench.far.next('491');
      expect(heard.kinds).toEqual(['sip-answered']);
    });

    it('an offer of theirs behind another of theirs is 500 with Retry-After', async () => {
      const { invite, heard, leg } = await bench.answered();
      bench.byCallee('UPDATE', invite, reINVITE);
      await heard.heard('sip-reoffered');

      bench.byCallee('UPDATE', invite, { ...reINVITE, cseq: 2 });

      const refusal = await bench.far.next('500');
      expect(Number(header(refusal, 'Retry-After'))).toBeLessThanOrEqual(10);
      leg.answerReoffer(ANSWER);
      expect(header(await bench.far.next('200'), 'CSeq')).toBe('1 UPDATE');
    });

    it('491 to ours: it goes again, 2.1 to 4 s later as the owner of the Call-ID', async () => {
      await bench.answered(['Session-Expires: 90;refresher=uac']);
      clock.advance(45_000);
      const first = await bench.far.next('INVITE');
      bench.far.reply(first, 491);
      await bench.far.next('ACK');
      await bench.settled();
      clock.advance(2_099);
      await bench.settled();
      expect(bench.far.received.filter(({ kind }) => kind === 'INVITE')).toHaveLength(2);

      clock.advance(1_901);

      const second = await bench.far.next('INVITE');
      expect(header(second, 'CSeq')).toBe('3 INVITE');
      expect(second.body).toBe(first.body);
    });

    it('500 with Retry-After to ours: it goes again then', async () => {
      await bench.answered(['Session-Expires: 90;refresher=uac', UPDATES]);
      clock.advance(45_000);
      bench.far.reply(await bench.far.next('UPDATE'), 500, { headers: ['Retry-After: 3'] });
      await bench.settled();
      clock.advance(3_000);

      expect(header(await bench.far.next('UPDATE'), 'CSeq')).toBe('3 UPDATE');
    });

    it('a refresh that falls between their re-INVITE and its ACK goes behind it', async () => {
      const { invite, heard, leg } = await bench.answered(['Session-Expires: 90;refresher=uac']);
      bench.byCallee('INVITE', invite, reINVITE);
      await heard.heard('sip-reoffered');
      clock.advance(45_000);
      leg.answerReoffer(ANSWER);
      await bench.far.next('200');
      await bench.settled();
      expect(bench.far.received.filter(({ kind }) => kind === 'INVITE')).toHaveLength(1);
      bench.byCallee('ACK', invite, { cseq: 1 });
      await bench.settled();

      clock.advance(1_000);

      expect(header(await bench.far.next('INVITE'), 'CSeq')).toBe('2 INVITE');
    });

    it('407 to ours is answered', async () => {
      await bench.answered(['Session-Expires: 90;refresher=uac', UPDATES]);
      clock.advance(45_000);
      bench.far.reply(await bench.far.next('UPDATE'), 407, {
        headers: ['Proxy-Authenticate: Digest realm="ims.test", nonce="n2", qop="auth"'],
      });

      expect(header(await bench.far.next('UPDATE'), 'Proxy-Authorization')).toContain('nonce="n2"');
    });

    it('a re-INVITE without an offer is answered with one, and the ACK answers it', async () => {
      const { invite, heard, leg } = await bench.answered();
      bench.byCallee('INVITE', invite, { cseq: 1, headers: [FAR] });
      expect((await heard.heard('sip-reoffered')).sdp).toBeUndefined();
      leg.answerReoffer(OFFER);
      const ok = await bench.far.next('200');
      bench.byCallee('ACK', invite, { cseq: 1, body: ANSWER });

      expect(ok.body).toContain('m=audio 40000');
      expect((await heard.heard('sip-acknowledged')).sdp).toBe(ANSWER);
    });

    it('UPDATE before the answer, as callee: refused where nobody can answer it yet', async () => {
      const { leg, legHeard } = await bench.ringing([]);
      leg.ring();
      const ringing = await bench.far.next('180');

      bench.byCaller('UPDATE', ringing, { cseq: 8, headers: [FAR], body: HELD });

      await bench.far.next('500');
      expect(legHeard.kinds).toEqual([]);
    });

    it('UPDATE before the answer, without a description: only moves the target', async () => {
      const { leg } = await bench.ringing([]);
      leg.ring();
      const ringing = await bench.far.next('180');
      bench.byCaller('UPDATE', ringing, { cseq: 8, headers: ['Contact: <sip:moved@192.0.2.9>'] });
      await bench.far.next('200');
      leg.answer(ANSWER);
      const ok = await bench.far.next('200');
      bench.byCaller('ACK', ok, { cseq: 7 });
      leg.bye();

      expect((await bench.far.next('BYE')).startLine).toBe('BYE sip:moved@192.0.2.9 SIP/2.0');
    });

    it('the target of the 200 counts, not that of the 180', async () => {
      const { invite, heard, leg } = await bench.call();
      bench.far.reply(invite, 180, { headers: [FAR] });
      bench.far.reply(invite, 200, { headers: ['Contact: <sip:desk@192.0.2.7>'], body: ANSWER });
      const ack = await bench.far.next('ACK');
      await heard.heard('sip-answered');
      leg.bye();

      expect(ack.startLine).toBe('ACK sip:desk@192.0.2.7 SIP/2.0');
      expect((await bench.far.next('BYE')).startLine).toBe('BYE sip:desk@192.0.2.7 SIP/2.0');
    });

    it('BYE meets an open offer: the offer is 487', async () => {
      const { invite, heard } = await bench.answered();
      bench.byCallee('INVITE', invite, reINVITE);
      await heard.heard('sip-reoffered');

      bench.byCallee('BYE', invite, { cseq: 2, headers: ['Reason: Q.850;cause=38'] });

      await bench.far.next('487');
      expect((await heard.heard('sip-hung-up')).q850).toBe(38);
    });
  },
);

import { header, type Text } from '../support/scripted-registrar.ts';
import { ANSWER, FAR, OFFER, SessionBench } from '../support/session-bench.ts';

/**
 * The UE is ours, on real sockets; the System Simulator is written out message by message. Steps are
 * those of the procedures' tables. Radio bearers and speech codecs of theirs are not tried here.
 */
const UE_CAN = ['INVITE', 'ACK', 'CANCEL', 'BYE', 'PRACK', 'UPDATE'];
const SS_CAN = ['Supported: 100rel, precondition', `Allow: ${UE_CAN.join(', ')}`];

interface Qos {
  readonly local: 'none' | 'sendrecv';
  readonly remote: 'none' | 'sendrecv';
  readonly asks?: boolean;
}

/** Attributes for preconditions of the procedures' SDP. */
const qos = ({ local, remote, asks = false }: Qos, desired = 'mandatory'): string =>
  [
    `a=curr:qos local ${local}`,
    `a=curr:qos remote ${remote}`,
    'a=des:qos mandatory local sendrecv',
    `a=des:qos ${desired} remote sendrecv`,
    ...(asks ? ['a=conf:qos remote sendrecv'] : []),
    '',
  ].join('\r\n');

const version = (sdp: string, number: number): string =>
  sdp.replace(/^(o=- \d) \d/m, `$1 ${String(number)}`);
const rackOf = (response: Text): string =>
  `RAck: ${header(response, 'RSeq')} ${header(response, 'CSeq')}`;
const optionTags = (message: Text, name: string): readonly string[] =>
  header(message, name)
    .split(',')
    .map((it) => it.trim());

describe.each(['udp', 'tcp'] as const)('SES-3: default call flows over %s', (transport) => {
  let bench: SessionBench;

  beforeEach(async () => {
    bench = await SessionBench.open({ transport });
  });
  afterEach(() => bench.close());

  /** Everything of a kind that came from the UE so far. */
  const sent = (kind: string): readonly Text[] =>
    bench.far.received.filter((it) => it.kind === kind);
  const offerToUe = async (sdp: string) => {
    const rung = await bench.ringing(SS_CAN, sdp);
    return { ...rung, early: rung.invite.needsEarlyAnswer };
  };

  describe('3GPP TS 34.229-1 §C.21, 3GPP TS 34.229-5 §A.15, MTSI MO speech call', () => {
    it('steps 2 to 13: INVITE, 183, PRACK, UPDATE, 180, PRACK, 200, ACK', async () => {
      const { heard, invite } = await bench.call();
      bench.far.reply(invite, 100);
      bench.far.reply(invite, 183, {
        headers: [FAR, ...SS_CAN, 'Require: 100rel, precondition', 'RSeq: 1'],
        body: ANSWER + qos({ local: 'none', remote: 'none', asks: true }),
      });
      const prack = await bench.far.next('PRACK');
      bench.far.reply(prack, 200);
      const update = await bench.far.next('UPDATE');
      const met = ANSWER + qos({ local: 'sendrecv', remote: 'sendrecv' });
      bench.far.reply(update, 200, { headers: [FAR], body: version(met, 2) });
      bench.far.reply(invite, 180, { headers: [FAR, 'Require: 100rel', 'RSeq: 2'] });
      const second = await bench.far.next('PRACK');
      bench.far.reply(second, 200);
      bench.far.reply(invite, 200, { headers: [FAR] });
      const ack = await bench.far.next('ACK');
      await heard.heard('sip-answered');

      // Annex A.2.1: what an INVITE for an MO call carries.
      expect(optionTags(invite, 'Supported')).toEqual(
        expect.arrayContaining(['100rel', 'precondition']),
      );
      expect(optionTags(invite, 'Allow')).toEqual(expect.arrayContaining(UE_CAN));
      expect(header(invite, 'P-Preferred-Identity')).toBe('<sip:alice@ims.test>');
      expect(header(invite, 'P-Early-Media')).toBe('supported');
      expect(header(invite, 'P-Access-Network-Info')).not.toBe('');
      expect(header(invite, 'Accept')).toContain('application/sdp');
      expect(invite.body).toMatch(/a=curr:qos local sendrecv\r\na=curr:qos remote none\r\n/);
      expect(invite.body).toContain('a=des:qos mandatory local sendrecv');
      // Annex A.2.4: RAck repeats RSeq and CSeq of what it acknowledges.
      expect([header(prack, 'RAck'), header(second, 'RAck')]).toEqual(['1 1 INVITE', '2 1 INVITE']);
      // Annex A.2.5: an UPDATE of preconditions changes nothing else.
      expect(update.body).toContain('a=curr:qos local sendrecv');
      expect(update.body).toContain('m=audio 40000 RTP/AVP 8');
      // Annex A.2.7: ACK of a 2xx has the CSeq of the INVITE, a branch of its own, and no SDP.
      expect(header(ack, 'CSeq')).toBe('1 ACK');
      expect(header(ack, 'Via')).not.toBe(header(invite, 'Via'));
      expect(ack.body).toBe('');
    });

    it('steps 2 to 8 of C.21a, without preconditions at the far end: 180 with SDP, PRACK, 200', async () => {
      const { heard, invite } = await bench.call();
      const headers = [FAR, 'Supported: 100rel', 'Require: 100rel', 'RSeq: 7'];
      bench.far.reply(invite, 180, { headers, body: ANSWER });
      const prack = await bench.far.next('PRACK');
      bench.far.reply(prack, 200);
      bench.far.reply(invite, 200, { headers: [FAR] });
      await bench.far.next('ACK');
      const answered = await heard.heard('sip-answered');

      expect(header(prack, 'RAck')).toBe('7 1 INVITE');
      expect(prack.body).toBe('');
      expect(answered.sdp).toBe(ANSWER);
      expect(sent('UPDATE')).toEqual([]);
    });
  });

  describe('3GPP TS 34.229-1 §C.11, MTSI MT speech call', () => {
    it('steps 1 to 13: the phone rings only when the caller has its resources', async () => {
      const waiting = OFFER + qos({ local: 'none', remote: 'none' }, 'optional');
      const { early, leg, legHeard } = await offerToUe(waiting);
      leg.answerEarly(ANSWER);
      const progress = await bench.far.next('183');
      bench.byCaller('PRACK', progress, { cseq: 8, headers: [rackOf(progress)] });
      const ofPrack = await bench.far.next('200');
      const isRungEarly = legHeard.kinds.includes('sip-ready');
      const met = OFFER + qos({ local: 'sendrecv', remote: 'none' }, 'optional');
      bench.byCaller('UPDATE', progress, {
        ...{ cseq: 9, headers: [FAR, 'Require: precondition'] },
        body: version(met, 2),
      });
      const ofUpdate = await bench.far.next('200');
      await legHeard.heard('sip-ready');
      leg.ring();
      const ringing = await bench.far.next('180');
      leg.answer(ANSWER);
      const ok = await bench.far.next('200');
      bench.byCaller('ACK', ok, { cseq: 7 });
      await legHeard.heard('sip-acknowledged');

      expect([early, isRungEarly]).toEqual([true, false]);
      // Annex A.2.3: reliable, with the answer and what it says of both resources.
      expect(optionTags(progress, 'Require')).toEqual(
        expect.arrayContaining(['100rel', 'precondition']),
      );
      expect(progress.body).toMatch(/a=curr:qos local sendrecv\r\na=curr:qos remote none\r\n/);
      expect(progress.body).toContain('a=conf:qos remote sendrecv');
      expect(header(ofPrack, 'CSeq')).toBe('8 PRACK');
      expect(header(ofUpdate, 'CSeq')).toBe('9 UPDATE');
      expect(ofUpdate.body).toMatch(/a=curr:qos local sendrecv\r\na=curr:qos remote sendrecv\r\n/);
      expect(header(ringing, 'To')).toBe(header(progress, 'To'));
      // SDP has been agreed by then: neither 180 nor 200 repeats it.
      expect([ringing.body, ok.body]).toEqual(['', '']);
    });

    it('C.11c, without preconditions at both ends: 180 and 200 with SDP', async () => {
      const { invite, leg, legHeard } = await bench.ringing(['Supported: 100rel'], OFFER);
      leg.ring();
      await bench.far.next('180');
      leg.answer(ANSWER);
      const ok = await bench.far.next('200');
      bench.byCaller('ACK', ok, { cseq: 7 });
      await legHeard.heard('sip-acknowledged');

      expect(invite.needsEarlyAnswer).toBe(false);
      expect(ok.body).toBe(ANSWER);
      expect(sent('183')).toEqual([]);
    });
  });

  it('3GPP TS 34.229-1 §C.32, MO release: BYE within the dialog, and its 200', async () => {
    const { invite, leg } = await bench.answered();
    leg.bye();

    const bye = await bench.far.next('BYE');
    bench.far.reply(bye, 200);

    expect(header(bye, 'Call-ID')).toBe(header(invite, 'Call-ID'));
    expect(header(bye, 'CSeq')).toBe('2 BYE');
    expect(header(bye, 'From')).toBe(header(invite, 'From'));
  });

  it('3GPP TS 34.229-1 §C.33, MT release: BYE is answered by 200, and the call has ended', async () => {
    const { heard, invite } = await bench.answered();
    bench.byCallee('BYE', invite, { cseq: 1 });

    const ok = await bench.far.next('200');
    const hungUp = await heard.heard('sip-hung-up');

    expect(header(ok, 'CSeq')).toBe('1 BYE');
    expect(hungUp).toMatchObject({ kind: 'sip-hung-up' });
  });

  it('3GPP TS 34.229-1 §12.2, 503 with Retry-After: the INVITE is not tried again by itself', async () => {
    const { heard, invite } = await bench.call();
    bench.far.reply(invite, 503, { headers: ['Retry-After: 20'] });
    const ack = await bench.far.next('ACK');
    await heard.heard('sip-rejected');
    await bench.settled();

    expect(header(ack, 'CSeq')).toBe('1 ACK');
    expect(sent('INVITE')).toHaveLength(1);
  });
});

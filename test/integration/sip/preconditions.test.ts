import { FakeClock } from '../../support/fake-clock.ts';
import { header, type Text } from '../../support/scripted-registrar.ts';
import { ANSWER, FAR, OFFER, SessionBench } from '../../support/session-bench.ts';

const TRANSPORTS = ['tcp', 'udp'] as const;
const CAN = ['Supported: 100rel, precondition, timer', 'Allow: INVITE, ACK, BYE, PRACK, UPDATE'];
const WAITING =
  'a=curr:qos local none\r\na=curr:qos remote none\r\na=des:qos mandatory local sendrecv\r\na=des:qos none remote sendrecv\r\n';
const READY = WAITING.replace('local none', 'local sendrecv');
const CALLEE_WAITING =
  'a=curr:qos local none\r\na=curr:qos remote none\r\na=des:qos mandatory local sendrecv\r\na=des:qos mandatory remote sendrecv\r\na=conf:qos remote sendrecv\r\n';
const CALLEE_READY = CALLEE_WAITING.replace('local none', 'local sendrecv')
  .replace('remote none', 'remote sendrecv')
  .replace(/a=conf.*\r\n/, '');
const rackOf = (response: Text): string =>
  `RAck: ${header(response, 'RSeq')} ${header(response, 'CSeq')}`;

describe.each(TRANSPORTS)('SES-3: preconditions over %s, RFC 3312', (transport) => {
  let bench: SessionBench;
  let clock: FakeClock;

  beforeEach(async () => {
    clock = new FakeClock();
    bench = await SessionBench.open({ transport, clock });
  });
  afterEach(() => bench.close());

  it('3GPP TS 34.229-1 A.15 as caller: 183, PRACK, UPDATE, 180, 200', async () => {
    const { heard, invite, leg } = await bench.call();
    bench.far.reply(invite, 183, {
      headers: [FAR, ...CAN, 'Require: 100rel, precondition', 'RSeq: 1'],
      body: ANSWER + CALLEE_WAITING,
    });
    const prack = await bench.far.next('PRACK');
    bench.far.reply(prack, 200);
    const update = await bench.far.next('UPDATE');
    bench.far.reply(update, 200, { headers: [FAR], body: ANSWER + CALLEE_READY });
    bench.far.reply(invite, 180, { headers: [FAR, 'Require: 100rel', 'RSeq: 2'] });
    bench.far.reply(await bench.far.next('PRACK'), 200);
    bench.far.reply(invite, 200, { headers: [FAR] });
    await bench.far.next('ACK');
    await heard.heard('sip-answered');
    leg.bye();
    bench.far.reply(await bench.far.next('BYE'), 200);

    expect(header(invite, 'Supported')).toBe('100rel, precondition, replaces, timer');
    expect(header(invite, 'Require')).toBe('');
    expect(invite.body).toContain('a=curr:qos local sendrecv\r\na=curr:qos remote none\r\n');
    expect(update.body).toContain('o=- 1 2 IN IP4');
    expect(update.body).toContain('a=curr:qos local sendrecv\r\na=curr:qos remote none\r\n');
    expect(update.body).toContain('a=des:qos mandatory remote sendrecv\r\n');
    expect(heard.events[0]).toMatchObject({ status: 183, earlyMedia: 'refused' });
    expect(heard.events.at(-1)).toMatchObject({ kind: 'sip-answered' });
  });

  it('as caller: a peer that takes no UPDATE is told in the PRACK', async () => {
    const { invite, heard } = await bench.call();
    bench.far.reply(invite, 183, {
      headers: [FAR, 'Require: 100rel, precondition', 'RSeq: 1'],
      body: ANSWER + CALLEE_WAITING,
    });
    const prack = await bench.far.next('PRACK');
    bench.far.reply(prack, 200, { body: ANSWER + CALLEE_READY });
    bench.far.reply(invite, 200, { headers: [FAR] });
    await heard.heard('sip-answered');

    expect(prack.body).toContain('a=curr:qos local sendrecv\r\n');
    expect(bench.far.received.some(({ kind }) => kind === 'UPDATE')).toBe(false);
  });

  it('as caller: a peer that knows of ours is not told again, and may tell of its own', async () => {
    const { invite, heard, leg } = await bench.call();
    const known =
      ANSWER + CALLEE_WAITING.replace('remote none', 'remote sendrecv').replace(/a=conf.*\r\n/, '');
    bench.far.reply(invite, 183, {
      headers: [FAR, ...CAN, 'Require: 100rel, precondition', 'RSeq: 1'],
      body: known,
    });
    bench.far.reply(await bench.far.next('PRACK'), 200);
    await heard.heard('sip-progressed');
    bench.byCallee('UPDATE', invite, {
      cseq: 1,
      headers: [FAR],
      body: (ANSWER + CALLEE_READY).replace('o=- 2 1', 'o=- 2 2'),
    });
    const { sdp } = await heard.heard('sip-reoffered');
    leg.answerReoffer(OFFER);
    const ok = await bench.far.next((it) => it.kind === '200' && it.body !== '');

    expect(sdp).toContain('curr:qos local sendrecv');
    expect(ok.body).toContain('a=curr:qos remote sendrecv\r\n');
    expect(bench.far.received.some(({ kind }) => kind === 'UPDATE')).toBe(false);
  });

  it('as caller: falls back with a peer that has none of it', async () => {
    const { invite, heard } = await bench.call();
    bench.far.reply(invite, 180, { headers: [FAR] });
    bench.far.reply(invite, 200, { headers: [FAR], body: ANSWER });
    await bench.far.next('ACK');

    expect((await heard.heard('sip-answered')).sdp).toBe(ANSWER);
    expect(bench.far.received.some(({ kind }) => ['PRACK', 'UPDATE'].includes(kind))).toBe(false);
  });

  it('3GPP TS 34.229-1 A.15 as callee: nobody rings before the caller has what it waits for', async () => {
    const { invite, leg, legHeard } = await bench.ringing(CAN, OFFER + WAITING);
    leg.answerEarly(ANSWER);
    const early = await bench.far.next('183');
    bench.byCaller('PRACK', early, { cseq: 8, headers: [rackOf(early)] });
    await bench.far.next('200');
    expect(legHeard.kinds).toEqual([]);
    bench.byCaller('UPDATE', early, {
      cseq: 9,
      headers: [FAR],
      body: (OFFER + READY).replace('o=- 1 1', 'o=- 1 2'),
    });
    const updated = await bench.far.next('200');
    await legHeard.heard('sip-ready');
    leg.ring();
    await bench.far.next('180');
    leg.answer(ANSWER);
    const ok = await bench.far.next('200');
    bench.byCaller('ACK', ok, { cseq: 7 });
    await legHeard.heard('sip-acknowledged');

    expect(invite.needsEarlyAnswer).toBe(true);
    expect(header(early, 'Require')).toBe('100rel, precondition');
    expect(early.body).toContain('a=curr:qos remote none\r\n');
    expect(early.body).toContain('a=conf:qos remote sendrecv\r\n');
    expect(header(updated, 'CSeq')).toBe('9 UPDATE');
    expect(updated.body).toContain('o=- 2 2 IN IP4');
    expect(updated.body).toContain('a=curr:qos remote sendrecv\r\n');
    expect(updated.body).not.toContain('a=conf');
    expect(ok.body).toBe('');
    expect(legHeard.kinds).toEqual(['sip-ready', 'sip-acknowledged']);
  });

  it('as callee: a PRACK may bring the news as well', async () => {
    const { leg, legHeard } = await bench.ringing(CAN, OFFER + WAITING);
    leg.answerEarly(ANSWER);
    const early = await bench.far.next('183');
    bench.byCaller('PRACK', early, {
      cseq: 8,
      headers: [rackOf(early)],
      body: (OFFER + READY).replace('o=- 1 1', 'o=- 1 2'),
    });
    const ok = await bench.far.next('200');

    expect(header(ok, 'CSeq')).toBe('8 PRACK');
    expect(ok.body).toContain('a=curr:qos remote sendrecv\r\n');
    await legHeard.heard('sip-ready');
  });

  it('as callee: a caller that waits for nothing rings at once, and is told of ours in the 200', async () => {
    const { invite, leg } = await bench.ringing(CAN, OFFER + READY);
    leg.ring();
    await bench.far.next('180');
    leg.answer(ANSWER);
    const ok = await bench.far.next('200');

    expect(invite.needsEarlyAnswer).toBe(false);
    expect(ok.body).toContain('a=curr:qos local sendrecv\r\na=curr:qos remote sendrecv\r\n');
  });

  it('as callee: a caller without the extension sees nothing of it', async () => {
    const { invite, leg } = await bench.ringing([], OFFER + WAITING);
    leg.answer(ANSWER);
    const ok = await bench.far.next('200');

    expect(invite.needsEarlyAnswer).toBe(false);
    expect(ok.body).toBe(ANSWER);
  });

  describe('as callee: another device answers than the one described', () => {
    const other = ANSWER.replace('50000', '51000');
    const described = async (can: readonly string[]) => {
      const waiting = OFFER + READY.replace('sendrecv', 'none');
      const { leg, legHeard } = await bench.ringing(can, waiting);
      leg.answerEarly(ANSWER);
      const early = await bench.far.next('183');
      bench.byCaller('PRACK', early, { cseq: 8, headers: [rackOf(early)] });
      await bench.far.next('200');
      const body = (OFFER + READY).replace('o=- 1 1', 'o=- 1 2');
      bench.byCaller('UPDATE', early, { cseq: 9, headers: [FAR, ...can], body });
      await bench.far.next('200');
      return { early, leg, legHeard };
    };
    const expectOffer = ({ body }: Text): void => {
      expect(body).toContain('m=audio 51000');
      expect(body).toContain('o=- 2 3 IN IP4');
    };

    it('and is offered before the 200, so that nothing the caller says is lost', async () => {
      const { leg, legHeard } = await described(CAN);
      leg.answer(other);
      const update = await bench.far.next('UPDATE');
      bench.far.reply(update, 200, { headers: [FAR], body: OFFER });
      const ok = await bench.far.next('200');
      bench.byCaller('ACK', ok, { cseq: 7 });
      await legHeard.next('sip-acknowledged');
      leg.bye();
      await bench.far.next('BYE');

      expect(header(ok, 'CSeq')).toBe('7 INVITE');
      expect(ok.body).toBe('');
      expectOffer(update);
      expect(legHeard.events).toEqual([
        { kind: 'sip-ready' },
        { kind: 'sip-acknowledged', sdp: OFFER },
        { kind: 'sip-acknowledged' },
      ]);
    });

    it.each([
      ['refuses it', 488],
      ['has no word for it', undefined],
    ])('and the caller, who %s, hears it behind the ACK once more', async (_, status) => {
      const { leg, legHeard } = await described(CAN);
      leg.answer(other);
      const first = await bench.far.next('UPDATE');
      if (status === undefined) clock.advance(2_000);
      else bench.far.reply(first, status);
      const ok = await bench.far.next('200');
      bench.byCaller('ACK', ok, { cseq: 7 });
      await legHeard.next('sip-acknowledged');
      if (status === undefined) bench.far.reply(first, 500);
      const second = await bench.far.next(
        (it) => it.kind === 'UPDATE' && header(it, 'CSeq') !== header(first, 'CSeq'),
      );
      const answered = legHeard.next('sip-acknowledged');
      bench.far.reply(second, 200, { headers: [FAR], body: OFFER });

      expect(await answered).toEqual({ kind: 'sip-acknowledged', sdp: OFFER });
    });

    it('and is offered behind the 200 to a caller who takes no UPDATE', async () => {
      const { leg, legHeard } = await described([
        ...CAN.slice(0, 1),
        'Allow: INVITE, ACK, BYE, PRACK',
      ]);
      leg.answer(other);
      const ok = await bench.far.next('200');
      bench.byCaller('ACK', ok, { cseq: 7 });
      const offer = await bench.far.next('INVITE');
      const answered = legHeard.next('sip-acknowledged');
      bench.far.reply(offer, 200, { headers: [FAR], body: OFFER });

      expect(ok.body).toBe('');
      expectOffer(offer);
      expect(await answered).toEqual({ kind: 'sip-acknowledged', sdp: OFFER });
    });
  });

  it('refuses by 580 what it cannot give, and tells which', async () => {
    bench.invite(CAN, `${OFFER}a=des:sec mandatory e2e sendrecv\r\n`);

    const refusal = await bench.far.next('580');

    expect(refusal.body).toContain('a=des:sec unknown e2e sendrecv');
    expect(bench.incoming).toEqual([]);
  });

  it('asks by 421 for the reliability that preconditions need', async () => {
    bench.invite(['Require: precondition'], OFFER + WAITING);

    expect(header(await bench.far.next('421'), 'Require')).toBe('100rel');
  });
});

describe('SES-3: a tenant’s word on preconditions', () => {
  it('`required` refuses callers without them by 421', async () => {
    const bench = await SessionBench.open({
      transport: 'tcp',
      session: { preconditions: 'required' },
    });
    bench.invite([]);

    expect(header(await bench.far.next('421'), 'Require')).toBe('100rel, precondition');
    await bench.close();
  });

  it('`off` neither speaks of them nor serves who requires them', async () => {
    const bench = await SessionBench.open({ transport: 'tcp', session: { preconditions: 'off' } });
    const { invite } = await bench.call();
    bench.invite(['Require: precondition']);

    expect(header(await bench.far.next('420'), 'Unsupported')).toBe('precondition');
    expect(header(invite, 'Supported')).toBe('100rel, replaces, timer');
    expect(invite.body).toBe(OFFER);
    await bench.close();
  });
});

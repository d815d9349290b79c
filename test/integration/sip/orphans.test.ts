import { header, headersOf } from '../../support/scripted-registrar.ts';
import { ANSWER, FAR, SessionBench } from '../../support/session-bench.ts';

const ROUTES = ['Record-Route: <sip:scscf@192.0.2.5;lr>', 'Record-Route: <sip:pcscf@192.0.2.4;lr>'];

describe.each(['tcp', 'udp'] as const)('SES-8: a call over %s whose node died', (transport) => {
  let bench: SessionBench;

  beforeEach(async () => {
    bench = await SessionBench.open({ transport });
  });
  afterEach(() => bench.close());

  it('of ours is let go in its dialog by who has its registration now, challenged or not', async () => {
    const { invite, leg } = await bench.answered(ROUTES);
    const saved = leg.dialog?.saved;
    if (!saved) throw new Error('no dialog');
    const told = JSON.parse(JSON.stringify(saved)) as typeof saved;
    bench.release(told);
    const first = await bench.far.next('BYE');
    bench.far.reply(first, 407, {
      headers: ['Proxy-Authenticate: Digest realm="ims.test", nonce="n2", qop="auth"'],
    });
    const second = await bench.far.next('BYE');

    expect(first.startLine).toBe('BYE sip:far@192.0.2.2 SIP/2.0');
    for (const name of ['Call-ID', 'From']) expect(header(first, name)).toBe(header(invite, name));
    expect(header(first, 'To')).toContain(';tag=scripted');
    expect(headersOf(first, 'Route').join()).toBe(
      '<sip:pcscf@192.0.2.4;lr>,<sip:scscf@192.0.2.5;lr>',
    );
    expect(Number.parseInt(header(first, 'CSeq'), 10)).toBeGreaterThan(1);
    expect(header(first, 'Reason')).toContain('cause=503');
    expect(header(second, 'Proxy-Authorization')).toContain('nonce="n2"');
    expect(Number.parseInt(header(second, 'CSeq'), 10)).toBe(
      Number.parseInt(header(first, 'CSeq'), 10) + 1,
    );
  });

  it('to us is known from our 200 on', async () => {
    const { leg } = await bench.ringing([]);
    leg.answer(ANSWER);
    const ok = await bench.far.next('200');
    const saved = leg.dialog?.saved;
    bench.byCaller('ACK', ok, { cseq: 7, headers: [FAR] });
    if (!saved) throw new Error('no dialog');
    bench.release(saved);
    const bye = await bench.far.next('BYE');

    expect(header(bye, 'Call-ID')).toBe('c-in');
    expect(header(bye, 'To')).toContain(';tag=bob1');
    expect(header(bye, 'From')).toBe(header(ok, 'To'));
  });
});

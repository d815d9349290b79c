import { FakeClock } from '../../support/fake-clock.ts';
import { header } from '../../support/scripted-registrar.ts';
import { SessionBench } from '../../support/session-bench.ts';

const PRESSED = { digit: '5', durationMs: 120 };

describe.each(['tcp', 'udp'] as const)('SES-5: digits by INFO over %s, RFC 6086', (transport) => {
  let bench: SessionBench;

  const open = async (dtmf?: 'info-dtmf-relay' | 'info-dtmf') => {
    const session = { expiresS: 0 as const, ...(dtmf && { dtmf }) };
    bench = await SessionBench.open({ transport, clock: new FakeClock(), session });
    return bench.answered();
  };
  afterEach(() => bench.close());

  it.each([
    ['info-dtmf-relay', 'application/dtmf-relay', 'Signal=5\r\nDuration=120\r\n'],
    ['info-dtmf', 'application/dtmf', '5'],
  ] as const)('leave as the tenant wants: %s', async (dtmf, type, body) => {
    const { leg } = await open(dtmf);

    leg.sendDigit(PRESSED);

    const info = await bench.far.next('INFO');
    expect(header(info, 'Content-Type')).toBe(type);
    expect(info.body).toBe(body);
    expect(info.startLine).toBe('INFO sip:far@192.0.2.2 SIP/2.0');
  });

  it('do not leave where the network hears them in RTP', async () => {
    const { leg } = await open();

    leg.sendDigit(PRESSED);
    await bench.settled();

    expect(bench.far.received.map(({ kind }) => kind)).not.toContain('INFO');
  });

  it('are taken whatever the setting, in both forms', async () => {
    const { invite, heard } = await open();
    const info = (cseq: number, type: string, body: string) => {
      bench.byCallee('INFO', invite, { cseq, headers: [`Content-Type: ${type}`], body });
      return bench.far.next((it) => header(it, 'CSeq') === `${String(cseq)} INFO`);
    };

    const answers = [
      await info(1, 'application/dtmf-relay', 'Signal=9\r\nDuration=200\r\n'),
      await info(2, 'application/dtmf', '#'),
      await info(3, 'text/plain', 'hello'),
    ];
    await bench.settled();

    expect(answers.map(({ kind }) => kind)).toEqual(['200', '200', '415']);
    expect(heard.events.filter(({ kind }) => kind === 'sip-digit')).toEqual([
      { kind: 'sip-digit', digit: '9', durationMs: 200 },
      { kind: 'sip-digit', digit: '#', durationMs: 160 },
    ]);
  });

  it('of a package that we never said we take are 469', async () => {
    const { invite } = await open();

    bench.byCallee('INFO', invite, { cseq: 1, headers: ['Info-Package: other'] });

    expect((await bench.far.next('469')).kind).toBe('469');
  });
});

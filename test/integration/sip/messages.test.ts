import { header, headersOf } from '../../support/scripted-registrar.ts';
import { SessionBench } from '../../support/session-bench.ts';

describe.each(['tcp', 'udp'] as const)('SES-5: messages over %s (RFC 3428)', (transport) => {
  let bench: SessionBench;

  beforeEach(async () => {
    bench = await SessionBench.open({ transport });
  });
  afterEach(() => bench.close());

  const from = 'From: "Bob" <sip:bob@ims.test>;tag=bob1';
  function writeUs(body: string, type = 'text/plain', more: readonly string[] = []): void {
    bench.outOfDialog('MESSAGE', {
      headers: [
        ...[from, 'To: <sip:alice@ims.test>', 'Call-ID: m1', 'CSeq: 3 MESSAGE'],
        ...[
          'P-Called-Party-ID: <sip:alice@ims.test>',
          'P-Asserted-Identity: "Bob" <tel:+15550199>',
          ...more,
        ],
      ],
      body,
      contentType: type,
    });
  }
  const answer = () => bench.far.next((it) => /^SIP\/2.0/.test(it.startLine));

  it('leaves with our identity, without Contact, and its answer comes back', async () => {
    const fate = bench.write('Grüße, 你好');
    const message = await bench.far.next('MESSAGE');
    bench.far.reply(message, 202);

    expect(await fate).toEqual({ kind: 'message-answered', status: 202 });
    expect(message.startLine).toBe('MESSAGE sip:bob@ims.test SIP/2.0');
    expect(message.body).toBe('Grüße, 你好');
    expect(header(message, 'Content-Type')).toBe('text/plain;charset=UTF-8');
    expect(header(message, 'P-Preferred-Identity')).toBe('<sip:alice@ims.test>');
    expect(headersOf(message, 'Contact')).toEqual([]);
    expect(headersOf(message, 'Route')[0]).toContain(bench.far.address);
  });

  it('answers the challenge of its network', async () => {
    const fate = bench.write('hello');
    const first = await bench.far.next('MESSAGE');
    const challenge = 'Proxy-Authenticate: Digest realm="ims.test", nonce="n1", algorithm=MD5';
    bench.far.reply(first, 407, { headers: [challenge] });
    const second = await bench.far.next('MESSAGE');
    bench.far.reply(second, 200);

    expect(await fate).toEqual({ kind: 'message-answered', status: 200 });
    expect(header(second, 'Proxy-Authorization')).toContain('username="alice@ims.test"');
    expect(header(second, 'CSeq')).toBe('2 MESSAGE');
    expect(header(second, 'Call-ID')).toBe(header(first, 'Call-ID'));
  });

  it('that would not fit into 1300 bytes never leaves', async () => {
    expect(await bench.write('x'.repeat(1_000))).toEqual({ kind: 'message-too-large' });

    await bench.settled();
    expect(bench.far.received.filter(({ startLine }) => startLine.startsWith('MESSAGE'))).toEqual(
      [],
    );
  });

  it('of others comes with who wrote it, and is answered as we say', async () => {
    writeUs('Grüße', 'text/plain; charset="utf-8"');
    const { message } = await bench.heard.heard('message');
    message.answer(200);

    expect((await answer()).startLine).toBe('SIP/2.0 200 OK');
    expect(message).toMatchObject({
      ...{ calledImpu: 'sip:alice@ims.test', text: 'Grüße', key: 'bob1 m1 3' },
      from: { uri: 'tel:+15550199', displayName: 'Bob' },
    });
  });

  it('is refused where it is no text, too long or in no charset of ours', async () => {
    writeUs('<x/>', 'application/xml');
    const xml = await answer();
    writeUs('x', 'text/plain;charset=utf-16', ['Subject: other']);
    const utf16 = await answer();
    writeUs('x'.repeat(8_193), 'text/plain', ['Subject: long']);
    const long = transport === 'tcp' ? await answer() : undefined;

    expect([xml, utf16].map(({ startLine }) => startLine.slice(0, 11))).toEqual([
      'SIP/2.0 415',
      'SIP/2.0 415',
    ]);
    expect(header(xml, 'Accept')).toBe('text/plain');
    if (long) expect(long.startLine).toMatch(/^SIP\/2.0 413/);
    expect(bench.heard.kinds).not.toContain('message');
  });

  it('comes within a call, too', async () => {
    const { invite } = await bench.answered();
    bench.byCallee('MESSAGE', invite, {
      ...{ cseq: 5, body: 'psst' },
      contentType: 'text/plain',
    });
    const { message } = await bench.heard.heard('message');
    message.answer(200);

    expect((await answer()).startLine).toBe('SIP/2.0 200 OK');
    expect(message).toMatchObject({ calledImpu: 'sip:alice@ims.test', text: 'psst' });
  });
});

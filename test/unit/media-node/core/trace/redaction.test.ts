import { wireText, withoutSipSecrets } from '../../../../../media-node/src/core/trace/redaction.ts';

const SECRET = 'hush';
const sip = (...lines: readonly string[]): string =>
  ['INVITE sip:b@x SIP/2.0', ...lines].join('\r\n');

describe('SEC-2: what a trace shows of a SIP message', () => {
  it.each([
    `Authorization: Digest username="a", response="${SECRET}"`,
    `authorization : Digest response="${SECRET}"`,
    `Proxy-Authorization: Digest username="a",\r\n response="${SECRET}"`,
    `Proxy-Authorization:\r\n\tDigest response="${SECRET}"`,
    `WWW-Authenticate: Digest nonce="${SECRET}"`,
    `Authentication-Info: nextnonce="${SECRET}"`,
    `Identity: ${SECRET}`,
    `y: ${SECRET}`,
    `From: <sip:alice:${SECRET}@ims.example>;tag=1`,
  ])('has no secret of %j', (line) => {
    const shown = withoutSipSecrets(sip('Via: SIP/2.0/TCP h', line, 'CSeq: 1 INVITE', '', ''));

    expect(shown).not.toContain(SECRET);
    expect(shown).toMatch(/^Via: SIP\/2\.0\/TCP h\r$/m);
    expect(shown).toMatch(/^CSeq: 1 INVITE\r$/m);
  });

  it('has no key of its SDP', () => {
    const sdp = [
      ...['v=0', 'm=audio 4000 RTP/SAVP 8', `k=clear:${SECRET}`],
      `a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:${SECRET}`,
      ...[`a=ice-ufrag:${SECRET}`, `a=ice-pwd:${SECRET}`, `a=fingerprint:sha-256 ${SECRET}`],
      `a=candidate:1 1 udp 1 192.0.2.1 4000 typ host ufrag ${SECRET}`,
      'a=rtpmap:8 PCMA/8000',
    ];

    const shown = withoutSipSecrets(sip('CSeq: 1 INVITE', '', ...sdp, ''));

    expect(shown).not.toContain(SECRET);
    expect(shown).toContain('a=rtpmap:8 PCMA/8000');
    expect(shown).toContain('m=audio 4000 RTP/SAVP 8');
  });

  it('leaves addresses with ports and no password as they are', () => {
    const text = sip('Route: <sip:192.0.2.1:5060;lr>, <sip:orig@s.example:5060;lr>', '', '');

    expect(withoutSipSecrets(text)).toBe(text);
  });
});

describe('SEC-2: what a trace shows of a message of the wire', () => {
  it('is its fields without secrets, and its SDP as lines', () => {
    const shown = wireText({
      ...{ action: 'call.start', token: SECRET, resumeKey: SECRET },
      candidates: [{ candidate: `candidate:1 1 udp 1 192.0.2.1 9 typ host ufrag ${SECRET} x` }],
      sdp: `v=0\r\na=ice-pwd:${SECRET}\r\nm=audio 9 X 8\r\n`,
    });

    expect(shown).not.toContain(SECRET);
    expect(shown).toContain('"action": "call.start"');
    expect(shown).toMatch(/\n\nv=0\r\na=ice-pwd:\*\*\*\r\nm=audio 9 X 8/);
  });
});

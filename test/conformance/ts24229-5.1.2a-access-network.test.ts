import { withAccessNetwork } from '../../media-node/src/core/sip/access-network.ts';

const message = (start: string, cseq: string, { tag = ';tag=b', more = '' } = {}): string =>
  `${start}\r\nVia: SIP/2.0/TCP 127.0.0.1;branch=z9hG4bK1\r\nTo: <sip:bob@ims.test>${tag}\r\n` +
  `From: <sip:alice@ims.test>;tag=a\r\nCSeq: ${cseq}\r\n${more}Content-Length: 4\r\n\r\nbody`;
const LINE = '\r\nP-Access-Network-Info: IEEE-802.3\r\n';

describe('SES-6: 3GPP TS 24.229 §5.1.2A – over what we are connected', () => {
  it.each([
    ['BYE sip:b SIP/2.0', '2 BYE'],
    ['INVITE sip:b SIP/2.0', '2 INVITE'],
    ['UPDATE sip:b SIP/2.0', '3 UPDATE'],
    ['SIP/2.0 180 Ringing', '1 INVITE'],
    ['SIP/2.0 200 OK', '1 INVITE'],
    ['SIP/2.0 481 Gone', '7 BYE'],
  ])('is told by %s (%s), once, behind its headers', (start, cseq) => {
    const told = withAccessNetwork(message(start, cseq), undefined);

    expect(told.split(LINE)).toHaveLength(2);
    expect(told.endsWith(`Content-Length: 4${LINE}\r\nbody`)).toBe(true);
    expect(withAccessNetwork(told, undefined)).toBe(told);
  });

  it.each([
    ['ACK sip:b SIP/2.0', '1 ACK', {}],
    ['CANCEL sip:b SIP/2.0', '1 CANCEL', { tag: '' }],
    ['SIP/2.0 200 OK', '1 CANCEL', {}],
    ['SIP/2.0 100 Trying', '1 INVITE', { tag: '' }],
    // What begins something has it, or is to have none, already.
    ['INVITE sip:b SIP/2.0', '1 INVITE', { tag: '' }],
    ['REGISTER sip:ims.test SIP/2.0', '1 REGISTER', { tag: '' }],
    ['SUBSCRIBE sip:b SIP/2.0', '2 SUBSCRIBE', { more: 'P-Access-Network-Info: x\r\n' }],
  ])('is not told by %s (%s %j)', (start, cseq, more) => {
    const text = message(start, cseq, more);

    expect(withAccessNetwork(text, undefined)).toBe(text);
  });

  it('is what the tenant says, and nothing where he wants none', () => {
    const text = message('BYE sip:b SIP/2.0', '2 BYE');

    expect(withAccessNetwork(text, 'IEEE-802.11')).toContain('P-Access-Network-Info: IEEE-802.11');
    expect(withAccessNetwork(text, 'none')).toBe(text);
    expect(withAccessNetwork('\r\n\r\n', undefined)).toBe('\r\n\r\n');
    expect(withAccessNetwork('no message', undefined)).toBe('no message');
  });
});

import { isCustomHeaderName } from '@isthmus/shared/domain/custom-header';
import { callingPolicy } from '@isthmus/shared/store/calling-policy';
import fc from 'fast-check';
import {
  customHeaders,
  headerValue,
} from '../../../../../media-node/src/core/sip/custom-headers.ts';
import { parseMessage } from '../../../../../media-node/src/core/sip/message.ts';

describe('SES-6: the headers a tenant may allow', () => {
  it.each(['X-Ticket', 'X-Customer-Ref', 'X-Ticket-Number', 'Subject', 'User-to-User'])(
    '%s may be',
    (name) => {
      expect(isCustomHeaderName(name)).toBe(true);
    },
  );

  it.each([
    ...['P-Asserted-Identity', 'P-Preferred-Identity', 'From', 'Via', 'Route', 'Contact'],
    ...['Authorization', 'Proxy-Authorization', 'Privacy', 'Remote-Party-ID', 'Identity'],
    ...['X-Asserted-Identity', 'X-Caller-ID', 'X-From', 'x-identity', 'History-Info', 'Diversion'],
    ...['f', 'm', 'Content-Length', 'X', 'X-', 'X-A:b', 'X-A\r\nVia', 'X A', ''],
  ])('%j may never be', (name) => {
    expect(isCustomHeaderName(name)).toBe(false);
    expect(callingPolicy.safeParse({ headers: [name] }).success).toBe(false);
  });

  it('one that slipped into the stored list is refused all the same', () => {
    const asked = customHeaders({ 'P-Asserted-Identity': 'x' }, ['P-Asserted-Identity']);

    expect(asked).toMatchObject({ ok: false, error: { code: 'call.header-refused' } });
  });

  it('the same name in other letters is one header, and may not come twice', () => {
    expect(customHeaders({ 'x-ticket': '7' }, ['X-Ticket'])).toEqual({
      ok: true,
      value: ['X-Ticket: 7'],
    });
    expect(customHeaders({ 'X-Ticket': '7', 'x-TICKET': '8' }, ['X-Ticket']).ok).toBe(false);
  });
});

describe('SES-6: the value of such a header', () => {
  it.each([
    ['7', '7'],
    ['a b', 'a b'],
    [' a ', '%20a%20'],
    ['a\r\nP-Asserted-Identity: <sip:ceo@x>', 'a%0D%0AP-Asserted-Identity: %3Csip:ceo@x%3E'],
    ['56a3;encoding=hex', '56a3;encoding=hex'],
    ['a, b', 'a%2C b'],
    ['"100%"', '%22100%25%22'],
    ['grün', 'gr%C3%BCn'],
    ['\ud800', '%EF%BF%BD'],
  ])('%j is written as %s', (value, written) => {
    expect(headerValue(value)).toBe(written);
  });

  it('whatever a client gives stays one value of one header, and can be read back', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 256 }), (value) => {
        const [line = ''] = given(value);
        const message = parseMessage(`${HEAD}\r\n${line}\r\nX-After: yes`, '');

        expect(line).toMatch(/^X-Ticket: [\x20-\x7e]*$/);
        expect(line).not.toMatch(/[,"<>()\\]/);
        expect(message?.headers.map(({ name }) => name.toLowerCase()).slice(-2)).toEqual([
          'x-ticket',
          'x-after',
        ]);
        expect(decodeURIComponent(line.slice('X-Ticket: '.length))).toBe(value.toWellFormed());
      }),
    );
  });
});

const given = (value: string): readonly string[] => {
  const lines = customHeaders({ 'X-Ticket': value }, ['X-Ticket']);
  return lines.ok ? lines.value : [];
};
const HEAD = [
  'INVITE sip:bob@ims.example SIP/2.0',
  'Via: SIP/2.0/TCP 192.0.2.1;branch=z9hG4bK1',
  'From: <sip:alice@ims.example>;tag=1',
  'To: <sip:bob@ims.example>',
  'Call-ID: c1',
  'CSeq: 1 INVITE',
].join('\r\n');

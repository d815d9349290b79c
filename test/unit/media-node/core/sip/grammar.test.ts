import { impu } from '@isthmus/shared/domain/ids';
import {
  aliasesOf,
  calledImpuOf,
  callerOf,
} from '../../../../../media-node/src/core/sip/identity.ts';
import { parseMessage } from '../../../../../media-node/src/core/sip/message.ts';
import { parseNameAddr, splitList } from '../../../../../media-node/src/core/sip/name-addr.ts';
import { sdpOf } from '../../../../../media-node/src/core/sip/sdp-body.ts';
import { parseUri, sameAddress } from '../../../../../media-node/src/core/sip/uri.ts';

describe('a URI', () => {
  it.each([
    ['sip:alice@ims.test', { scheme: 'sip', user: 'alice', host: 'ims.test', port: undefined }],
    ['SIPS:a%20b@[2001:db8::1]:5061;lr', { scheme: 'sips', user: 'a b', host: '[2001:db8::1]' }],
    ['sip:ims.test;transport=tcp', { user: undefined, parameters: { transport: 'tcp' } }],
    ['sip:+1555;phone-context=x@ims.test;user=phone', { user: '+1555;phone-context=x' }],
    ['tel:+1-201-555-0123;phone-context=x', { scheme: 'tel', user: '+1-201-555-0123', host: '' }],
    ['urn:service:sos', { scheme: 'urn', user: 'service:sos' }],
    ['sip:web!.*!@ims.test', { user: 'web!.*!', host: 'ims.test' }],
    ['sip:%zz@ims.test', { user: '%zz' }],
  ])('%s is read', (text, wanted) => {
    expect(parseUri(text)).toMatchObject({ text, ...wanted });
  });

  it.each(['', 'sip:', 'http://x', 'sip:a b@c', 'sip:a@b:99999', 'tel:', '<sip:a@b>'])(
    '«%s» is none',
    (text) => {
      expect(parseUri(text)).toBeUndefined();
    },
  );

  it('names the same subscriber whatever its parameters', () => {
    const [a, b, c] = ['sip:a@IMS.test', 'sip:a@ims.test:5060;user=phone', 'sip:b@ims.test'].map(
      parseUri,
    );
    if (!a || !b || !c) throw new TypeError('all three are URIs');

    expect(sameAddress(a, b)).toBe(true);
    expect(sameAddress(a, c)).toBe(false);
  });
});

describe('a header value', () => {
  it('is split at its own commas only', () => {
    expect(splitList('"a, \\" b" <sip:a,b@c>, <tel:1>;x="y,z",,d')).toEqual([
      '"a, \\" b" <sip:a,b@c>',
      '<tel:1>;x="y,z"',
      'd',
    ]);
  });

  it.each([
    ['"A \\"B\\"" <sip:a@b;lr>;tag=x', 'A "B"', 'sip:a@b;lr', { tag: 'x' }],
    ['Bob Smith <tel:+1>', 'Bob Smith', 'tel:+1', {}],
    ['sip:a@b;tag=1;Flag', '', 'sip:a@b', { tag: '1', flag: null }],
  ])('%s is a name and an address', (text, displayName, uri, parameters) => {
    expect(parseNameAddr(text)).toMatchObject({ displayName, uri: { text: uri }, parameters });
  });
});

const HEAD = [
  'INVITE sip:us@127.0.0.1 SIP/2.0',
  'v: SIP/2.0/UDP a.test:5070;branch=z9hG4bK1, SIP/2.0/TCP b.test;branch=z9hG4bK2',
  'f: <tel:+1555>;tag=1',
  't: sip:us@ims.test',
  'i: c1',
  'CSeq: 4 INVITE',
  'Subject: folded',
  '  twice',
];
const parsed = (lines: readonly string[]): ReturnType<typeof parseMessage> =>
  parseMessage(lines.join('\r\n'), '');
const replaced = (name: string, line: string): readonly string[] =>
  HEAD.map((it) => (it.startsWith(name) ? line : it));

describe('RFC 3261 §7: a message', () => {
  it('is read with compact forms, lists and folding', () => {
    const message = parsed(HEAD);

    expect(message?.start).toMatchObject({ kind: 'request', method: 'INVITE' });
    expect(message?.via).toEqual({ host: 'a.test', port: 5070, branch: 'z9hG4bK1' });
    expect(message?.headers.filter(({ name }) => name === 'via')).toHaveLength(2);
    expect(message?.headers).toContainEqual({ name: 'subject', value: 'folded twice' });
    expect(message?.from.uri.text).toBe('tel:+1555');
  });

  it.each([
    ['another method in CSeq', replaced('CSeq', 'CSeq: 4 BYE')],
    ['a CSeq out of range', replaced('CSeq', 'CSeq: 9999999999 INVITE')],
    ['no Via', replaced('v', 'X: y')],
    ['an empty parameter in a Via', replaced('v', 'Via: SIP/2.0/UDP a, SIP/2.0/UDP b;;x=1')],
    ['headers in the Request-URI', replaced('INVITE', 'INVITE sip:us@x?a=b SIP/2.0')],
    ['no From', replaced('f', 'X: y')],
    ['two Call-IDs', [...HEAD, 'Call-ID: other']],
    ['a line without a colon', [...HEAD, 'nonsense']],
    ['an endless line', [...HEAD, `X: ${'a'.repeat(9000)}`]],
    ['another version', replaced('INVITE', 'INVITE sip:us@127.0.0.1 SIP/7.0')],
    ['nothing', ['']],
  ])('with %s is none', (_what, lines) => {
    expect(parsed(lines)).toBeUndefined();
  });
});

describe('SES-2, SES-6: who calls whom', () => {
  const headers =
    (values: Readonly<Record<string, readonly string[]>>) =>
    (name: string): readonly string[] =>
      values[name] ?? [];

  it.each([
    [
      'the assertion beats From',
      { 'p-asserted-identity': ['"B" <sip:b@x>, <tel:+1>'], from: ['<sip:liar@x>'] },
      { uri: 'sip:b@x', displayName: 'B' },
    ],
    ['From serves where nothing is asserted', { from: ['<sip:b@x>;tag=1'] }, { uri: 'sip:b@x' }],
    [
      'privacy hides both',
      { 'p-asserted-identity': ['<sip:b@x>'], from: ['<sip:b@x>'], privacy: ['critical;id'] },
      { uri: 'sip:anonymous@anonymous.invalid', displayName: 'Anonymous' },
    ],
    ['privacy none hides nothing', { from: ['<sip:b@x>'], privacy: ['none'] }, { uri: 'sip:b@x' }],
  ])('%s', (_what, values, caller) => {
    expect(callerOf(headers(values))).toEqual(caller);
  });

  it('P-Called-Party-ID is who is called, else the Request-URI', () => {
    expect(calledImpuOf(headers({ 'p-called-party-id': ['<tel:+2>'] }), 'sip:token@x')).toBe(
      'tel:+2',
    );
    expect(calledImpuOf(headers({}), 'sip:token@x')).toBe('sip:token@x');
  });

  it.each([
    ['<sip:bob@x;transport=udp>', 'sip:bob@x'],
    ['<sip:+2@x;user=phone?subject=a>', 'sip:+2@x'],
    ['<sip:7;phone-context=a@x;user=phone>', 'sip:7;phone-context=a@x'],
    ['<tel:7;phone-context=x>', 'tel:7;phone-context=x'],
  ])('whoever dialled %s called %s', (header, called) => {
    expect(calledImpuOf(headers({ 'p-called-party-id': [header] }), 'sip:token@x')).toBe(called);
  });
});

describe('a body', () => {
  const MULTIPART = [
    '--b1\r\nContent-Type: text/plain\r\n\r\nhello',
    '--b1\r\nContent-Type: application/sdp\r\n\r\nv=0',
    '--b1--\r\n',
  ].join('\r\n');

  it.each([
    ['application/sdp', 'v=0', 'v=0'],
    ['Application/SDP; charset=utf-8', 'v=0', 'v=0'],
    ['multipart/mixed; boundary="b1"', MULTIPART, 'v=0'],
    ['multipart/mixed;boundary=other', MULTIPART, undefined],
    ['multipart/mixed', MULTIPART, undefined],
    ['text/plain', 'v=0', undefined],
    [undefined, 'v=0', undefined],
    ['application/sdp', '', undefined],
  ])('of type %s', (type, body, sdp) => {
    expect(sdpOf(type, body)).toBe(sdp);
  });
});

describe('RFC 3261 §19.1.6 – one number in two forms', () => {
  it.each([
    ['tel:+15550100', ['tel:+15550100', 'sip:+15550100@ims.example']],
    ['sip:+15550100@ims.example', ['sip:+15550100@ims.example', 'tel:+15550100']],
    ['sip:alice@ims.example', ['sip:alice@ims.example']],
    ['sip:5550100@ims.example', ['sip:5550100@ims.example']],
  ])('%s is looked for as %j', (called, aliases) => {
    expect(aliasesOf(impu(called), 'ims.example')).toEqual(aliases);
  });
});

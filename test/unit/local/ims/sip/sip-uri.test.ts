import { parseUri } from '../../../../../local/src/ims/sip/sip-uri.ts';

describe('a URI of SIP or telephony', () => {
  it.each([
    ['sip:alice@A.example:5070;transport=tcp', { user: 'alice', host: 'a.example', port: 5070 }],
    ['sip:a.example', { host: 'a.example' }],
    ['sips:%61lice:pw@a.example?Subject=x', { scheme: 'sips', user: 'alice' }],
    ['sip:+49301;phone-context=x@a.example;user=phone', { user: '+49301;phone-context=x' }],
    ['tel:+49-30-1(11)', { scheme: 'tel', number: '+4930111' }],
  ])('%s is understood', (text, expected) => {
    expect(parseUri(text)).toMatchObject(expected);
  });

  it.each(['', 'alice', 'sip:', 'http://a.example', 'tel:echo;', 'sip:a b@c', 'tel:'])(
    '%j is none',
    (text) => {
      expect(parseUri(text)).toBeUndefined();
    },
  );
});

import { isOfDomain } from '../../media-node/src/core/sip/domain-certificate.ts';

const of = (subjectAltName: string, commonName = ''): boolean =>
  isOfDomain({ subjectAltName, commonName }, 'ims.test');

describe('SES-7: RFC 5922 §7.1 – whose a certificate is', () => {
  it.each([
    ['a SIP URI of the domain', 'URI:sip:ims.test'],
    ['one of several, in any case', 'DNS:x.test, URI:sip:other.test, URI:SIP:IMS.Test'],
    ['a host name, where there is no SIP URI', 'DNS:ims.test'],
    ['a host name, where the URI is none of SIP', 'URI:https://ims.test, DNS:ims.test'],
  ])('%s', (_what, names) => {
    expect(of(names)).toBe(true);
  });

  it('a common name counts only where there is no other name', () => {
    expect(of('', 'ims.test')).toBe(true);
    expect(of('DNS:x.test', 'ims.test')).toBe(false);
    expect(of('IP Address:127.0.0.1', 'ims.test')).toBe(false);
  });

  it.each([
    ['a host name does not count beside a SIP URI', 'URI:sip:other.test, DNS:ims.test'],
    ['a SIP URI with a user is no domain', 'URI:sip:alice@ims.test'],
    [
      'a SIP URI with a port or parameter is no domain',
      'URI:sip:ims.test:5061, URI:sip:ims.test;lr',
    ],
    ['sips is not sip', 'URI:sips:ims.test'],
    ['a subdomain is another', 'DNS:p.ims.test'],
    ['a name that only contains it is another', 'DNS:xims.test, DNS:ims.test.evil'],
    ['a name that was made to look like two is one', 'DNS:"x, DNS:ims.test"'],
  ])('%s', (_what, names) => {
    expect(of(names)).toBe(false);
  });
});

describe('SES-7: RFC 5922 §7.2 – comparing', () => {
  it('no wildcard counts', () => {
    expect(of('DNS:*.test')).toBe(false);
    expect(of('DNS:*')).toBe(false);
  });
});

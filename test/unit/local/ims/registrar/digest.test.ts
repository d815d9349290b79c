import { digestResponse, parseDigest } from '../../../../../local/src/ims/registrar/digest.ts';

const header = (algorithm: string, uri: string): string =>
  `Digest username="Mufasa", realm="http-auth@example.org", uri="${uri}", algorithm=${algorithm}, ` +
  'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", nc=00000001, ' +
  'cnonce="f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", qop=auth, response="x"';

describe('the digest', () => {
  it.each([
    ['MD5', '8ca523f5e9506fed4657c9700eebdbec'],
    ['SHA-256', '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1'],
  ] as const)('of %s is that of the example in RFC 7616 §3.9.1', (algorithm, expected) => {
    const params = parseDigest(header(algorithm, '/dir/index.html')) ?? new Map<string, string>();
    const secret = {
      algorithm,
      username: 'Mufasa',
      realm: 'http-auth@example.org',
      password: 'Circle of Life',
    };

    expect(digestResponse(secret, 'GET', params)).toBe(expected);
  });

  it.each([undefined, '', 'Basic abc'])('is not read out of %j', (text) => {
    expect(parseDigest(text)).toBeUndefined();
  });
});

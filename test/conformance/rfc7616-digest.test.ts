import { createHash } from 'node:crypto';
import { hash } from '../../media-node/src/adapters/sipjs/digest-crypto.ts';
import {
  type Challenge,
  chooseChallenge,
  PASSWORD_ALGORITHMS,
} from '../../media-node/src/core/sip/challenge.ts';
import { answerChallenge, emptyAuthorization } from '../../media-node/src/core/sip/digest.ts';

const RFC7616_NONCE = '7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v';
const RFC7616_CNONCE = 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ';
const MUFASA: Omit<Challenge, 'algorithm'> = {
  realm: 'http-auth@example.org',
  nonce: RFC7616_NONCE,
  qop: 'auth',
  opaque: 'FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS',
  isStale: false,
};

const responseIn = (value: string): string => /response="([0-9a-f]+)"/.exec(value)?.[1] ?? '';

describe('RFC 7616 §3.9.1 – both algorithms of the example', () => {
  it.each([
    ['MD5', '8ca523f5e9506fed4657c9700eebdbec'],
    ['SHA-256', '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1'],
  ] as const)('%s gives the response printed there', (algorithm, response) => {
    const value = answerChallenge(
      {
        challenge: { ...MUFASA, algorithm, writtenAlgorithm: algorithm },
        username: 'Mufasa',
        proof: { kind: 'password', password: 'Circle of Life' },
        request: { method: 'GET', uri: '/dir/index.html', body: '' },
        nonceCount: 1,
        clientNonce: RFC7616_CNONCE,
      },
      hash,
    );

    expect(responseIn(value)).toBe(response);
    expect(value).toContain(`algorithm=${algorithm}, qop=auth, nc=00000001`);
    expect(value).toContain('opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"');
  });
});

describe('RFC 2617 §3.5 – the older example', () => {
  it('gives the response printed there', () => {
    const value = answerChallenge(
      {
        challenge: {
          realm: 'testrealm@host.com',
          nonce: 'dcd98b7102dd2f0e8b11d0f600bfb0c093',
          algorithm: 'MD5',
          qop: 'auth',
          isStale: false,
        },
        username: 'Mufasa',
        proof: { kind: 'password', password: 'Circle Of Life' },
        request: { method: 'GET', uri: '/dir/index.html', body: '' },
        nonceCount: 1,
        clientNonce: '0a4f113b',
      },
      hash,
    );

    expect(responseIn(value)).toBe('6629fae49393a05397450978507c4ef1');
    expect(value).not.toContain('algorithm');
  });
});

/** The formula of RFC 7616 §3.4.1 to §3.4.3 once more, written apart from the code under test. */
function expectedResponse(algorithm: string, qop: string, body: string): string {
  const name = algorithm.startsWith('SHA') ? 'sha256' : 'md5';
  const h = (text: string): string => createHash(name).update(text).digest('hex');
  const secret = h('Mufasa:http-auth@example.org:Circle of Life');
  const a1 = algorithm.endsWith('-sess')
    ? h(`${secret}:${RFC7616_NONCE}:${RFC7616_CNONCE}`)
    : secret;
  const a2 = h(qop === 'auth-int' ? `INVITE:sip:a@b:${h(body)}` : 'INVITE:sip:a@b');
  return h(`${a1}:${RFC7616_NONCE}:0000000a:${RFC7616_CNONCE}:${qop}:${a2}`);
}

describe('REG-6: RFC 7616 §3.4 – every algorithm with every qop, over the body that is sent', () => {
  const BODY = 'v=0\r\ns=é\r\n';

  it.each(
    PASSWORD_ALGORITHMS.flatMap((algorithm) =>
      (['auth', 'auth-int'] as const).map((qop) => ({ algorithm, qop })),
    ),
  )('$algorithm, $qop', ({ algorithm, qop }) => {
    const value = answerChallenge(
      {
        challenge: { ...MUFASA, algorithm, qop },
        username: 'Mufasa',
        proof: { kind: 'password', password: 'Circle of Life' },
        request: { method: 'INVITE', uri: 'sip:a@b', body: BODY },
        nonceCount: 10,
        clientNonce: RFC7616_CNONCE,
      },
      hash,
    );

    expect(responseIn(value)).toBe(expectedResponse(algorithm, qop, BODY));
    expect(value).toContain(`qop=${qop}, nc=0000000a, cnonce="${RFC7616_CNONCE}"`);
  });
});

describe('RFC 7616 §3.3 – which challenge is answered', () => {
  it.each([
    ['another realm', ['Digest realm="b", nonce="n"']],
    ['another scheme', ['Basic realm="a"']],
    ['an unknown algorithm', ['Digest realm="a", nonce="n", algorithm=AKAv1-MD5']],
    ['a qop we do not know', ['Digest realm="a", nonce="n", qop="auth-conf"']],
    ['no nonce', ['Digest realm="a"']],
    ['nonsense', ['', '===', 'Digest', 'Digest ,,,"']],
  ])('none, given %s', (_what, values) => {
    expect(
      chooseChallenge(values, { realm: 'a', algorithms: PASSWORD_ALGORITHMS }),
    ).toBeUndefined();
  });

  it('RFC 8760 §2.4: the strongest, whatever comes first and however it is listed', () => {
    const values = [
      'Digest realm="a", nonce="1", algorithm=MD5, Basic realm="a", Digest realm="a", nonce="2, \\" x", algorithm=sha-256, qop="auth-int, auth"',
    ];

    expect(chooseChallenge(values, { realm: 'a', algorithms: PASSWORD_ALGORITHMS })).toMatchObject({
      algorithm: 'SHA-256',
      nonce: '2, \\" x',
      qop: 'auth',
    });
  });
});

describe('3GPP TS 24.229 §5.1.1.2.2 – before any challenge', () => {
  it('nonce and response are empty', () => {
    expect(emptyAuthorization('a"b@ims.test', 'ims.test', 'sip:ims.test')).toBe(
      'Digest username="a\\"b@ims.test", realm="ims.test", nonce="", uri="sip:ims.test", response=""',
    );
  });
});

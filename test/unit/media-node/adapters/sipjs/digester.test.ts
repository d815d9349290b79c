import { Secret } from '@isthmus/shared/domain/secret';
import { Digester } from '../../../../../media-node/src/adapters/sipjs/digester.ts';

const REQUEST = { method: 'REGISTER', uri: 'sip:ims.test', body: '' };
const MD5 = 'Digest realm="ims.test", nonce="weak", algorithm=MD5, qop="auth"';
const SHA256 = 'Digest realm="ims.test", nonce="strong", algorithm=SHA-256, qop="auth"';

const createDigester = (): Digester =>
  new Digester(
    { random: () => 'cnonce', uuid: () => '' },
    { username: 'alice@ims.test', password: new Secret('pw'), realm: 'ims.test' },
  );

describe('REG-6: one that answers challenges', () => {
  it.each([
    ['two headers', [MD5, SHA256]],
    ['two headers, the strong one first', [SHA256, MD5]],
    ['one header', [`${MD5}, ${SHA256}`]],
  ])('RFC 8760 §2.4: takes SHA-256 where both are offered, in %s', (_what, values) => {
    const digester = createDigester();

    expect(digester.challenged(values)).toBe('new');

    expect(digester.answer(REQUEST)).toMatch(/nonce="strong".*algorithm=SHA-256/);
  });

  it('RFC 7616 §3.4: counts how often a nonce was used, and from one with a new one', () => {
    const digester = createDigester();
    digester.challenged([MD5]);
    expect(digester.answer(REQUEST)).toContain('nc=00000001');
    expect(digester.answer(REQUEST)).toContain('nc=00000002');
    digester.challenged([MD5]);
    expect(digester.answer(REQUEST)).toContain('nc=00000003');

    digester.challenged([MD5.replace('weak', 'newer')]);

    expect(digester.answer(REQUEST)).toMatch(/nonce="newer".*nc=00000001/);
  });

  it.each(['nextnonce="next", rspauth="x"', 'qop=auth, nextnonce=next'])(
    'RFC 7616 §3.5: goes on with the nonce of %s',
    (authenticationInfo) => {
      const digester = createDigester();
      digester.challenged([SHA256]);
      digester.answer(REQUEST);

      digester.accepted(authenticationInfo);

      expect(digester.answer(REQUEST)).toMatch(/nonce="next".*algorithm=SHA-256.*nc=00000001/);
    },
  );

  it.each([undefined, '', 'rspauth="x"'])('keeps its nonce where %j names none', (info) => {
    const digester = createDigester();
    digester.challenged([MD5]);
    digester.answer(REQUEST);

    digester.accepted(info);

    expect(digester.answer(REQUEST)).toMatch(/nonce="weak".*nc=00000002/);
  });

  it('says nothing before it is asked, nor to a stranger', () => {
    const digester = createDigester();
    digester.accepted('nextnonce="n"');

    expect(digester.challenged([MD5.replace('ims.test', 'evil.test')])).toBe('foreign');
    expect(digester.answer(REQUEST)).toBeUndefined();
  });
});

import { createHash } from 'node:crypto';
import { Secret } from '@isthmus/shared/domain/secret';
import { digestSecretOf } from '../../../../../media-node/src/adapters/sipjs/digest-secret.ts';
import { Digester } from '../../../../../media-node/src/adapters/sipjs/digester.ts';

const REQUEST = { method: 'REGISTER', uri: 'sip:ims.test', body: '' };
const MD5 = 'Digest realm="ims.test", nonce="weak", algorithm=MD5, qop="auth"';
const SHA256 = 'Digest realm="ims.test", nonce="strong", algorithm=SHA-256, qop="auth"';

const createDigester = (refuseMd5 = false): Digester =>
  new Digester(
    { random: () => 'cnonce', uuid: () => '' },
    {
      ...{ username: 'alice@ims.test', realm: 'ims.test' },
      secret: digestSecretOf({ kind: 'password', password: new Secret('pw') }, refuseMd5),
    },
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

  it.each(['nextnonce="next"', 'qop=auth, nextnonce=next'])(
    'RFC 7616 §3.5: goes on with the nonce of %s',
    (authenticationInfo) => {
      const digester = createDigester();
      digester.challenged([SHA256]);
      digester.answer(REQUEST);

      expect(digester.accepted(authenticationInfo, '')).toBe(true);

      expect(digester.answer(REQUEST)).toMatch(/nonce="next".*algorithm=SHA-256.*nc=00000001/);
    },
  );

  it.each([undefined, '', 'qop=auth'])('keeps its nonce where %j names none', (info) => {
    const digester = createDigester();
    digester.challenged([MD5]);
    digester.answer(REQUEST);

    digester.accepted(info, '');

    expect(digester.answer(REQUEST)).toMatch(/nonce="weak".*nc=00000002/);
  });

  it('says nothing before it is asked, nor to a stranger', () => {
    const digester = createDigester();
    digester.accepted('nextnonce="n"', '');

    expect(digester.challenged([MD5.replace('ims.test', 'evil.test')])).toBe('foreign');
    expect(digester.answer(REQUEST)).toBeUndefined();
  });

  it('says nothing weaker than SHA-256 where the tenant refuses MD5', () => {
    const digester = createDigester(true);

    expect(digester.challenged([MD5])).toBe('foreign');
    expect(digester.challenged([MD5.replace('MD5', 'MD5-sess')])).toBe('foreign');
    expect(digester.challenged([MD5.replace(', algorithm=MD5', '')])).toBe('foreign');
    expect(digester.answer(REQUEST)).toBeUndefined();
    expect(digester.challenged([MD5, SHA256])).toBe('new');
  });

  it('RFC 7616 §3.3: knows a stale nonce from a wrong password', () => {
    const digester = createDigester();
    digester.challenged([MD5]);

    expect(digester.challenged([`${MD5.replace('weak', 'newer')}, stale=TRUE`])).toBe('stale');
    expect(digester.challenged([MD5.replace('weak', 'newest')])).toBe('new');
  });
});

describe('REG-6: RFC 7616 §3.5 – a server that proves itself by rspauth', () => {
  const proof = (uri: string, password = 'pw'): string => {
    const sha = (text: string): string => createHash('sha256').update(text).digest('hex');
    const a1 = sha(`alice@ims.test:ims.test:${password}`);
    return sha(`${a1}:strong:00000001:cnonce:auth:${sha(`:${uri}`)}`);
  };
  const asked = (): Digester => {
    const digester = createDigester();
    digester.challenged([SHA256]);
    digester.answer(REQUEST);
    return digester;
  };

  it('is believed where it knows the password', () => {
    const digester = asked();

    expect(digester.accepted(`rspauth="${proof('sip:ims.test')}", nextnonce="next"`, '')).toBe(
      true,
    );
    expect(digester.answer(REQUEST)).toContain('nonce="next"');
  });

  it.each([
    ['another password', proof('sip:ims.test', 'other')],
    ['another request', proof('sip:evil.test')],
    ['nothing to say', 'x'],
  ])('is not believed with %s, nor its nonce taken', (_what, responseAuth) => {
    const digester = asked();

    expect(digester.accepted(`rspauth="${responseAuth}", nextnonce="next"`, '')).toBe(false);
    expect(digester.answer(REQUEST)).toContain('nonce="strong"');
  });
});

import { createAuthenticator } from '../../../../../local/src/ims/registrar/authenticator.ts';
import { digestResponse, parseDigest } from '../../../../../local/src/ims/registrar/digest.ts';
import { FakeClock } from '../../../../support/fake-clock.ts';

const subscriber = {
  domain: 'demo.example',
  impi: 'a@demo.example',
  password: 'pw',
  impus: ['sip:a@demo.example'],
};
const URI = 'sip:demo.example';

function anAnswer(nonce: string, changes: Readonly<Record<string, string>> = {}) {
  const fields = { realm: 'demo.example', uri: URI, qop: 'auth', nc: '00000001', cnonce: 'c' };
  const params = new Map(
    Object.entries({ username: subscriber.impi, nonce, ...fields, ...changes }),
  );
  const secret = {
    algorithm: 'MD5' as const,
    username: subscriber.impi,
    realm: subscriber.domain,
    password: changes['password'] ?? subscriber.password,
  };
  return params.set('response', digestResponse(secret, 'REGISTER', params));
}

describe('the authenticator', () => {
  const clock = new FakeClock();
  const authenticator = createAuthenticator(clock, { algorithm: 'MD5' });
  const challenge = (): string => {
    const verdict = authenticator.check(subscriber, URI, undefined);
    const header = verdict.kind === 'challenge' ? verdict.header : '';
    return parseDigest(header)?.get('nonce') ?? '';
  };

  it('accepts the right answer once', () => {
    const answer = anAnswer(challenge());

    expect(authenticator.check(subscriber, URI, answer).kind).toBe('authentic');
    expect(authenticator.check(subscriber, URI, answer)).toMatchObject({
      kind: 'challenge',
      header: expect.stringContaining('stale=true') as string,
    });
  });

  it.each([
    ['another realm', { realm: 'far.example' }],
    ['another uri', { uri: 'sip:far.example' }],
    ['no qop', { qop: '' }],
    ['auth-int', { qop: 'auth-int' }],
    ['no cnonce', { cnonce: '' }],
  ])('forbids %s', (_, changes) => {
    const answer = anAnswer(challenge(), changes);

    expect(authenticator.check(subscriber, URI, answer).kind).toBe('forbidden');
  });

  it.each([
    ['a count ahead', '00000002'],
    ['a count of zero', '00000000'],
    ['a count too short', '1'],
  ])('calls %s stale', (_, nc) => {
    const answer = anAnswer(challenge(), { nc });

    expect(authenticator.check(subscriber, URI, answer).kind).toBe('challenge');
  });

  it('does not know a nonce it never gave, gave to another, or gave long ago', () => {
    const old = challenge();
    clock.advance(600_001);
    challenge();
    const other = { ...subscriber, impi: 'b@demo.example' };
    const verdict = authenticator.check(other, URI, undefined);
    const foreign = verdict.kind === 'challenge' ? parseDigest(verdict.header)?.get('nonce') : '';

    for (const nonce of [old, 'made-up', foreign ?? '']) {
      expect(authenticator.check(subscriber, URI, anAnswer(nonce)).kind).toBe('challenge');
    }
  });
});

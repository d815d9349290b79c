import { createHmac } from 'node:crypto';
import { Secret } from '@isthmus/shared/domain/secret';
import type { IwfError } from '@isthmus/shared/errors/iwf-error';
import type { OidcIssuer } from '@isthmus/shared/store/items';
import { MAX_ID_TOKEN_CHARS } from '@isthmus/shared/wire/limits';
import { exportSPKI } from 'jose';
import { createJsonWebKeys } from '../../functions/src/adapters/json-web-keys.ts';
import { createJwksIdTokenVerifier } from '../../functions/src/adapters/jwks-id-token-verifier.ts';
import { systemClock } from '../../functions/src/adapters/system-clock.ts';
import type { IdTokenVerifier } from '../../functions/src/ports/id-token-verifier.ts';
import { MemoryClock } from '../support/memory-clock.ts';
import {
  AUDIENCE,
  aKey,
  type Claims,
  type Misbehaviour,
  OidcIssuerServer,
  type SigningKey,
} from '../support/oidc-issuer.ts';

const HOUR_MS = 3_600_000;

let clock: MemoryClock;
let issuer: OidcIssuerServer;
let key: SigningKey;

/** `coolDownMs: 0` where the issuer is to be asked whenever there is a reason. */
const aVerifier = (options: { coolDownMs?: number; timeoutMs?: number } = {}): IdTokenVerifier => {
  const usual = { timeoutMs: 2_000, coolDownMs: 0, maxAgeMs: HOUR_MS };
  // The age of keys is the machine's time; that of tokens is the test's.
  const keysOf = createJsonWebKeys(systemClock, { ...usual, ...options });
  return createJwksIdTokenVerifier({ keysOf, clock });
};

const judge = async (token: string, more: Partial<OidcIssuer> = {}, verifier = aVerifier()) => {
  const outcome = await verifier.verify(new Secret(token), [issuer.settings(more)]);
  return outcome.ok ? 'accepted' : outcome.error;
};

const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

beforeAll(async () => {
  key = await aKey();
});
beforeEach(async () => {
  clock = new MemoryClock();
  issuer = new OidcIssuerServer();
  await issuer.start();
  issuer.keys = [key];
});
afterEach(() => issuer.stop());

describe('REG-4: an ID token', () => {
  const nowS = () => Math.floor(clock.nowMs() / 1000);

  it('that is in order tells who its subject is, and until when', async () => {
    const token = await issuer.sign(clock.nowMs(), { sub: 's1', jti: 'j1', name: 'Anna' });

    const settings = issuer.settings({ clockToleranceS: 10, userNameClaim: 'name' });
    expect(await aVerifier().verify(new Secret(token), [settings])).toEqual({
      ok: true,
      value: {
        issuer: issuer.name,
        subject: 's1',
        jti: 'j1',
        claimedUserName: 'Anna',
        deadFromS: nowS() + 300 + 10 + 1,
      },
    });
  });

  it.each(['RS256', 'ES256'])('signed by %s is taken by default', async (alg) => {
    issuer.keys = [await aKey(alg)];

    expect(await judge(await issuer.sign(clock.nowMs()))).toBe('accepted');
  });

  it('signed by what the tenant has not allowed is refused', async () => {
    issuer.keys = [await aKey('PS256')];
    const token = await issuer.sign(clock.nowMs());

    expect(await judge(token)).toBe('algorithm');
    expect(await judge(token, { algorithms: ['PS256'] })).toBe('accepted');
  });

  it('without a signature is refused', async () => {
    const [, payload = ''] = (await issuer.sign(clock.nowMs())).split('.');

    for (const alg of ['none', 'None', '']) {
      expect(await judge(`${encoded({ alg })}.${payload}.`)).toMatch(/^(algorithm|malformed)$/);
    }
    expect(issuer.fetched).toBe(0);
  });

  it('signed with the public key as a shared secret is refused', async () => {
    const [, payload = ''] = (await issuer.sign(clock.nowMs())).split('.');
    const head = `${encoded({ alg: 'HS256', kid: key.kid })}.${payload}`;
    const secret = await exportSPKI(key.publicKey);
    const signature = createHmac('sha256', secret).update(head).digest('base64url');

    expect(await judge(`${head}.${signature}`)).toBe('algorithm');
  });

  it('that brings its own key is refused', async () => {
    const own = await aKey();
    const header = { jwk: { kty: 'EC' }, jku: 'http://127.0.0.1/', kid: own.kid };

    expect(await judge(await issuer.sign(clock.nowMs(), {}, { key: own, header }))).toBe('key');
  });

  it.each<[string, Claims, string]>([
    ['for somebody else', { aud: 'another-client' }, 'audience'],
    ['for nobody', { aud: undefined }, 'audience'],
    ['for several, not issued to us', { aud: [AUDIENCE, 'x'] }, 'audience'],
    ['for several, issued to another', { aud: [AUDIENCE, 'x'], azp: 'x' }, 'audience'],
    ['of another issuer', { iss: 'https://id.example' }, 'issuer'],
    ['of no issuer', { iss: undefined }, 'issuer'],
    ['of an issuer written otherwise', { iss: 'HTTP://127.0.0.1/' }, 'issuer'],
    ['without a subject', { sub: undefined }, 'subject'],
    ['with an empty subject', { sub: '' }, 'subject'],
    ['with a subject too long', { sub: 's'.repeat(256) }, 'subject'],
    ['with a subject that is no text', { sub: 7 }, 'subject'],
    ['that never expires', { exp: undefined }, 'malformed'],
    ['that was issued at no time', { iat: undefined }, 'malformed'],
    ['with an id that is no text', { jti: { a: 1 } }, 'malformed'],
  ])('%s is refused', async (_what, claims, reason) => {
    expect(await judge(await issuer.sign(clock.nowMs(), claims))).toBe(reason);
  });

  it('for several is taken when it was issued to us', async () => {
    const claims = { aud: ['x', AUDIENCE], azp: AUDIENCE };

    expect(await judge(await issuer.sign(clock.nowMs(), claims))).toBe('accepted');
  });

  it.each<[string, number, number, string]>([
    ['alive', 1, -1, 'accepted'],
    ['expired within the tolerance', -29, -100, 'accepted'],
    ['expired beyond it', -30, -100, 'expired'],
    ['long expired', -9_000, -9_300, 'expired'],
    ['not yet valid, within the tolerance', 300, 30, 'accepted'],
    ['not yet valid', 300, 31, 'not-yet-valid'],
  ])('that is %s is judged by our clock', async (_what, expInS, nbfInS, expected) => {
    const claims = { exp: nowS() + expInS, nbf: nowS() + nbfInS };

    expect(await judge(await issuer.sign(clock.nowMs(), claims))).toBe(expected);
  });

  it('keeps to the tolerance of its tenant', async () => {
    const token = await issuer.sign(clock.nowMs(), { exp: nowS() - 1 });

    expect(await judge(token)).toBe('accepted');
    expect(await judge(token, { clockToleranceS: 0 })).toBe('expired');
  });

  it('is no access token and no log-out token', async () => {
    for (const typ of ['at+jwt', 'application/at+jwt', 'logout+jwt']) {
      const token = await issuer.sign(clock.nowMs(), {}, { header: { typ } });
      expect(await judge(token)).toBe('malformed');
    }
    const token = await issuer.sign(clock.nowMs(), {}, { header: { typ: 'JWT' } });
    expect(await judge(token)).toBe('accepted');
  });

  it('that was changed is refused', async () => {
    const [head = '', payload = '', signature = ''] = (await issuer.sign(clock.nowMs())).split('.');
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as object;
    const changed = encoded({ ...claims, sub: 's2' });

    expect(await judge([head, changed, signature].join('.'))).toBe('signature');
  });

  it.each(['', '.', '..', 'a.b.c', 'e30.e30.e30', '😀', `${'x'.repeat(100)}.e30.`])(
    'that is none, like %j, is refused without asking anybody',
    async (text) => {
      expect(await judge(text)).toMatch(/^(malformed|issuer)$/);
      expect(issuer.fetched).toBe(0);
    },
  );

  it('is refused unread when it is too long', async () => {
    const token = await issuer.sign(clock.nowMs(), { groups: 'x'.repeat(MAX_ID_TOKEN_CHARS) });

    expect(await judge(token)).toBe('malformed');
    expect(issuer.fetched).toBe(0);
  });

  it('is judged by the entry for its audience when an issuer has several', async () => {
    const settings = [issuer.settings({ audience: 'desk' }), issuer.settings()];
    const token = await issuer.sign(clock.nowMs());

    expect(await aVerifier().verify(new Secret(token), settings)).toMatchObject({ ok: true });
  });
});

describe('REG-4: the keys of an issuer', () => {
  const failing = (token: string, verifier: IdTokenVerifier) =>
    verifier.verify(new Secret(token), [issuer.settings()]).catch((thrown: unknown) => thrown);

  it('are fetched once for any number of tokens, also at once', async () => {
    const verifier = aVerifier();
    const token = await issuer.sign(clock.nowMs());

    await Promise.all(Array.from({ length: 20 }, () => judge(token, {}, verifier)));
    await judge(token, {}, verifier);

    expect(issuer.fetched).toBe(1);
  });

  it('are fetched again when the issuer has a new one, and the old is good no more', async () => {
    const verifier = aVerifier();
    const before = await issuer.sign(clock.nowMs());
    expect(await judge(before, {}, verifier)).toBe('accepted');

    issuer.keys = [await aKey()];

    expect(await judge(await issuer.sign(clock.nowMs()), {}, verifier)).toBe('accepted');
    expect(await judge(before, {}, verifier)).toBe('key');
  });

  it('are not fetched for every key id that somebody makes up', async () => {
    const verifier = aVerifier({ coolDownMs: HOUR_MS });
    const stranger = await aKey();
    const madeUp = await Promise.all(
      Array.from({ length: 30 }, (_, at) =>
        issuer.sign(clock.nowMs(), {}, { key: { ...stranger, kid: `k${String(at)}` } }),
      ),
    );

    for (const token of madeUp) expect(await judge(token, {}, verifier)).toBe('key');
    expect(await judge(await issuer.sign(clock.nowMs()), {}, verifier)).toBe('accepted');
    expect(issuer.fetched).toBe(1);
  });

  it.each<Misbehaviour>(['error', 'nonsense', 'huge', 'moved'])(
    'that come as %s leave the question open, and the issuer in peace',
    async (misbehaviour) => {
      const verifier = aVerifier({ coolDownMs: HOUR_MS });
      issuer.misbehaviour = misbehaviour;
      const token = await issuer.sign(clock.nowMs());

      for (let at = 0; at < 5; at += 1) {
        const thrown = (await failing(token, verifier)) as IwfError;
        expect(thrown).toMatchObject({
          code: 'login.unavailable',
          details: { issuer: issuer.name },
        });
      }
      expect(issuer.fetched).toBe(1);
    },
  );

  it('are tried again once the issuer is well', async () => {
    const verifier = aVerifier();
    issuer.misbehaviour = 'error';
    const token = await issuer.sign(clock.nowMs());
    expect(await failing(token, verifier)).toMatchObject({ code: 'login.unavailable' });

    issuer.misbehaviour = 'none';

    expect(await judge(token, {}, verifier)).toBe('accepted');
  });

  it('are not waited for without end', async () => {
    issuer.misbehaviour = 'silent';
    const token = await issuer.sign(clock.nowMs());

    const thrown = await failing(token, aVerifier({ timeoutMs: 50 }));

    expect(thrown).toMatchObject({ code: 'login.unavailable' });
  });

  it('are not to be had when nobody listens', async () => {
    const token = await issuer.sign(clock.nowMs());
    const settings = issuer.settings();
    await issuer.stop();

    const asked = aVerifier().verify(new Secret(token), [settings]);
    await expect(asked).rejects.toMatchObject({
      code: 'login.unavailable',
      cause: expect.stringContaining('ECONNREFUSED') as string,
    });
    await issuer.start();
  });
});

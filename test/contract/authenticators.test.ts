import { randomUUID } from 'node:crypto';
import { tenantId } from '@isthmus/shared/domain/ids';
import { Secret } from '@isthmus/shared/domain/secret';
import { createDirectoryAuthenticator } from '../../functions/src/adapters/directory-authenticator.ts';
import { createJsonWebKeys } from '../../functions/src/adapters/json-web-keys.ts';
import { createJwksIdTokenVerifier } from '../../functions/src/adapters/jwks-id-token-verifier.ts';
import { createOidcAuthenticator } from '../../functions/src/adapters/oidc-authenticator.ts';
import { createScryptPasswordHasher } from '../../functions/src/adapters/scrypt-password-hasher.ts';
import { systemClock } from '../../functions/src/adapters/system-clock.ts';
import type { IdTokenProof, PasswordProof } from '../../functions/src/ports/authenticator.ts';
import { MemoryClock } from '../support/memory-clock.ts';
import { aTenant } from '../support/memory-functions.ts';
import { createMemoryStores } from '../support/memory-stores.ts';
import { aKey, type Claims, OidcIssuerServer } from '../support/oidc-issuer.ts';
import { type AuthenticatorUnderTest, authenticatorContract } from './authenticator.contract.ts';

const vault = { impu: 'sip:anna@acme.example', impi: 'anna@acme.example', sealedPassword: 'kf1.x' };
const KEYS = { timeoutMs: 2_000, coolDownMs: 0, maxAgeMs: 600_000 };

async function aDirectory(passwordHash = 'none') {
  const clock = new MemoryClock();
  const { stores } = createMemoryStores(clock);
  await stores.users.put({ tenantId: 'acme', userName: 'anna', passwordHash, vault });
  return { clock, stores };
}

describe('REG-4: the built-in directory', () => {
  let current: AuthenticatorUnderTest<PasswordProof>;
  beforeAll(async () => {
    const hasher = createScryptPasswordHasher({ logN: 10, r: 8, p: 1 });
    const { stores } = await aDirectory(await hasher.hash(new Secret('right')));
    await stores.tenants.put(aTenant('acme'));
    await stores.tenants.put(aTenant('other'));
    const proof = (userName: string, password: string) => () =>
      Promise.resolve({ userName, password: new Secret(password) });
    current = {
      authenticator: createDirectoryAuthenticator({ users: stores.users, hasher }),
      good: proof('anna', 'right'),
      stranger: proof('nobody', 'right'),
      forged: proof('anna', 'wrong'),
    };
  });

  authenticatorContract(() => current);
});

describe('REG-4: an OpenID Connect issuer', () => {
  const issuer = new OidcIssuerServer();
  const foreign = new OidcIssuerServer();
  let world: Awaited<ReturnType<typeof aDirectory>>;
  let current: AuthenticatorUnderTest<IdTokenProof>;

  const show = async (claims: Claims, from = issuer) => ({
    idToken: new Secret(await from.sign(world.clock.nowMs(), { jti: randomUUID(), ...claims })),
  });
  const authenticate = async (claims: Claims, from = issuer) =>
    current.authenticator.authenticate(tenantId('acme'), await show(claims, from));

  beforeAll(async () => {
    await Promise.all([issuer.start(), foreign.start()]);
    issuer.keys = [await aKey()];
    foreign.keys = [await aKey()];
  });
  afterAll(() => Promise.all([issuer.stop(), foreign.stop()]));
  beforeEach(async () => {
    world = await aDirectory();
    const { clock, stores } = world;
    await stores.tenants.put(aTenant('acme', { oidc: [issuer.settings()] }));
    await stores.tenants.put(aTenant('other', { oidc: [foreign.settings()] }));
    const identity = { tenantId: 'acme', issuer: issuer.name, subject: 's1', userName: 'anna' };
    await stores.identities.bind(identity);
    const keysOf = createJsonWebKeys(systemClock, KEYS);
    const verifier = createJwksIdTokenVerifier({ keysOf, clock });
    current = {
      authenticator: createOidcAuthenticator({ ...stores, verifier }),
      good: () => show({}),
      stranger: () => show({ sub: 's2' }),
      forged: async () => {
        const key = await aKey('ES256', issuer.keys[0]?.kid);
        const token = await issuer.sign(clock.nowMs(), { jti: randomUUID() }, { key });
        return { idToken: new Secret(token) };
      },
    };
  });

  authenticatorContract(() => current);

  it('of another tenant is nobody here', async () => {
    expect(await authenticate({ iss: foreign.name }, foreign)).toEqual({
      ok: false,
      error: 'issuer',
    });
    expect(foreign.fetched).toBe(0);
  });

  it('lets one token in once, and again only where it has no id', async () => {
    const jti = randomUUID();

    expect((await authenticate({ jti })).ok).toBe(true);
    expect(await authenticate({ jti })).toEqual({ ok: false, error: 'replayed' });
    expect((await authenticate({ jti: undefined })).ok).toBe(true);
    expect((await authenticate({ jti: undefined })).ok).toBe(true);
  });

  it('does not use up a token that it refuses', async () => {
    const jti = randomUUID();
    const identity = { tenantId: 'acme', issuer: issuer.name, subject: 's1', userName: 'anna' };
    await world.stores.identities.unbind(identity);
    expect(await authenticate({ jti })).toEqual({ ok: false, error: 'unmapped' });
    await world.stores.identities.bind(identity);

    expect((await authenticate({ jti })).ok).toBe(true);
  });

  describe('whose claim names the user', () => {
    const nameBy = (userNameClaim: string) =>
      world.stores.tenants.put(aTenant('acme', { oidc: [issuer.settings({ userNameClaim })] }));
    const addBert = () =>
      world.stores.users.put({ tenantId: 'acme', userName: 'bert', passwordHash: 'none' });
    const nameOf = async (claims: Claims) => {
      const outcome = await authenticate(claims);
      return outcome.ok ? outcome.value.userName : outcome.error;
    };

    it('binds a new subject to that user once; the claim means nothing later', async () => {
      await nameBy('preferred_username');
      await addBert();

      expect(await nameOf({ sub: 's2', preferred_username: 'bert' })).toBe('bert');
      expect(await nameOf({ sub: 's2', preferred_username: 'anna' })).toBe('bert');
      expect(await nameOf({ sub: 's1', preferred_username: 'bert' })).toBe('anna');
    });

    it('gives a user to no second subject', async () => {
      await nameBy('preferred_username');

      expect(await nameOf({ sub: 's2', preferred_username: 'anna' })).toBe('unmapped');
      expect(await nameOf({ sub: 's1' })).toBe('anna');
    });

    it.each([
      ['nobody', 'nobody'],
      ['no text', { name: 'bert' }],
      ['nothing', undefined],
    ])('refuses a claim that names %s', async (_what, preferred_username) => {
      await nameBy('preferred_username');
      await addBert();

      expect(await nameOf({ sub: 's2', preferred_username })).toBe('unmapped');
    });

    it('takes an address for a name only when the issuer has verified it', async () => {
      await nameBy('email');
      await addBert();
      const claims = { sub: 's2', email: 'bert' };

      expect(await nameOf(claims)).toBe('unmapped');
      expect(await nameOf({ ...claims, email_verified: true })).toBe('bert');
    });

    it('is believed only where the tenant has said so', async () => {
      await addBert();

      expect(await nameOf({ sub: 's2', preferred_username: 'bert' })).toBe('unmapped');
    });
  });
});

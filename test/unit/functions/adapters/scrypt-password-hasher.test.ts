import { Secret } from '@isthmus/shared/domain/secret';
import {
  createScryptPasswordHasher,
  SCRYPT_COST,
} from '../../../../functions/src/adapters/scrypt-password-hasher.ts';

const CHEAP = { logN: 10, r: 8, p: 1 };

describe('REG-4: a password hash', () => {
  const hasher = createScryptPasswordHasher(CHEAP);
  const password = new Secret('correct horse');

  it('fits its password and no other', async () => {
    const hash = await hasher.hash(password);

    expect(await hasher.verify(password, hash)).toBe(true);
    expect(await hasher.verify(new Secret('correct horsf'), hash)).toBe(false);
    expect(await hasher.verify(new Secret(''), hash)).toBe(false);
  });

  it('has a salt of its own each time', async () => {
    expect(await hasher.hash(password)).not.toBe(await hasher.hash(password));
  });

  it('says how it was made, so that it can be verified after the cost was raised', async () => {
    const hash = await hasher.hash(password);

    expect(hash).toMatch(/^scrypt\$10\$8\$1\$[\w-]{22}\$[\w-]{43}$/);
    expect(await createScryptPasswordHasher({ logN: 11, r: 8, p: 2 }).verify(password, hash)).toBe(
      true,
    );
  });

  it('for nobody fits nothing, and costs what a real one costs', async () => {
    const real = await hasher.hash(password);

    expect(await hasher.verify(password, hasher.dummyHash)).toBe(false);
    expect(hasher.dummyHash.split('$').slice(0, 4)).toEqual(real.split('$').slice(0, 4));
    expect(hasher.dummyHash).toHaveLength(real.length);
  });

  it('fits a password that another keyboard composes otherwise', async () => {
    const hash = await hasher.hash(new Secret('caf\u00e9'));

    expect(await hasher.verify(new Secret('cafe\u0301'), hash)).toBe(true);
  });

  it.each(['', 'plain', 'scrypt$40$8$1$AAAA$AAAA', 'scrypt$10$8$99$AAAA$AAAA'])(
    'such as %j cannot be read and is not tried',
    async (hash) => {
      await expect(hasher.verify(password, hash)).rejects.toMatchObject({ code: 'store.failed' });
    },
  );

  it('costs in production no less than 32 MB', () => {
    const { logN, r } = SCRYPT_COST;
    expect(128 * 2 ** logN * r).toBeGreaterThanOrEqual(32 * 2 ** 20);
  });
});

import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { IwfError } from '@isthmus/shared/errors/iwf-error';
import type { PasswordHasher } from '../ports/password-hasher.ts';

/** RFC 7914: the exponent of N, the block size and the parallelism. */
export interface ScryptCost {
  readonly logN: number;
  readonly r: number;
  readonly p: number;
}

/** 32 MB and three passes a password: some tenths of a second for us, ruinous for a guesser. */
export const SCRYPT_COST: ScryptCost = { logN: 15, r: 8, p: 3 };

const SALT_BYTES = 16;
const KEY_BYTES = 32;
/** Bounds for costs read from the store, so that a wrong item cannot exhaust the memory. */
const MAX_LOG_N = 20;
const MAX_R = 16;
const MAX_P = 16;

interface StoredHash {
  readonly cost: ScryptCost;
  readonly salt: Buffer;
  readonly key: Buffer;
}

const FORM = /^scrypt\$(\d+)\$(\d+)\$(\d+)\$([\w-]+)\$([\w-]+)$/;

export function createScryptPasswordHasher(cost: ScryptCost = SCRYPT_COST): PasswordHasher {
  return {
    dummyHash: format({ cost, salt: randomBytes(SALT_BYTES), key: randomBytes(KEY_BYTES) }),
    async hash(password) {
      const salt = randomBytes(SALT_BYTES);
      return format({ cost, salt, key: await derive(password.reveal(), salt, cost) });
    },
    async verify(password, hash) {
      const stored = parse(hash);
      const key = await derive(password.reveal(), stored.salt, stored.cost);
      return stored.key.length === KEY_BYTES && timingSafeEqual(key, stored.key);
    },
  };
}

const format = ({ cost: { logN, p, r }, key, salt }: StoredHash): string =>
  ['scrypt', logN, r, p, salt.toString('base64url'), key.toString('base64url')].join('$');

function parse(hash: string): StoredHash {
  const [, logN, r, p, salt = '', key = ''] = FORM.exec(hash) ?? [];
  const cost = { logN: Number(logN), r: Number(r), p: Number(p) };
  if (cost.logN <= MAX_LOG_N && cost.r <= MAX_R && cost.p <= MAX_P) {
    return { cost, salt: Buffer.from(salt, 'base64url'), key: Buffer.from(key, 'base64url') };
  }
  throw new IwfError('store.failed', { operation: 'read a password hash' });
}

/** Unicode passwords compare in one form, however the keyboard composed them (RFC 8265 §4.2). */
const derive = (password: string, salt: Buffer, { logN, p, r }: ScryptCost): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const N = 2 ** logN;
    const options = { N, r, p, maxmem: 128 * N * r * 2 };
    scrypt(password.normalize('NFC'), salt, KEY_BYTES, options, (error, key) => {
      if (error) reject(error);
      else resolve(key);
    });
  });

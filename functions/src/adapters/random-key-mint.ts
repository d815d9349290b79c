import { createHash, randomBytes, randomUUID, timingSafeEqual } from 'node:crypto';
import type { KeyMint } from '../ports/key-mint.ts';

const KEY_BYTES = 32;

const digest = (key: string): Buffer => createHash('sha256').update(key).digest();

/** The keys have 256 bits of entropy, so one round of SHA-256 hides them as well as many. */
export const randomKeyMint: KeyMint = {
  mint() {
    const key = randomBytes(KEY_BYTES).toString('base64url');
    return { key, sha256: digest(key).toString('hex') };
  },
  sha256: (key) => digest(key).toString('hex'),
  fits(key, sha256) {
    const stored = Buffer.from(sha256, 'hex');
    return stored.length === KEY_BYTES && timingSafeEqual(digest(key), stored);
  },
  uuid: () => randomUUID(),
};

/** For an instance that was given no key to share with the others. */
export const randomAnswerKey = (): Uint8Array => randomBytes(KEY_BYTES);

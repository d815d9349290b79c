import { createCipheriv, createDecipheriv, createHmac, timingSafeEqual } from 'node:crypto';
import { concatBytes } from '../../core/media/bytes.ts';
import type { SrtpCrypto } from '../../core/media/srtp-crypto.ts';

const TAG_BYTES = 16;

const bits = (key: Uint8Array): '128' | '256' => (key.length === 32 ? '256' : '128');

export const nodeSrtpCrypto: SrtpCrypto = {
  aesCtr: (key, iv, input) => createCipheriv(`aes-${bits(key)}-ctr`, key, iv).update(input),
  hmacSha1(key, ...parts) {
    const hmac = createHmac('sha1', key);
    for (const part of parts) hmac.update(part);
    return hmac.digest();
  },
  aesGcmSeal({ key, iv, associated, input }) {
    const cipher = createCipheriv(`aes-${bits(key)}-gcm`, key, iv);
    cipher.setAAD(associated);
    const body = cipher.update(input);
    cipher.final();
    return concatBytes(body, cipher.getAuthTag());
  },
  aesGcmOpen({ key, iv, associated, input }) {
    const decipher = createDecipheriv(`aes-${bits(key)}-gcm`, key, iv, {
      authTagLength: TAG_BYTES,
    });
    decipher.setAAD(associated);
    decipher.setAuthTag(input.subarray(input.length - TAG_BYTES));
    const body = decipher.update(input.subarray(0, input.length - TAG_BYTES));
    try {
      decipher.final();
      return body;
    } catch {
      // A wrong tag is an expected outcome on a public port, not a failure.
      return undefined;
    }
  },
  equal: (a, b) => a.length === b.length && timingSafeEqual(a, b),
};

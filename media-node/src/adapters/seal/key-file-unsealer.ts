import { createDecipheriv } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { sealAad } from '@isthmus/shared/domain/seal-context';
import { Secret } from '@isthmus/shared/domain/secret';
import { IwfError } from '@isthmus/shared/errors/iwf-error';
import type { Unsealer } from '../../ports/unsealer.ts';

const PREFIX = 'kf1.';
const KEY_BYTES = 32;
const IV_BYTES = 12;
const TAG_BYTES = 16;

const failed = (reason: string, options?: ErrorOptions): IwfError =>
  new IwfError('store.failed', { operation: `unseal: ${reason}` }, options);

/** Opens `kf1.` and base64url of iv, tag, ciphertext (AES-256-GCM), sealed on this machine. */
export const createKeyFileUnsealer = ({ path }: { readonly path: string }): Unsealer => ({
  async unseal(sealed, context) {
    if (!sealed.startsWith(PREFIX)) throw failed('sealed in another way');
    const key = await readKey(path);
    const bytes = Buffer.from(sealed.slice(PREFIX.length), 'base64url');
    if (bytes.length < IV_BYTES + TAG_BYTES) throw failed('too short');
    return new Secret(opened(key, bytes, sealAad(context)));
  },
});

function opened(key: Uint8Array, bytes: Buffer, aad: string): string {
  const ciphertextAt = IV_BYTES + TAG_BYTES;
  const iv = bytes.subarray(0, IV_BYTES);
  const decipher = createDecipheriv('aes-256-gcm', key, iv, { authTagLength: TAG_BYTES });
  decipher.setAAD(Buffer.from(aad, 'utf8'));
  decipher.setAuthTag(bytes.subarray(IV_BYTES, ciphertextAt));
  try {
    const text = decipher.update(bytes.subarray(ciphertextAt));
    return Buffer.concat([text, decipher.final()]).toString('utf8');
  } catch (cause) {
    throw failed('another context, or changed', { cause });
  }
}

/** The file holds the 32 bytes themselves or their base64 text. */
async function readKey(path: string): Promise<Uint8Array> {
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw failed('no key file', { cause });
  });
  const key = bytes.length === KEY_BYTES ? bytes : Buffer.from(bytes.toString('utf8'), 'base64');
  if (key.length !== KEY_BYTES) throw failed('the key has not 32 bytes');
  return key;
}

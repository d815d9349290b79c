import { readFile } from 'node:fs/promises';
import { sealAad } from '@isthmus/shared/domain/seal-context';
import { IwfError } from '@isthmus/shared/errors/iwf-error';
import type { Sealer } from '../ports/sealer.ts';
import { encryptText } from './aes-gcm.ts';

const PREFIX = 'kf1.';
const KEY_BYTES = 32;

/** Seals with a key of one machine: `kf1.` and base64url of iv, tag, ciphertext (AES-256-GCM). */
export function createKeyFileSealer({ path }: { readonly path: string }): Sealer {
  return {
    async seal(secret, context) {
      const key = await readKey(path);
      return `${PREFIX}${encryptText(key, secret.reveal(), sealAad(context))}`;
    },
  };
}

/** The file holds the 32 bytes themselves or their base64 text. */
async function readKey(path: string): Promise<Uint8Array> {
  try {
    const bytes = await readFile(path);
    const key = bytes.length === KEY_BYTES ? bytes : Buffer.from(bytes.toString('utf8'), 'base64');
    if (key.length === KEY_BYTES) return key;
  } catch (cause) {
    throw new IwfError('store.failed', { operation: 'read the sealing key' }, { cause });
  }
  throw new IwfError('store.failed', { operation: 'read the sealing key: not 32 bytes' });
}

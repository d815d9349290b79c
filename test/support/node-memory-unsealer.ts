import { type SealContext, sealAad } from '@isthmus/shared/domain/seal-context';
import type { Secret } from '@isthmus/shared/domain/secret';
import { IwfError } from '@isthmus/shared/errors/iwf-error';
import type { Unsealer } from '../../media-node/src/ports/unsealer.ts';

/** Seals by remembering. */
export class MemoryUnsealer implements Unsealer {
  readonly #secrets = new Map<string, { readonly aad: string; readonly secret: Secret }>();

  seal(secret: Secret, context: SealContext): Promise<string> {
    const sealed = `mem1.${String(this.#secrets.size).padStart(16, '0')}`;
    this.#secrets.set(sealed, { aad: sealAad(context), secret });
    return Promise.resolve(sealed);
  }

  unseal(sealed: string, context: SealContext): Promise<Secret> {
    const found = this.#secrets.get(sealed);
    if (found?.aad === sealAad(context)) return Promise.resolve(found.secret);
    return Promise.reject(new IwfError('store.failed', { operation: 'unseal' }));
  }
}

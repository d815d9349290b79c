import type { SealContext } from '@isthmus/shared/domain/seal-context';
import type { Secret } from '@isthmus/shared/domain/secret';

/** Opens what the functions sealed: KMS in the cloud, a key file on one machine. */
export interface Unsealer {
  /** Throws `store.failed` when the context is another or the text was changed. */
  unseal(sealed: string, context: SealContext): Promise<Secret>;
}

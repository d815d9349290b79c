import type { SealContext } from '@isthmus/shared/domain/seal-context';
import type { Secret } from '@isthmus/shared/domain/secret';

/** Closes a secret that only a media node can open: the functions cannot (SEC-2). */
export interface Sealer {
  seal(secret: Secret, context: SealContext): Promise<string>;
}

import type { Secret } from '@isthmus/shared/domain/secret';
import type { SecretKind } from '@isthmus/shared/domain/secret-kind';
import type { CardMemory, ImsSecret } from '../../ports/sip-accounts.ts';

/** What was unsealed, as what it is; a password where nothing says so. */
export const imsSecretOf = (
  kind: SecretKind | undefined,
  secret: Secret,
  card?: CardMemory,
): ImsSecret =>
  kind === 'aka'
    ? { kind, keys: secret, ...(card && { card }) }
    : { kind: 'password', password: secret };

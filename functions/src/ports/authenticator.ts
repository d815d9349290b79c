import type { TenantId } from '@isthmus/shared/domain/ids';
import type { Secret } from '@isthmus/shared/domain/secret';
import type { LoginRefusal } from '@isthmus/shared/errors/iwf-error';
import type { Result } from '@isthmus/shared/result';
import type { UserItem } from '@isthmus/shared/store/items';

export interface PasswordProof {
  readonly userName: string;
  readonly password: Secret;
}

export interface IdTokenProof {
  readonly idToken: Secret;
}

/** The authentication server of REG-4: which user of the tenant the proof is of. */
export interface Authenticator<Proof> {
  /**
   * A refusal is for our log. Throws `login.unavailable` when the proof cannot be judged now,
   * which says nothing of it: the same may be tried again.
   */
  authenticate(tenant: TenantId, proof: Proof): Promise<Result<UserItem, LoginRefusal>>;
}

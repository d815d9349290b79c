import type { TenantId } from '@isthmus/shared/domain/ids';
import type { OidcIdentityItem } from '@isthmus/shared/store/items';
import type { OidcSubject } from '@isthmus/shared/store/keys';

/** Who the subjects of foreign issuers are with us (REG-4). */
export interface IdentityStore {
  userNameOf(tenant: TenantId, subject: OidcSubject): Promise<string | undefined>;
  /**
   * Written once: false when the subject is another user already, or the user another subject of
   * the issuer. The same identity again is no contradiction.
   */
  bind(identity: OidcIdentityItem): Promise<boolean>;
  /** False: there is no such identity. */
  unbind(identity: OidcIdentityItem): Promise<boolean>;
  /** Exactly one of any number of users of the `jti` wins. */
  useOnce(tenant: TenantId, subject: OidcSubject, token: UsedIdToken): Promise<boolean>;
}

export interface UsedIdToken {
  readonly jti: string;
  readonly ttl: number;
}

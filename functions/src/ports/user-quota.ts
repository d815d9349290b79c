import type { TenantId } from '@isthmus/shared/domain/ids';
import type { RegistrationOption } from '@isthmus/shared/domain/registration-option';

/** Who registers; a name means another user under another option. */
export interface RegisteringUser {
  readonly tenant: TenantId;
  readonly option: RegistrationOption;
  readonly userName: string;
}

/** The users of a tenant that register within a month, each counted once (OPS-3). */
export interface UserQuota {
  /** False: `limit` others have registered this month. */
  admit(user: RegisteringUser, limit: number): Promise<boolean>;
}

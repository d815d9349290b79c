import { IwfError, isIwfError } from '@isthmus/shared/errors/iwf-error';
import type { TenantStore } from '../ports/directory.ts';
import type { Log } from '../ports/log.ts';
import type { RegisteringUser, UserQuota } from '../ports/user-quota.ts';

export interface AdmitUserDeps {
  readonly tenants: TenantStore;
  readonly userQuota: UserQuota;
  readonly log: Log;
}

/** Lets users register for as long as their tenant's quota of the month lasts (OPS-3). */
export async function admitUser(deps: AdmitUserDeps, user: RegisteringUser): Promise<void> {
  const { log, tenants } = deps;
  const { tenant } = user;
  const limit = (await tenants.get(tenant))?.accounting?.quota?.usersPerMonth;
  if (limit === undefined || (await isIn(deps, user, limit))) return;
  log.warn('user quota used up', { tenant });
  throw new IwfError('registration.quota-used-up', {});
}

/** A table that stumbles keeps nobody out. */
async function isIn(
  { log, userQuota }: AdmitUserDeps,
  user: RegisteringUser,
  limit: number,
): Promise<boolean> {
  try {
    return await userQuota.admit(user, limit);
  } catch (cause) {
    if (!isIwfError(cause, 'store.failed')) throw cause;
    log.warn('user quota could not be asked', { tenant: user.tenant, cause });
    return true;
  }
}

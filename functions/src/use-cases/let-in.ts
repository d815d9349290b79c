import { tenantId } from '@isthmus/shared/domain/ids';
import type { TenantStore } from '../ports/directory.ts';

export interface Knock {
  readonly tenant: string | undefined;
  /** Absent for a client that is no browser. */
  readonly origin: string | undefined;
}

export type LetIn = (knock: Knock) => Promise<boolean>;

const ANY_ORIGIN = '*';

/** Whether a page of this origin may speak for the tenant at all (SEC-1). */
export const createLetIn =
  (deps: { readonly tenants: TenantStore }): LetIn =>
  async ({ tenant, origin }) => {
    if (tenant === undefined) return false;
    const allowed = (await deps.tenants.get(tenantId(tenant)))?.allowedOrigins ?? [];
    return allowed.includes(ANY_ORIGIN) || (origin !== undefined && allowed.includes(origin));
  };

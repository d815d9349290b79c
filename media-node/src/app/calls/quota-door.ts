import { tenantId } from '@isthmus/shared/domain/ids';
import { IwfError, isIwfError } from '@isthmus/shared/errors/iwf-error';
import type { TenantItem } from '@isthmus/shared/store/items';
import type { Log } from '../../ports/log.ts';
import type { IncomingInvite } from '../../ports/sip-accounts.ts';
import type { CallStore } from '../../ports/stores.ts';

export interface QuotaDoorDeps {
  readonly calls: Pick<CallStore, 'admit'>;
  readonly log: Log;
}

/** Lets calls in for as long as their tenant's quota of the month lasts (OPS-3). */
export class QuotaDoor {
  readonly #deps: QuotaDoorDeps;
  readonly #counted = new WeakSet<IncomingInvite>();

  constructor(deps: QuotaDoorDeps) {
    this.#deps = deps;
  }

  /** Undefined where the tenant has no quota; else rejects with `call.quota-used-up`. */
  count(tenant: TenantItem): Promise<void> | undefined {
    const { quota } = tenant.accounting ?? {};
    if (!quota) return undefined;
    const { calls, log } = this.#deps;
    return calls.admit(tenantId(tenant.tenantId), quota).then(
      (admission) => {
        if (admission === 'admitted') return;
        log.warn('call quota used up', { tenant: tenant.tenantId, what: admission });
        throw new IwfError('call.quota-used-up', { what: admission });
      },
      (cause: unknown) => {
        if (!isIwfError(cause, 'store.failed')) throw cause;
        // A table that stumbles silences nobody; the call is still recorded.
        log.warn('call quota could not be asked', { tenant: tenant.tenantId, cause });
      },
    );
  }

  /** True: the INVITE waits, and it is told whether it is in. One that is in is not held again. */
  holds(invite: IncomingInvite, tenant: TenantItem, told: (isIn: boolean) => void): boolean {
    if (this.#counted.has(invite)) return false;
    const counted = this.count(tenant);
    if (!counted) return false;
    this.#counted.add(invite);
    counted.then(
      () => {
        told(true);
      },
      () => {
        told(false);
      },
    );
    return true;
  }
}

import { assertNever } from '@isthmus/shared/assert-never';
import type { ReleaseCause } from '@isthmus/shared/domain/release-cause';
import { IwfError } from '@isthmus/shared/errors/iwf-error';
import type { TenantItem } from '@isthmus/shared/store/items';
import type { ForwardingRequest, ForwardingTargets } from '@isthmus/shared/wire/forwarding';
import { forwardedTo } from '../../core/call/forwarding.ts';
import { allowCall } from '../../core/call/outgoing-policy.ts';
import type { Log } from '../../ports/log.ts';
import type { ForwardingStore, Subscriber, TenantStore } from '../../ports/stores.ts';
import type { Session } from '../sessions/session.ts';

export interface ForwardingDeps {
  readonly forwardings: ForwardingStore;
  readonly tenants: TenantStore;
  readonly log: Log;
}

/** Whom a call is for. */
export interface CalledUser extends Subscriber {
  /** Where it is at hand. */
  readonly tenant?: TenantItem;
}

/** Why a call is not taken → the Contact it is sent to. */
export type Divert = (cause: ReleaseCause) => string | undefined;

/** Where the calls of a user go that reach nobody. */
export class Forwarding {
  readonly #deps: ForwardingDeps;

  constructor(deps: ForwardingDeps) {
    this.#deps = deps;
  }

  /** Throws the reason why a target is not to be called. */
  async command(session: Session, request: ForwardingRequest): Promise<Record<string, unknown>> {
    const { forwardings } = this.#deps;
    switch (request.action) {
      case 'forwarding.get':
        return { ...(await forwardings.get(session)) };
      case 'forwarding.set': {
        const { id: _, action: __, ...targets } = request;
        for (const target of Object.values(targets)) judge(target, session.tenant);
        await forwardings.put(session, targets);
        return {};
      }
      default:
        return assertNever(request);
    }
  }

  /** A store that cannot be read forwards nothing. */
  async of(user: CalledUser, called: string): Promise<Divert> {
    const { forwardings, log, tenants } = this.#deps;
    try {
      const targets = await forwardings.get(user);
      if (!targets) return () => undefined;
      const rules = user.tenant ?? (await tenants.get(user.tenantId));
      return (cause) => forwardedTo(cause, targets, { called, rules });
    } catch (cause) {
      log.error('the forwarding of a user could not be read', { tenant: user.tenantId, cause });
      return () => undefined;
    }
  }

  /** Read while it rings, so that the answer is there when it is wanted. */
  whileRinging(user: CalledUser, called: string): Divert {
    let known: Divert | undefined;
    void this.of(user, called).then((divert) => {
      known = divert;
    });
    return (cause) => known?.(cause);
  }
}

function judge(target: ForwardingTargets[keyof ForwardingTargets], tenant: TenantItem): void {
  if (target === undefined) return;
  const allowed = allowCall({ target }, tenant);
  if (!allowed.ok) throw allowed.error;
  if (allowed.value.isEmergency) throw new IwfError('call.emergency-refused', {});
}

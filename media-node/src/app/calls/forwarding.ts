import { assertNever } from '@isthmus/shared/assert-never';
import type { ReleaseCause } from '@isthmus/shared/domain/release-cause';
import { IwfError } from '@isthmus/shared/errors/iwf-error';
import type { TenantItem } from '@isthmus/shared/store/items';
import type {
  ForwardingRequest,
  ForwardingSettings,
  ForwardingTargets,
} from '@isthmus/shared/wire/forwarding';
import { forwardedTo } from '../../core/call/forwarding.ts';
import { RING_MS } from '../../core/call/incoming.ts';
import { allowCall } from '../../core/call/outgoing-policy.ts';
import type { Log } from '../../ports/log.ts';
import type { Redirection } from '../../ports/sip-leg.ts';
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

/** Why a call is not taken → where it is sent. */
export type Divert = (cause: ReleaseCause) => Redirection | undefined;

/** What a user wants of the calls that he does not take. */
export interface Wishes {
  readonly divert: Divert;
  /** How long they ring. */
  readonly ringMs: number;
}

/** They are asked for while it rings. */
export interface WishesWhileRinging extends Pick<Wishes, 'divert'> {
  readonly known: Promise<Pick<Wishes, 'ringMs'>>;
}

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
        const { id: _, action: __, ...settings } = request;
        const { ringS: ___, ...targets } = settings;
        for (const target of Object.values(targets)) judge(target, session.tenant);
        await forwardings.put(session, settings);
        return {};
      }
      default:
        return assertNever(request);
    }
  }

  /** A store that cannot be read forwards nothing. */
  async of(user: CalledUser, called: string): Promise<Wishes> {
    const { forwardings, log, tenants } = this.#deps;
    try {
      const settings = await forwardings.get(user);
      const rules = user.tenant ?? (await tenants.get(user.tenantId));
      const ringMs = ringMsOf(rules, settings);
      if (!settings) return { divert: nowhere, ringMs };
      return { divert: (cause) => forwardedTo(cause, settings, { called, rules }), ringMs };
    } catch (cause) {
      log.error('the forwarding of a user could not be read', { tenant: user.tenantId, cause });
      return { divert: nowhere, ringMs: ringMsOf(user.tenant) };
    }
  }

  /** Read while it rings, so that the answer is there when it is wanted. */
  whileRinging(user: CalledUser, called: string): WishesWhileRinging {
    let divert = nowhere;
    const known = this.of(user, called).then((wishes) => {
      ({ divert } = wishes);
      return wishes;
    });
    return { divert: (cause) => divert(cause), known };
  }
}

const nowhere: Divert = () => undefined;

function ringMsOf(tenant?: Pick<TenantItem, 'calling'>, settings?: ForwardingSettings): number {
  const wantedS = settings?.ringS ?? tenant?.calling?.ringS;
  return wantedS === undefined ? RING_MS : wantedS * 1000;
}

function judge(target: ForwardingTargets[keyof ForwardingTargets], tenant: TenantItem): void {
  if (target === undefined) return;
  const allowed = allowCall({ target }, tenant);
  if (!allowed.ok) throw allowed.error;
  if (allowed.value.isEmergency) throw new IwfError('call.emergency-refused', {});
}

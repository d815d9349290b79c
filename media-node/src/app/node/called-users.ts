import { type Impu, tenantId } from '@isthmus/shared/domain/ids';
import type { BindingItem, TrunkItem } from '@isthmus/shared/store/items';
import { aliasesOf } from '../../core/sip/identity.ts';
import type { BindingStore, Subscriber } from '../../ports/stores.ts';
import type { Session } from '../sessions/session.ts';
import type { Sessions } from '../sessions/sessions.ts';

export interface CalledUsersDeps {
  readonly bindings: Pick<BindingStore, 'byImpu'>;
  readonly sessions: Pick<Sessions, 'find'>;
}

export interface Called {
  readonly user: Subscriber;
  readonly devices: readonly Session[];
}

/** Option 1: the IMPU that was called names the user by the durable binding. */
export class CalledUsers {
  readonly #deps: CalledUsersDeps;

  constructor(deps: CalledUsersDeps) {
    this.#deps = deps;
  }

  /** The user's devices here; undefined where the identity is nobody's. */
  async devicesOf(trunk: TrunkItem, called: Impu): Promise<readonly Session[] | undefined> {
    return (await this.find(trunk, called))?.devices;
  }

  /** The user and the devices of his that are here. */
  async find(trunk: TrunkItem, called: Impu): Promise<Called | undefined> {
    const binding = await this.#bindingOf(trunk, called);
    if (!binding) return undefined;
    const user: Subscriber = {
      tenantId: tenantId(trunk.tenantId),
      option: 'ip-pbx',
      userName: binding.userName,
    };
    const devices = this.#deps.sessions.find(
      (session) =>
        session.tenantId === user.tenantId &&
        session.option === user.option &&
        session.userName === user.userName,
    );
    return { user, devices };
  }

  async #bindingOf(trunk: TrunkItem, called: Impu): Promise<BindingItem | undefined> {
    const homeDomain = trunk.impu.slice(trunk.impu.indexOf('@') + 1);
    for (const alias of aliasesOf(called, homeDomain)) {
      const binding = await this.#deps.bindings.byImpu(tenantId(trunk.tenantId), alias);
      if (binding) return binding;
    }
    return undefined;
  }
}

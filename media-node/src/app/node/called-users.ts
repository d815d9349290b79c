import { type Impu, tenantId } from '@isthmus/shared/domain/ids';
import type { BindingItem, TrunkItem } from '@isthmus/shared/store/items';
import { aliasesOf } from '../../core/sip/identity.ts';
import type { BindingStore } from '../../ports/stores.ts';
import type { Session } from '../sessions/session.ts';
import type { Sessions } from '../sessions/sessions.ts';

export interface CalledUsersDeps {
  readonly bindings: Pick<BindingStore, 'byImpu'>;
  readonly sessions: Pick<Sessions, 'find'>;
}

/** Option 1: the IMPU that was called names the user by the durable binding. */
export class CalledUsers {
  readonly #deps: CalledUsersDeps;

  constructor(deps: CalledUsersDeps) {
    this.#deps = deps;
  }

  /** The user's devices here; undefined where the identity is nobody's. */
  async devicesOf(trunk: TrunkItem, called: Impu): Promise<readonly Session[] | undefined> {
    const binding = await this.#bindingOf(trunk, called);
    if (!binding) return undefined;
    const tenant = tenantId(trunk.tenantId);
    return this.#deps.sessions.find(
      (session) =>
        session.tenantId === tenant &&
        session.option === 'ip-pbx' &&
        session.userName === binding.userName,
    );
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

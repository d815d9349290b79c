import type { TenantId, TrunkId } from '@isthmus/shared/domain/ids';
import type { TenantItem, TrunkItem, UserItem } from '@isthmus/shared/store/items';
import type {
  TenantStore,
  TrunkFacts,
  TrunkStore,
  UserStore,
} from '../../functions/src/ports/directory.ts';

const idOf = (...parts: readonly string[]): string => JSON.stringify(parts);

export class MemoryTenantStore implements TenantStore {
  readonly #items = new Map<string, TenantItem>();
  get(tenant: TenantId): Promise<TenantItem | undefined> {
    return Promise.resolve(this.#items.get(tenant));
  }
  put(tenant: TenantItem): Promise<void> {
    this.#items.set(tenant.tenantId, tenant);
    return Promise.resolve();
  }
}

export class MemoryUserStore implements UserStore {
  readonly #items = new Map<string, UserItem>();
  get(tenant: TenantId, userName: string): Promise<UserItem | undefined> {
    return Promise.resolve(this.#items.get(idOf(tenant, userName)));
  }
  put(user: UserItem): Promise<void> {
    this.#items.set(idOf(user.tenantId, user.userName), user);
    return Promise.resolve();
  }
  revokeTokens(tenant: TenantId, userName: string, tokensFromMs: number): Promise<boolean> {
    const user = this.#items.get(idOf(tenant, userName));
    if (user) this.#items.set(idOf(tenant, userName), { ...user, tokensFromMs });
    return Promise.resolve(user !== undefined);
  }
}

export class MemoryTrunkStore implements TrunkStore {
  readonly #items = new Map<string, TrunkItem>();
  ofTenant(tenant: TenantId): Promise<readonly TrunkItem[]> {
    const own = [...this.#items.values()].filter(({ tenantId }) => tenantId === tenant);
    return Promise.resolve(own.sort((a, b) => (a.trunkId < b.trunkId ? -1 : 1)));
  }
  put(trunk: TrunkFacts): Promise<void> {
    const id = idOf(trunk.tenantId, trunk.trunkId);
    const { owner, releasedAtMs, state = 'down', implicitSet = [] } = this.#items.get(id) ?? {};
    const kept = {
      ...(owner !== undefined && { owner }),
      ...(releasedAtMs !== undefined && { releasedAtMs }),
    };
    this.#items.set(id, { ...kept, state, implicitSet, ...trunk });
    return Promise.resolve();
  }
  noteRelease(tenantId: TenantId, trunkId: TrunkId, releasedAtMs: number): Promise<void> {
    return this.report({ tenantId, trunkId, releasedAtMs });
  }
  report(trunk: Partial<TrunkItem> & Pick<TrunkItem, 'tenantId' | 'trunkId'>): Promise<void> {
    const id = idOf(trunk.tenantId, trunk.trunkId);
    const known = this.#items.get(id);
    if (known) this.#items.set(id, { ...known, ...trunk });
    return Promise.resolve();
  }
}

import type { Impu, TenantId } from '@isthmus/shared/domain/ids';
import type { BindingItem } from '@isthmus/shared/store/items';
import type { BindingStore, BindOutcome } from '../../functions/src/ports/binding-store.ts';

const idOf = (tenant: string, name: string): string => JSON.stringify([tenant, name]);

export class MemoryBindingStore implements BindingStore {
  readonly #byUser = new Map<string, BindingItem>();
  readonly #byImpu = new Map<string, BindingItem>();

  ofUser(tenant: TenantId, userName: string): Promise<BindingItem | undefined> {
    return Promise.resolve(this.#byUser.get(idOf(tenant, userName)));
  }

  taken(tenant: TenantId, impus: readonly Impu[]): Promise<ReadonlySet<string>> {
    return Promise.resolve(new Set(impus.filter((impu) => this.#byImpu.has(idOf(tenant, impu)))));
  }

  bind(binding: BindingItem): Promise<BindOutcome> {
    const user = idOf(binding.tenantId, binding.userName);
    const impu = idOf(binding.tenantId, binding.impu);
    if (this.#byUser.has(user)) return Promise.resolve('user-has-one');
    if (this.#byImpu.has(impu)) return Promise.resolve('impu-taken');
    this.#byUser.set(user, binding);
    this.#byImpu.set(impu, binding);
    return Promise.resolve('bound');
  }
}

import type { Impu, TenantId } from '@isthmus/shared/domain/ids';
import type { BindingItem } from '@isthmus/shared/store/items';
import type { BindingStore, BindOutcome } from '../../functions/src/ports/binding-store.ts';
import type { Clock } from '../../functions/src/ports/clock.ts';

const idOf = (tenant: string, name: string): string => JSON.stringify([tenant, name]);

export class MemoryBindingStore implements BindingStore {
  readonly #clock: Clock;
  readonly #byUser = new Map<string, BindingItem>();
  readonly #byImpu = new Map<string, BindingItem>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  ofUser(tenant: TenantId, userName: string): Promise<BindingItem | undefined> {
    return Promise.resolve(this.#byUser.get(idOf(tenant, userName)));
  }

  holders(tenant: TenantId, impus: readonly Impu[]): Promise<ReadonlyMap<string, BindingItem>> {
    const held = impus.flatMap((impu) => this.#holderOf(tenant, impu) ?? []);
    return Promise.resolve(new Map(held.map((binding) => [binding.impu, binding])));
  }

  bind(binding: BindingItem): Promise<BindOutcome> {
    const { impu, tenantId, userName } = binding;
    if (this.#byUser.has(idOf(tenantId, userName))) return Promise.resolve('user-has-one');
    const holder = this.#holderOf(tenantId, impu);
    const isOwn = holder?.restsUntilMs !== undefined && holder.userName === userName;
    if (holder && !isOwn) return Promise.resolve('impu-taken');
    const { usedAtMs: _, ...identity } = binding;
    this.#byUser.set(idOf(tenantId, userName), binding);
    this.#byImpu.set(idOf(tenantId, impu), identity);
    return Promise.resolve('bound');
  }

  touch({ impu, tenantId, userName }: BindingItem, atMs: number): Promise<boolean> {
    const held = this.#byUser.get(idOf(tenantId, userName));
    if (held?.impu !== impu) return Promise.resolve(false);
    this.#byUser.set(idOf(tenantId, userName), { ...held, usedAtMs: atMs });
    return Promise.resolve(true);
  }

  release(binding: BindingItem, restsUntilMs: number): Promise<boolean> {
    const { impu, tenantId, userName } = binding;
    const held = this.#byUser.get(idOf(tenantId, userName));
    if (held?.impu !== impu || held.usedAtMs !== binding.usedAtMs) return Promise.resolve(false);
    const { usedAtMs: _, ...identity } = binding;
    this.#byUser.delete(idOf(tenantId, userName));
    this.#byImpu.set(idOf(tenantId, impu), { ...identity, restsUntilMs });
    return Promise.resolve(true);
  }

  #holderOf(tenant: string, impu: string): BindingItem | undefined {
    const holder = this.#byImpu.get(idOf(tenant, impu));
    const hasRested = holder && (holder.restsUntilMs ?? Infinity) <= this.#clock.nowMs();
    return hasRested ? undefined : holder;
  }
}

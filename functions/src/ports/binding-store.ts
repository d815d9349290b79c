import type { Impu, TenantId } from '@isthmus/shared/domain/ids';
import type { BindingItem } from '@isthmus/shared/store/items';

export type BindOutcome = 'bound' | 'user-has-one' | 'impu-taken';

/** The durable binding user ↔ IMPU of option 1, unique in both directions (REG-1). */
export interface BindingStore {
  ofUser(tenant: TenantId, userName: string): Promise<BindingItem | undefined>;
  /** Which of these identities are bound to somebody. */
  taken(tenant: TenantId, impus: readonly Impu[]): Promise<ReadonlySet<string>>;
  /** Writes both directions or none. */
  bind(binding: BindingItem): Promise<BindOutcome>;
}

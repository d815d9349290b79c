import type { Impu, TenantId } from '@isthmus/shared/domain/ids';
import type { BindingItem } from '@isthmus/shared/store/items';

export type BindOutcome = 'bound' | 'user-has-one' | 'impu-taken';

/** The durable binding user ↔ IMPU of option 1, unique in both directions (REG-1). */
export interface BindingStore {
  ofUser(tenant: TenantId, userName: string): Promise<BindingItem | undefined>;
  /** Who has each of these identities, or had it and may have it back while it rests. */
  holders(tenant: TenantId, impus: readonly Impu[]): Promise<ReadonlyMap<string, BindingItem>>;
  /** Writes both directions or none. A resting identity is taken, but for its last user. */
  bind(binding: BindingItem): Promise<BindOutcome>;
  /** Notes that its user has come. False: the identity is the user's no more. */
  touch(binding: BindingItem, atMs: number): Promise<boolean>;
  /**
   * Takes both directions back; the identity rests until then. False: the user has come since the
   * binding was read, or has it no more.
   */
  release(binding: BindingItem, restsUntilMs: number): Promise<boolean>;
}

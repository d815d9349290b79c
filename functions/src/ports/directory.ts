import type { TenantId, TrunkId } from '@isthmus/shared/domain/ids';
import type { TenantItem, TrunkItem, UserItem } from '@isthmus/shared/store/items';

export interface TenantStore {
  get(tenant: TenantId): Promise<TenantItem | undefined>;
  put(tenant: TenantItem): Promise<void>;
}

/** What an operator says of a trunk; its owner and state are the media nodes' to write. */
export type TrunkFacts = Pick<
  TrunkItem,
  | 'tenantId'
  | 'trunkId'
  | 'impu'
  | 'impi'
  | 'sealedPassword'
  | 'secretKind'
  | 'bulkRegistration'
  | 'numbers'
>;

export interface TrunkStore {
  ofTenant(tenant: TenantId): Promise<readonly TrunkItem[]>;
  /** A trunk that is there already keeps its owner, state and implicit set. */
  put(trunk: TrunkFacts): Promise<void>;
  /** Lets the trunk's node know that somebody has lost an identity of it. */
  noteRelease(tenant: TenantId, trunk: TrunkId, atMs: number): Promise<void>;
}

export interface UserStore {
  get(tenant: TenantId, userName: string): Promise<UserItem | undefined>;
  put(user: UserItem): Promise<void>;
  /** Tokens issued before `fromMs` are good no more. False: there is no such user. */
  revokeTokens(tenant: TenantId, userName: string, fromMs: number): Promise<boolean>;
}

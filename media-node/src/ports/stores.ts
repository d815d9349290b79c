import type {
  CallId,
  ConnectionId,
  Impu,
  NodeId,
  SessionId,
  TenantId,
  TrunkId,
} from '@isthmus/shared/domain/ids';
import type {
  BindingItem,
  CallItem,
  NodeItem,
  TenantItem,
  TrunkItem,
} from '@isthmus/shared/store/items';

export interface TenantStore {
  /** Throws `tenant.unknown`. */
  get(tenant: TenantId): Promise<TenantItem>;
}

export interface TrunkStore {
  /** All trunks of all tenants, read through the index. */
  list(): Promise<readonly TrunkItem[]>;
  /** Takes the trunk if nobody owns it, or its owner's lease has lapsed. False: another was first. */
  claim(tenant: TenantId, trunk: TrunkId, node: NodeId): Promise<boolean>;
  /** What the last 200 to our own REGISTER said; only its owner may write it. */
  reportUp(
    tenant: TenantId,
    trunk: TrunkId,
    node: NodeId,
    implicitSet: readonly Impu[],
  ): Promise<void>;
  reportDown(tenant: TenantId, trunk: TrunkId, node: NodeId): Promise<void>;
  /** Gives the trunk back at shutdown. */
  release(tenant: TenantId, trunk: TrunkId, node: NodeId): Promise<void>;
}

export interface BindingStore {
  /** The user an IMPU is bound to, if any; one that was released is nobody's. */
  byImpu(tenant: TenantId, impu: Impu): Promise<BindingItem | undefined>;
  /** Notes that its user was here; without effect where there is no such binding. */
  touch(tenant: TenantId, userName: string, atMs: number): Promise<void>;
}

/** Whose a session is. */
export interface SessionOwner {
  readonly tenantId: TenantId;
  readonly sessionId: SessionId;
}

export interface SessionStore {
  /** Keeps an event for replay; idempotent in (session, seq). */
  appendEvent(owner: SessionOwner, seq: number, json: string): Promise<void>;
  /** The highest seq stored, 0 for none; asked when a node takes a session on. */
  lastSeq(session: SessionId): Promise<number>;
  /** Forgets the connection unless a newer one has attached. */
  detach(session: SessionId, connection: ConnectionId): Promise<void>;
  end(session: SessionId): Promise<void>;
}

export interface NodeRegistry {
  announce(node: NodeItem): Promise<void>;
  /** One write a beat; throws `store.failed` when the lease could not be renewed. */
  renew(node: NodeId, facts: Pick<NodeItem, 'leaseUntilMs' | 'used' | 'state'>): Promise<void>;
  withdraw(node: NodeId): Promise<void>;
}

export interface CallStore {
  begin(call: CallItem): Promise<void>;
  answered(tenant: TenantId, call: CallId, atMs: number): Promise<void>;
  /** Written once: a second end of the same call changes nothing. */
  end(
    tenant: TenantId,
    call: CallId,
    end: Required<Pick<CallItem, 'endedAtMs' | 'cause'>>,
  ): Promise<void>;
}

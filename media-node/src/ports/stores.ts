import type {
  ConnectionId,
  Impu,
  NodeId,
  SessionId,
  TenantId,
  TrunkId,
} from '@isthmus/shared/domain/ids';
import type { RegistrationOption } from '@isthmus/shared/domain/registration-option';
import type { CallQuota } from '@isthmus/shared/store/accounting-policy';
import type { CallItem, CallRecord } from '@isthmus/shared/store/call-records';
import type {
  BindingItem,
  NodeItem,
  SessionItem,
  TenantItem,
  TrunkItem,
} from '@isthmus/shared/store/items';
import type { MemberItem, RegistrationItem } from '@isthmus/shared/store/registration-items';
import type { ForwardingSettings } from '@isthmus/shared/wire/forwarding';
import type { SequenceRecord } from '../core/aka/sequence.ts';

export interface TenantStore {
  /** Throws `tenant.unknown`. */
  get(tenant: TenantId): Promise<TenantItem>;
}

/** One life of a node: when it could not renew its lease it comes back under another epoch. */
export interface Tenure {
  readonly nodeId: NodeId;
  readonly epoch: number;
}

/**
 * Giving away what a node keeps. The owner offers; a successor names itself, registers in IMS, and
 * only then owns. Every step is conditional on the one before, so the owner may take its offer back.
 */
export interface HandOver<Name, Item> {
  /** Read consistently. */
  isOwned(name: Name, by: Tenure): Promise<boolean>;
  /** What its card has accepted so far. False: it is another's. */
  noteSequence(name: Name, owner: Tenure, accepted: SequenceRecord): Promise<boolean>;
  /** False: it is another's by now. The same holds for `recall`. */
  offer(name: Name, owner: Tenure): Promise<boolean>;
  recall(name: Name, owner: Tenure): Promise<boolean>;
  /** False: not on offer any more, or another is before us. */
  succeed(item: Item, successor: Tenure): Promise<boolean>;
  /** False: the offer was taken back. */
  complete(item: Item, successor: Tenure): Promise<boolean>;
}

export interface TrunkName {
  readonly tenantId: TenantId;
  readonly trunkId: TrunkId;
}

export interface TrunkStore extends HandOver<TrunkName, TrunkItem> {
  /** All trunks of all tenants, read through the index. */
  list(): Promise<readonly TrunkItem[]>;
  /**
   * Takes the trunk if nobody owns it, or its owner's epoch is over, and gives it `instanceId`
   * unless it has one. Undefined: another was first, or its owner lives.
   */
  claim(name: TrunkName, by: Tenure, instanceId: string): Promise<TrunkItem | undefined>;
  /** What the last 200 to our own REGISTER said; only its owner may write it. */
  reportUp(name: TrunkName, owner: Tenure, implicitSet: readonly Impu[]): Promise<void>;
  reportDown(name: TrunkName, owner: Tenure): Promise<void>;
  /** Gives the trunk back at shutdown. */
  release(name: TrunkName, owner: Tenure): Promise<void>;
}

export interface RegistrationName {
  readonly tenantId: TenantId;
  readonly impu: Impu;
}

/** Options 2 and 3: what another node needs to go on with a registration (REG-10). */
export interface RegistrationStore extends HandOver<RegistrationName, RegistrationItem> {
  /** Read consistently. */
  get(name: RegistrationName): Promise<RegistrationItem | undefined>;
  /** Also in place of one of the same owner. False: another owns it. */
  create(registration: RegistrationItem): Promise<boolean>;
  /** Takes one whose owner's epoch is over. False: another was first. */
  claim(registration: RegistrationItem, by: Tenure): Promise<boolean>;
  /** In the index by owner; `shard` from 0 to `OWNER_SHARDS`. */
  ownedBy(node: NodeId, shard: number): Promise<readonly RegistrationItem[]>;
  /** Only its owner ends it, and the sealed secret with it. */
  end(
    registration: RegistrationName & Pick<RegistrationItem, 'instanceId'>,
    owner: Tenure,
  ): Promise<void>;
}

/** What sessions share: a client's own registration, or a trunk. */
export type Shared = RegistrationName | TrunkName;

export interface MemberStore {
  add(of: Shared, member: MemberItem): Promise<void>;
  remove(of: Shared, session: SessionId): Promise<void>;
  list(of: Shared): Promise<readonly MemberItem[]>;
}

export interface BindingStore {
  /** The user an IMPU is bound to, if any; one that was released is nobody's. */
  byImpu(tenant: TenantId, impu: Impu): Promise<BindingItem | undefined>;
  /** Notes that its user was here; without effect where there is no such binding. */
  touch(tenant: TenantId, userName: string, atMs: number): Promise<void>;
}

/** A user, as one logs in under one option. */
export interface Subscriber {
  readonly tenantId: TenantId;
  readonly option: RegistrationOption;
  readonly userName: string;
}

/** Where calls go that do not reach their user. */
export interface ForwardingStore {
  get(user: Subscriber): Promise<ForwardingSettings | undefined>;
  /** In the place of what was; without any target there is nothing more. */
  put(user: Subscriber, targets: ForwardingSettings): Promise<void>;
}

/** Whose a session is. */
export interface SessionOwner {
  readonly tenantId: TenantId;
  readonly sessionId: SessionId;
}

export interface SessionStore {
  /**
   * Keeps an event for replay; idempotent in (session, seq). False: another node has used the
   * number, and the event needs the next.
   */
  appendEvent(event: StoredEvent): Promise<boolean>;
  /** The highest seq stored, 0 for none; asked when a node takes a session on. */
  lastSeq(session: SessionId): Promise<number>;
  /** Moves a live session to its new node; undefined where it has ended or moved already. */
  adopt(session: SessionId, from: NodeId, to: Tenure): Promise<SessionItem | undefined>;
  /** Forgets the connection unless a newer one has attached. */
  detach(session: SessionId, connection: ConnectionId): Promise<void>;
  /** Ends a session of this node; one that has moved goes on. */
  end(session: SessionId, owner: Tenure): Promise<void>;
}

export interface StoredEvent {
  readonly owner: SessionOwner;
  readonly seq: number;
  readonly json: string;
  readonly writer: Tenure;
}

export type NodeRenewal = Pick<NodeItem, 'leaseUntilMs' | 'used' | 'registrations' | 'state'>;

export interface NodeRegistry {
  announce(node: NodeItem): Promise<void>;
  /** One write a beat; throws `store.failed` when the lease could not be renewed. */
  renew(node: Tenure, facts: NodeRenewal): Promise<void>;
  /** Every node there is, dead ones too, until they are forgotten. */
  list(): Promise<readonly NodeItem[]>;
  /**
   * Says of a node whose lease has lapsed that this epoch is over; it can never renew it again, so
   * that what it kept may be claimed item by item. False: its lease lives.
   */
  bury(node: Tenure): Promise<boolean>;
  /** A dead node of which nothing is left. */
  forget(node: Tenure): Promise<void>;
  withdraw(node: Tenure): Promise<void>;
}

/** What is left of a tenant's month, or what is not. */
export type Admission = 'admitted' | 'calls' | 'minutes';

export interface CallStore {
  /** Counts one attempt against the quota, unless that is used up: then what of it is. */
  admit(tenant: TenantId, quota: CallQuota): Promise<Admission>;
  begin(call: CallItem): Promise<void>;
  answered(call: CallItem): Promise<void>;
  /**
   * Writes the record of an attempt and adds it to its tenant's usage, both or neither and once; also
   * of one that never began, or whose node died. False: it has its record already.
   */
  end(record: CallRecord): Promise<boolean>;
  /** Those of a node that have not ended, through the index. */
  liveOn(node: NodeId): Promise<readonly CallItem[]>;
}

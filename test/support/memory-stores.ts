import type { EventItem, NodeItem, TrunkItem } from '@isthmus/shared/store/items';
import type { RegistrationItem } from '@isthmus/shared/store/registration-items';
import type { AttemptCounter } from '../../functions/src/ports/attempt-counter.ts';
import type { BindingStore } from '../../functions/src/ports/binding-store.ts';
import type { CallLog } from '../../functions/src/ports/call-log.ts';
import type { Clock } from '../../functions/src/ports/clock.ts';
import type { ConnectionStore } from '../../functions/src/ports/connection-store.ts';
import type { TenantStore, TrunkStore, UserStore } from '../../functions/src/ports/directory.ts';
import type { IdentityStore } from '../../functions/src/ports/identity-store.ts';
import type { NodeDirectory } from '../../functions/src/ports/node-directory.ts';
import type { RegistrationDirectory } from '../../functions/src/ports/registration-directory.ts';
import type { RequestJournal } from '../../functions/src/ports/request-journal.ts';
import type { SessionStore } from '../../functions/src/ports/session-store.ts';
import type { TokenStore } from '../../functions/src/ports/token-store.ts';
import type { UsageReader } from '../../functions/src/ports/usage-reader.ts';
import type { UserQuota } from '../../functions/src/ports/user-quota.ts';
import { MemoryBindingStore } from './memory-binding-store.ts';
import { MemoryCallLog, MemoryUserQuota } from './memory-call-log.ts';
import { MemoryConnectionStore } from './memory-connection-store.ts';
import { MemoryTenantStore, MemoryTrunkStore, MemoryUserStore } from './memory-directory.ts';
import { MemoryIdentityStore } from './memory-identity-store.ts';
import { MemoryNodeDirectory } from './memory-node-directory.ts';
import { MemoryRegistrationDirectory } from './memory-registration-directory.ts';
import { MemoryAttemptCounter, MemoryRequestJournal } from './memory-request-stores.ts';
import { MemorySessionStore } from './memory-session-store.ts';
import { MemoryTokenStore } from './memory-token-store.ts';

/** Every store of the functions, over one clock. */
export interface Stores {
  readonly tenants: TenantStore;
  readonly trunks: TrunkStore;
  readonly users: UserStore;
  readonly bindings: BindingStore;
  readonly identities: IdentityStore;
  readonly tokens: TokenStore;
  readonly connections: ConnectionStore;
  readonly sessions: SessionStore;
  readonly nodes: NodeDirectory;
  readonly registrations: RegistrationDirectory;
  readonly attempts: AttemptCounter;
  readonly journal: RequestJournal;
  readonly callLog: CallLog;
  readonly usage: UsageReader;
  readonly userQuota: UserQuota;
}

/** What the media nodes write, and a test writes in their place. */
export interface NodeWrites {
  announce(node: NodeItem): Promise<void>;
  keep(registration: RegistrationItem): Promise<void>;
  appendEvent(session: string, event: EventItem): Promise<void>;
  reportTrunk(
    trunk: Pick<TrunkItem, 'tenantId' | 'trunkId' | 'state' | 'implicitSet'> & { owner: string },
  ): Promise<void>;
}

export function createMemoryStores(clock: Clock) {
  const callLog = new MemoryCallLog();
  const trunks = new MemoryTrunkStore();
  const sessions = new MemorySessionStore(clock);
  const nodes = new MemoryNodeDirectory(clock);
  const registrations = new MemoryRegistrationDirectory();
  const stores = {
    tenants: new MemoryTenantStore(),
    trunks,
    users: new MemoryUserStore(),
    bindings: new MemoryBindingStore(clock),
    identities: new MemoryIdentityStore(clock),
    tokens: new MemoryTokenStore(clock),
    connections: new MemoryConnectionStore(clock),
    sessions,
    nodes,
    registrations,
    attempts: new MemoryAttemptCounter(),
    journal: new MemoryRequestJournal(),
    callLog,
    usage: callLog,
    userQuota: new MemoryUserQuota(clock),
  } satisfies Stores;
  const nodeWrites: NodeWrites = {
    announce: (node) => nodes.announce(node),
    keep: (registration) => registrations.put(registration),
    appendEvent: (session, event) => sessions.appendEvent(session, event),
    reportTrunk: (trunk) => trunks.report(trunk),
  };
  return { stores, nodeWrites };
}

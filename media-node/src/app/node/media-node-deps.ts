import type { NodeId } from '@isthmus/shared/domain/ids';
import type { CallMediaFactory } from '../../ports/call-media.ts';
import type { ClientPush } from '../../ports/client-push.ts';
import type { SteadyClock } from '../../ports/clock.ts';
import type { Ids } from '../../ports/ids.ts';
import type { Log } from '../../ports/log.ts';
import type { Metrics } from '../../ports/metrics.ts';
import type { SipAccounts } from '../../ports/sip-accounts.ts';
import type {
  BindingStore,
  CallStore,
  ForwardingStore,
  MemberStore,
  NodeRegistry,
  RegistrationStore,
  SessionStore,
  TenantStore,
  TrunkStore,
} from '../../ports/stores.ts';
import type { CallTrace } from '../../ports/trace.ts';
import type { TurnCredentials } from '../../ports/turn-credentials.ts';
import type { Unsealer } from '../../ports/unsealer.ts';

export interface MediaNodeDeps {
  readonly accounts: SipAccounts;
  readonly media: CallMediaFactory;
  readonly push: ClientPush;
  readonly unsealer: Unsealer;
  readonly turn: TurnCredentials;
  readonly tenants: TenantStore;
  readonly trunks: TrunkStore;
  readonly registrations: RegistrationStore;
  readonly members: MemberStore;
  readonly bindings: BindingStore;
  readonly forwardings: ForwardingStore;
  readonly sessions: SessionStore;
  readonly calls: CallStore;
  readonly registry: NodeRegistry;
  readonly clock: SteadyClock;
  readonly ids: Ids;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly trace?: CallTrace | undefined;
}

export interface MediaNodeOptions {
  readonly nodeId: NodeId;
  readonly capacity: number;
  /** Of clients' own registrations. */
  readonly registrationCapacity: number;
  readonly probeMs: number;
  readonly stunUrl: string;
}

import type { ControlCommand } from '@isthmus/shared/control/commands';
import { type Impu, type NodeId, tenantId } from '@isthmus/shared/domain/ids';
import { viewOf } from '@isthmus/shared/errors/error-view';
import type { BindingItem, NodeItem, TrunkItem } from '@isthmus/shared/store/items';
import { aliasesOf } from '../../core/sip/identity.ts';
import type { CallMediaFactory } from '../../ports/call-media.ts';
import type { ClientPush } from '../../ports/client-push.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Ids } from '../../ports/ids.ts';
import type { Log } from '../../ports/log.ts';
import type { Metrics } from '../../ports/metrics.ts';
import type { IncomingInvite, SipAccounts } from '../../ports/sip-accounts.ts';
import type {
  BindingStore,
  CallStore,
  NodeRegistry,
  SessionStore,
  TenantStore,
  TrunkStore,
} from '../../ports/stores.ts';
import type { Unsealer } from '../../ports/unsealer.ts';
import { CallDesk } from '../calls/call-desk.ts';
import { OwnRegistrations } from '../registrations/own-registrations.ts';
import { Trunks } from '../registrations/trunks.ts';
import { registrationEvent, type Session, tell } from '../sessions/session.ts';
import { Sessions } from '../sessions/sessions.ts';
import { type ControlDesk, createControlDesk } from './control-desk.ts';
import { Lease } from './lease.ts';

export interface MediaNodeDeps {
  readonly accounts: SipAccounts;
  readonly media: CallMediaFactory;
  readonly push: ClientPush;
  readonly unsealer: Unsealer;
  readonly tenants: TenantStore;
  readonly trunks: TrunkStore;
  readonly bindings: BindingStore;
  readonly sessions: SessionStore;
  readonly calls: CallStore;
  readonly registry: NodeRegistry;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly metrics: Metrics;
}

export interface MediaNodeOptions {
  readonly nodeId: NodeId;
  readonly capacity: number;
  readonly probeMs: number;
  readonly stunUrl: string;
}

/** The stateful part of Isthmus: registrations and calls, between IMS and the browsers. */
export class MediaNode {
  readonly #deps: MediaNodeDeps;
  readonly #sessions: Sessions;
  readonly #own: OwnRegistrations;
  readonly #trunks: Trunks;
  readonly #calls: CallDesk;
  readonly #lease: Lease;
  readonly #desk: ControlDesk;

  constructor(deps: MediaNodeDeps, options: MediaNodeOptions) {
    this.#deps = deps;
    this.#sessions = new Sessions(deps, { probeMs: options.probeMs });
    this.#calls = new CallDesk({ ...deps, nodeId: options.nodeId }, options);
    this.#own = new OwnRegistrations({
      ...deps,
      sessions: this.#sessions,
      onIncoming: (invite, devices) => {
        this.#alert(invite, devices);
      },
    });
    this.#trunks = new Trunks(
      {
        ...deps,
        onIncoming: (trunk, invite) => {
          void this.#alertBound(trunk, invite);
        },
        onBarred: (session) => {
          const error = viewOf('registration.identity-barred');
          tell(session, registrationEvent(session, 'failed', { error }));
          this.#sessions.end(session, 'de-registered-by-network');
        },
      },
      options.nodeId,
    );
    this.#lease = new Lease({ ...deps, used: () => this.#calls.used }, options);
    this.#sessions.onEnded = (session) => {
      this.#calls.leave(session);
      this.#own.leave(session);
      this.#trunks.leave(session);
      if (session.option === 'ip-pbx') this.#wasHere(session);
    };
    this.#desk = createControlDesk({
      tenants: deps.tenants,
      sessions: this.#sessions,
      own: this.#own,
      trunks: this.#trunks,
      calls: this.#calls,
      stunUrl: options.stunUrl,
    });
  }

  /** What the control channel hands in. */
  command(command: ControlCommand): Promise<Record<string, unknown>> {
    return this.#desk(command);
  }

  /** Enters the registry and takes on what nobody owns. */
  async start(item: Omit<NodeItem, 'leaseUntilMs' | 'used' | 'state'>): Promise<void> {
    await this.#lease.begin(item);
    await this.#trunks.claim();
  }

  /** Resolves when the trunks it took on are up, or are known to be down. */
  settled(): Promise<void> {
    return this.#trunks.settled();
  }

  /** Whether a call that came now would be taken. */
  get hasRoom(): boolean {
    return this.#calls.hasRoom;
  }

  get activeCalls(): number {
    return this.#calls.used;
  }

  /** Takes no new calls; those that live go on. */
  async drain(): Promise<void> {
    this.#calls.drain();
    await this.#lease.drain();
  }

  /** Releases calls, de-registers everything in IMS, leaves the registry. */
  async stop(): Promise<void> {
    this.#calls.drain();
    await this.#sessions.close();
    await Promise.all([this.#own.close(), this.#trunks.close()]);
    await this.#deps.accounts.close();
    await this.#lease.end();
  }

  /** From now on the binding is idle, which may cost the user the identity in the end (REG-1). */
  #wasHere({ tenantId: tenant, userName }: Session): void {
    const { bindings, clock, log } = this.#deps;
    bindings.touch(tenant, userName, clock.nowMs()).catch((cause: unknown) => {
      log.error('the use of a binding could not be noted', { tenant, cause });
    });
  }

  #alert(invite: IncomingInvite, devices: readonly Session[]): void {
    const account = devices[0]?.line?.account;
    if (account) this.#calls.alert(invite, account, devices);
    else this.#calls.refuse(invite, 'unavailable');
  }

  /** Option 1: the IMPU that was called names the user by the durable binding. */
  async #alertBound(trunk: TrunkItem, invite: IncomingInvite): Promise<void> {
    const tenant = tenantId(trunk.tenantId);
    try {
      const binding = await this.#bindingOf(trunk, invite.calledImpu);
      if (!binding) {
        this.#calls.refuse(invite, 'not-found');
        return;
      }
      const devices = this.#sessions.find(
        (session) =>
          session.tenantId === tenant &&
          session.option === 'ip-pbx' &&
          session.userName === binding.userName,
      );
      this.#alert(invite, devices);
    } catch (cause) {
      this.#deps.log.error('binding could not be read', { tenant, cause });
      this.#calls.refuse(invite, 'internal-error');
    }
  }
  async #bindingOf(trunk: TrunkItem, called: Impu): Promise<BindingItem | undefined> {
    const homeDomain = trunk.impu.slice(trunk.impu.indexOf('@') + 1);
    for (const alias of aliasesOf(called, homeDomain)) {
      const binding = await this.#deps.bindings.byImpu(tenantId(trunk.tenantId), alias);
      if (binding) return binding;
    }
    return undefined;
  }
}

import { type Impu, impi, impu, type NodeId, tenantId, trunkId } from '@isthmus/shared/domain/ids';
import { isInSet } from '@isthmus/shared/domain/wildcard-impu';
import { IwfError } from '@isthmus/shared/errors/iwf-error';
import type { TrunkItem } from '@isthmus/shared/store/items';
import type { Clock } from '../../ports/clock.ts';
import type { Ids } from '../../ports/ids.ts';
import type { Log } from '../../ports/log.ts';
import type {
  IncomingInvite,
  SipAccount,
  SipAccountEvent,
  SipAccounts,
} from '../../ports/sip-accounts.ts';
import type { TenantStore, TrunkStore } from '../../ports/stores.ts';
import type { Unsealer } from '../../ports/unsealer.ts';
import { registrationEvent, type Session, tell } from '../sessions/session.ts';
import { imsSecretOf } from './ims-secret.ts';

export interface TrunksDeps {
  readonly accounts: SipAccounts;
  readonly unsealer: Unsealer;
  readonly tenants: TenantStore;
  readonly trunks: TrunkStore;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly onIncoming: (trunk: TrunkItem, invite: IncomingInvite) => void;
  /** The network grants the identity of this session no more. */
  readonly onBarred: (session: Session) => void;
}

interface Trunk {
  readonly item: TrunkItem;
  readonly account: SipAccount;
  /** Sessions whose identity is bound to it. */
  readonly members: Map<Session, Impu>;
  /** Its first registration is through, or has failed, and functions can read which. */
  readonly settle: () => void;
  isUp: boolean;
}

/** How soon an orphaned trunk, or one just provisioned, finds a node. */
const CLAIM_EVERY_MS = 5_000;

/** Option 1: the IWF's own registrations as IP-PBX, each on one node (REG-1). */
export class Trunks {
  readonly #deps: TrunksDeps;
  readonly #node: NodeId;
  readonly #byId = new Map<string, Trunk>();
  #stopClaiming: () => void = () => undefined;
  #closed = false;
  readonly #settling: Promise<void>[] = [];

  constructor(deps: TrunksDeps, node: NodeId) {
    this.#deps = deps;
    this.#node = node;
  }

  /** Claims what nobody owns, now and from now on. */
  async claim(): Promise<void> {
    try {
      for (const item of await this.#deps.trunks.list()) await this.#tryToClaim(item);
    } catch (cause) {
      this.#deps.log.warn('trunks could not be claimed', { cause });
    }
    if (this.#closed) return;
    this.#stopClaiming = this.#deps.clock.after(CLAIM_EVERY_MS, () => void this.claim());
  }

  /** Resolves when every trunk claimed so far is up, or is known to be down. */
  async settled(): Promise<void> {
    await Promise.all(this.#settling);
  }

  /** Puts a session on the trunk its identity is bound to. */
  join(session: Session, bound: { readonly impu: string; readonly trunkId: string }): void {
    const trunk = this.#byId.get(idOf(session.tenantId, bound.trunkId));
    if (!trunk?.isUp) throw new IwfError('registration.trunk-down', { trunkId: bound.trunkId });
    const identity = impu(bound.impu);
    trunk.members.set(session, identity);
    session.line = { account: trunk.account, identity };
    tell(session, registrationEvent(session, 'registered', { impu: identity }));
  }

  /** Only this user becomes unreachable; the trunk and the durable binding stay (REG-10). */
  leave(session: Session): void {
    for (const { members } of this.#byId.values()) members.delete(session);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#stopClaiming();
    await Promise.all([...this.#byId.values()].map((trunk) => this.#giveBack(trunk)));
    this.#byId.clear();
  }

  async #giveBack({ account, item }: Trunk): Promise<void> {
    await account.deregister();
    await this.#deps.trunks.release(tenantId(item.tenantId), trunkId(item.trunkId), this.#node);
  }

  /** What is wrong with one trunk is no concern of the others. */
  async #tryToClaim(item: TrunkItem): Promise<void> {
    try {
      await this.#claimOne(item);
    } catch (cause) {
      const { tenantId: tenant, trunkId: id } = item;
      this.#deps.log.error('trunk could not be claimed', { tenant, trunkId: id, cause });
    }
  }

  async #claimOne(item: TrunkItem): Promise<void> {
    const tenant = tenantId(item.tenantId);
    const id = idOf(tenant, item.trunkId);
    if (this.#byId.has(id)) return;
    if (!(await this.#deps.trunks.claim(tenant, trunkId(item.trunkId), this.#node))) return;
    const { ims } = await this.#deps.tenants.get(tenant);
    const context = { tenant, purpose: 'ims', subject: item.impi } as const;
    const secret = await this.#deps.unsealer.unseal(item.sealedPassword, context);
    const account = this.#deps.accounts.open(
      {
        tenant,
        impu: impu(item.impu),
        impi: impi(item.impi),
        secret: imsSecretOf(item.secretKind, secret),
        access: ims,
        instanceId: `urn:uuid:${this.#deps.ids.uuid()}`,
      },
      (event) => {
        this.#happened(trunk, event);
      },
    );
    const { promise, resolve: settle } = Promise.withResolvers<void>();
    const trunk: Trunk = { item, account, members: new Map(), settle, isUp: false };
    this.#settling.push(promise);
    this.#byId.set(id, trunk);
    account.register();
  }

  #happened(trunk: Trunk, event: SipAccountEvent): void {
    switch (event.kind) {
      case 'registered':
        this.#up(trunk, event.implicitSet);
        return;
      case 'refused':
        this.#deps.log.error('IMS refused a trunk', {
          tenant: trunk.item.tenantId,
          trunkId: trunk.item.trunkId,
          status: event.status,
        });
        this.#down(trunk);
        return;
      case 'lost':
      case 'unregistered':
        this.#down(trunk);
        return;
      case 'incoming':
        this.#deps.onIncoming(trunk.item, event.invite);
    }
  }

  /** A refresh also comes as `registered`: the members are told only of a change. */
  #up(trunk: Trunk, implicitSet: readonly Impu[]): void {
    if (!trunk.isUp) {
      for (const [session, identity] of trunk.members) {
        tell(session, registrationEvent(session, 'registered', { impu: identity }));
      }
    }
    trunk.isUp = true;
    this.#report(trunk, implicitSet);
    for (const [session, identity] of [...trunk.members]) {
      if (!isInSet(implicitSet, identity)) this.#deps.onBarred(session);
    }
  }

  #down(trunk: Trunk): void {
    trunk.isUp = false;
    for (const session of trunk.members.keys()) {
      tell(session, registrationEvent(session, 'registering'));
    }
    this.#report(trunk, undefined);
  }

  #report({ item, settle }: Trunk, implicitSet: readonly Impu[] | undefined): void {
    const { log, trunks } = this.#deps;
    const tenant = tenantId(item.tenantId);
    const id = trunkId(item.trunkId);
    const written = implicitSet
      ? trunks.reportUp(tenant, id, this.#node, implicitSet)
      : trunks.reportDown(tenant, id, this.#node);
    written
      .catch((cause: unknown) => {
        log.error('trunk state could not be written', { tenant, trunkId: id, cause });
      })
      .finally(settle);
  }
}

const idOf = (tenant: string, trunk: string): string => `${tenant}|${trunk}`;

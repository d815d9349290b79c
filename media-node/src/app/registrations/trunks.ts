import { type Impu, impu, type NodeId, nodeId, trunkId } from '@isthmus/shared/domain/ids';
import { isInSet } from '@isthmus/shared/domain/wildcard-impu';
import { IwfError } from '@isthmus/shared/errors/iwf-error';
import type { NodeItem, TrunkItem } from '@isthmus/shared/store/items';
import type { SipAccount, SipAccountEvent } from '../../ports/sip-accounts.ts';
import type { Tenure } from '../../ports/stores.ts';
import type { Adopted } from '../sessions/adoption.ts';
import type { Session } from '../sessions/session.ts';
import { completed, type Gift, giftOf, noOffer } from './gift.ts';
import { keepSequence, openAccount } from './open-account.ts';
import { releaseWhenUp } from './orphaned-calls.ts';
import { Revival } from './revival.ts';
import {
  asProvisioned,
  bulkOf,
  type Instance,
  idOf,
  lookAfter,
  nameOf,
  report,
  type Trunk,
  tellMember,
  tellMembers,
} from './trunk.ts';
import type { TrunksDeps } from './trunks-deps.ts';

/** Option 1: the IWF's own registrations as IP-PBX, each on one node (REG-1). */
export class Trunks {
  readonly #deps: TrunksDeps;
  readonly #byId = new Map<string, Trunk>();
  readonly #settling: Promise<void>[] = [];

  constructor(deps: TrunksDeps) {
    this.#deps = deps;
  }

  /** Claims what nobody owns, and succeeds to what is offered; `nodes` are all there are. */
  async claim(nodes: readonly NodeItem[]): Promise<void> {
    for (const item of await this.#deps.trunks.list()) {
      const known = this.#byId.get(idOf(nameOf(item)));
      if (known) {
        await this.#tryTo(item, () => lookAfter(this.#deps, known, item));
        continue;
      }
      const owner = nodes.find((it) => it.nodeId === item.owner && it.epoch === item.ownerEpoch);
      const isAlive = owner !== undefined && owner.leaseUntilMs > this.#deps.clock.nowMs();
      const isOthers = isAlive && owner.nodeId !== this.#deps.tenure().nodeId;
      await this.#tryTo(item, () => (isOthers ? this.#succeed(item) : this.#claimOne(item)));
    }
  }

  /** Whether a trunk of the list is that node's still. */
  async ownsAny({ epoch, nodeId: owner }: Tenure): Promise<boolean> {
    const all = await this.#deps.trunks.list();
    return all.some((it) => it.owner === owner && it.ownerEpoch === epoch);
  }

  /** Resolves when every trunk claimed so far is up, or is known to be down. */
  async settled(): Promise<void> {
    await Promise.all(this.#settling);
  }

  /** Puts a session on the trunk its identity is bound to. */
  async join(
    session: Session,
    bound: { readonly impu: string; readonly trunkId: string },
  ): Promise<void> {
    const { tenantId: tenant } = session;
    const trunk = this.#byId.get(idOf({ tenantId: tenant, trunkId: trunkId(bound.trunkId) }));
    if (!trunk?.isUp) throw new IwfError('registration.trunk-down', { trunkId: bound.trunkId });
    const { sessionId } = session;
    const member = { tenantId: tenant, sessionId, impu: bound.impu };
    await this.#deps.members.add(trunk.name, member);
    this.#add(trunk, session, impu(bound.impu));
  }

  /** Only this user becomes unreachable; the trunk and the durable binding stay (REG-10). */
  leave(session: Session): void {
    for (const { members, name } of this.#byId.values()) {
      if (!members.delete(session)) continue;
      this.#deps.members.remove(name, session.sessionId).catch((cause: unknown) => {
        this.#deps.log.error('a device could not be forgotten', { tenant: name.tenantId, cause });
      });
    }
  }

  gifts(): readonly Gift[] {
    const own = [...this.#byId.values()].filter((it) => it.early === undefined);
    return own.map((trunk) => this.#gift(trunk));
  }

  /** Without a word to IMS: another node registers, or the store is out of reach. */
  abandon(): void {
    for (const trunk of [...this.#byId.values()]) this.#drop(trunk);
  }

  /** Those that are being registered beside their owner stay the owner's. */
  dropSuccessions(): void {
    for (const trunk of [...this.#byId.values()]) if (trunk.early !== undefined) this.#drop(trunk);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#byId.values()].map((trunk) => this.#giveBack(trunk)));
    this.#byId.clear();
  }

  async #giveBack({ account, name, revival }: Trunk): Promise<void> {
    revival.take({ kind: 'close-wanted' });
    await account.deregister();
    await this.#deps.trunks.release(name, this.#deps.tenure());
  }

  /** What is wrong with one trunk is no concern of the others. */
  async #tryTo(item: TrunkItem, take: () => Promise<void>): Promise<void> {
    try {
      await take();
    } catch (cause) {
      this.#deps.log.error('trunk could not be claimed', { ...nameOf(item), cause });
    }
  }

  async #claimOne(found: TrunkItem): Promise<void> {
    const { adoption, ids, tenure, trunks } = this.#deps;
    const { owner } = found;
    const name = nameOf(found);
    const item = await trunks.claim(name, tenure(), `urn:uuid:${ids.uuid()}`);
    if (!item) return;
    const trunk = await this.#register(item);
    if (owner === undefined) return;
    const former = nodeId(owner);
    const calls = await this.#deps.calls.liveOn(former);
    const adopted = await adoption.bring(name, { nodeId: former, calls });
    this.#adopt(trunk, adopted);
    releaseWhenUp(trunk, { calls, sessions: adopted.map(({ session }) => session) });
  }

  async #succeed(item: TrunkItem): Promise<void> {
    const { owner } = item;
    if (!item.isOffered || owner === undefined) return;
    if (!(await this.#deps.trunks.succeed(item, this.#deps.tenure()))) return;
    await this.#register(item, nodeId(owner));
  }

  async #complete(trunk: Trunk, from: NodeId): Promise<void> {
    const { adoption, clock, log, tenure, trunks } = this.#deps;
    const { item, name } = trunk;
    const isWanted = async () => {
      const all = await trunks.list();
      const now = all.find((it) => idOf(nameOf(it)) === idOf(name));
      return this.#byId.get(idOf(name)) === trunk && now?.successor === tenure().nodeId;
    };
    const complete = () => trunks.complete(item, tenure());
    const refuseEarly = () => {
      for (const invite of trunk.early?.splice(0) ?? []) this.#deps.onIncoming(item, invite);
    };
    try {
      if (!(await completed({ clock, complete, isWanted, refuseEarly }))) {
        this.#drop(trunk);
        return;
      }
      trunk.account.standAlone();
      this.#adopt(trunk, await adoption.bring(name, { nodeId: from, calls: [] }));
    } catch (cause) {
      log.error('a trunk could not be succeeded to', { ...name, cause });
    }
    const early = trunk.early ?? [];
    trunk.early = undefined;
    for (const invite of early) this.#deps.onIncoming(item, invite);
  }

  /** Beside the node that has it still, if there is one. */
  async #register(found: TrunkItem, beside?: NodeId): Promise<Trunk> {
    const instanceId = found.instanceId ?? `urn:uuid:${this.#deps.ids.uuid()}`;
    const item = { ...found, instanceId };
    const account = await this.#open(item, () => trunk);
    const { promise, resolve: settle } = Promise.withResolvers<void>();
    const trunk: Trunk = {
      ...{ item, name: nameOf(item), account, settle, members: new Map<Session, Impu>() },
      ...{ early: undefined, onRegistered: undefined, offer: noOffer(), isUp: false },
      releasedAtMs: item.releasedAtMs,
      revival: new Revival(this.#deps, () => void this.#again(trunk)),
    };
    if (beside !== undefined) {
      trunk.early = [];
      trunk.onRegistered = () => void this.#complete(trunk, beside);
    }
    this.#settling.push(promise);
    this.#byId.set(idOf(trunk.name), trunk);
    account.register(trunk.early && 'beside');
    return trunk;
  }

  #open(item: Instance, trunk: () => Trunk): Promise<SipAccount> {
    const keep = keepSequence(this.#deps, this.#deps.trunks, nameOf(item));
    const subscription = { ...item, bulk: bulkOf(item), keepSequence: keep };
    return openAccount(this.#deps, subscription, (event) => {
      this.#happened(trunk(), event);
    });
  }

  async #again(trunk: Trunk): Promise<void> {
    try {
      const item = await asProvisioned(this.#deps.trunks, trunk);
      const account = await this.#open(item, () => trunk);
      if (this.#byId.get(idOf(trunk.name)) !== trunk) {
        account.close();
        return;
      }
      Object.assign(trunk, { item, account });
      account.register();
    } catch (cause) {
      this.#deps.log.error('a trunk could not be registered again', { ...trunk.name, cause });
      trunk.revival.take({ kind: 'registration-over' });
    }
  }

  #adopt(trunk: Trunk, adopted: readonly Adopted[]): void {
    for (const { member, session } of adopted) this.#add(trunk, session, impu(member.impu));
  }

  #add(trunk: Trunk, session: Session, identity: Impu): void {
    trunk.members.set(session, identity);
    tellMember(trunk, session, identity);
  }

  #happened(trunk: Trunk, event: SipAccountEvent): void {
    switch (event.kind) {
      case 'registered':
        this.#up(trunk, event.implicitSet);
        return;
      case 'refused':
        this.#deps.log.error('IMS refused a trunk', { ...trunk.name, status: event.status });
        this.#over(trunk, event.kind);
        return;
      case 'unregistered':
        this.#deps.log.error('IMS ended the registration of a trunk', { ...trunk.name });
        this.#over(trunk, event.kind);
        return;
      case 'lost':
        this.#down(trunk);
        return;
      case 'incoming':
        if (trunk.early) trunk.early.push(event.invite);
        else this.#deps.onIncoming(trunk.item, event.invite);
        return;
      case 'message':
        this.#deps.onMessage(trunk.item, event.message);
    }
  }

  /** A refresh also comes as `registered`: the members are told only of a change. */
  #up(trunk: Trunk, implicitSet: readonly Impu[]): void {
    const { onRegistered } = trunk;
    trunk.onRegistered = undefined;
    trunk.revival.take({ kind: 'registered' });
    const isNews = !trunk.isUp;
    trunk.isUp = true;
    if (isNews) tellMembers(trunk);
    onRegistered?.();
    report(this.#deps, trunk, implicitSet);
    for (const [session, identity] of [...trunk.members]) {
      if (!isInSet(implicitSet, identity)) this.#deps.onBarred(session);
    }
  }

  /** Its account is no more; another one is to come. */
  #over(trunk: Trunk, why: 'refused' | 'unregistered'): void {
    this.#deps.metrics.count('trunks_down', { why });
    for (const session of trunk.members.keys()) session.line = undefined;
    this.#down(trunk);
    trunk.revival.take({ kind: 'registration-over' });
  }

  #down(trunk: Trunk): void {
    trunk.isUp = false;
    tellMembers(trunk);
    report(this.#deps, trunk, undefined);
  }

  #drop(trunk: Trunk): void {
    const id = idOf(trunk.name);
    if (this.#byId.get(id) === trunk) this.#byId.delete(id);
    trunk.revival.take({ kind: 'close-wanted' });
    trunk.account.close();
    trunk.settle();
  }

  #gift(trunk: Trunk): Gift {
    const { sessions, tenure, trunks } = this.#deps;
    const { members, name } = trunk;
    return giftOf({
      ...{ name, tenure, kept: trunk.offer, store: trunks, sessions: [...members.keys()] },
      release: () => {
        for (const session of members.keys()) sessions.release(session);
        this.#drop(trunk);
      },
    });
  }
}

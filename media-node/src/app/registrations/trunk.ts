import { type Impu, impu, tenantId, trunkId } from '@isthmus/shared/domain/ids';
import type { TrunkItem } from '@isthmus/shared/store/items';
import type { BulkRegistration } from '../../core/registration/bulk.ts';
import type { Log } from '../../ports/log.ts';
import type { IncomingInvite, SipAccount } from '../../ports/sip-accounts.ts';
import type { BindingStore, Tenure, TrunkName, TrunkStore } from '../../ports/stores.ts';
import { registrationEvent, type Session, tell } from '../sessions/session.ts';
import type { Offer } from './gift.ts';
import type { Revival } from './revival.ts';

/** A trunk, as this node has it. */
export interface Trunk {
  item: Instance;
  readonly name: TrunkName;
  /** Another one after the network has ended it. */
  account: SipAccount;
  readonly revival: Revival;
  /** Sessions whose identity is bound to it. */
  readonly members: Map<Session, Impu>;
  /** Its first registration is through, or has failed, and functions can read which. */
  readonly settle: () => void;
  /** Registered beside its owner: what IMS sends here already waits for the members to come. */
  early: IncomingInvite[] | undefined;
  onRegistered: (() => void) | undefined;
  /** To the other nodes, since this one drains. */
  readonly offer: Offer;
  isUp: boolean;
  /** Of its item, when its members were last looked at. */
  releasedAtMs: number | undefined;
}

export interface MemberWatch {
  readonly bindings: Pick<BindingStore, 'byImpu'>;
  readonly onTaken: (session: Session) => void;
}

/** An operator has taken identities of it since: whose is another's by now, or nobody's, has none. */
export async function lookAfter(
  { bindings, onTaken }: MemberWatch,
  trunk: Pick<Trunk, 'members' | 'name' | 'releasedAtMs'>,
  { releasedAtMs }: TrunkItem,
): Promise<void> {
  if (releasedAtMs === trunk.releasedAtMs) return;
  for (const [session, identity] of [...trunk.members]) {
    const binding = await bindings.byImpu(trunk.name.tenantId, identity);
    if (binding?.userName !== session.userName) onTaken(session);
  }
  trunk.releasedAtMs = releasedAtMs;
}

export function tellMember(
  { account, isUp }: Pick<Trunk, 'account' | 'isUp'>,
  session: Session,
  identity: Impu,
): void {
  if (isUp) session.line = { account, identity };
  const facts = isUp ? { impu: identity } : {};
  tell(session, registrationEvent(session, isUp ? 'registered' : 'registering', facts));
}

export function tellMembers(trunk: Trunk): void {
  for (const [session, identity] of trunk.members) tellMember(trunk, session, identity);
}

export interface ReportDeps {
  readonly trunks: Pick<TrunkStore, 'reportUp' | 'reportDown'>;
  readonly tenure: () => Tenure;
  readonly log: Log;
}

/** While the trunk is another's, its state is the other's to report. No set: it is down. */
export function report(
  { log, tenure, trunks }: ReportDeps,
  { early, name, settle }: Trunk,
  implicitSet: readonly Impu[] | undefined,
): void {
  if (early !== undefined) {
    settle();
    return;
  }
  const written = implicitSet
    ? trunks.reportUp(name, tenure(), implicitSet)
    : trunks.reportDown(name, tenure());
  written
    .catch((cause: unknown) => {
      log.error('trunk state could not be written', { ...name, cause });
    })
    .finally(settle);
}

/** A trunk under the instance it has had since its first owner. */
export type Instance = TrunkItem & { readonly instanceId: string };

/** As it is by now: a wrong password may have been put right. */
export async function asProvisioned(
  trunks: Pick<TrunkStore, 'list'>,
  { item, name }: Pick<Trunk, 'item' | 'name'>,
): Promise<Instance> {
  const all = await trunks.list();
  const found = all.find((it) => idOf(nameOf(it)) === idOf(name));
  return { ...(found ?? item), instanceId: item.instanceId };
}

export const nameOf = (item: TrunkItem): TrunkName => ({
  tenantId: tenantId(item.tenantId),
  trunkId: trunkId(item.trunkId),
});
export const idOf = ({ tenantId: tenant, trunkId: trunk }: TrunkName): string =>
  `${tenant}|${trunk}`;

export const bulkOf = ({
  bulkRegistration: mode = 'off',
  numbers = [],
}: TrunkItem): BulkRegistration => ({ mode, numbers: numbers.map(impu) });

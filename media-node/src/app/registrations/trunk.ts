import { type Impu, impu, tenantId, trunkId } from '@isthmus/shared/domain/ids';
import type { TrunkItem } from '@isthmus/shared/store/items';
import type { BulkRegistration } from '../../core/registration/bulk.ts';
import type { IncomingInvite, SipAccount } from '../../ports/sip-accounts.ts';
import type { TrunkName } from '../../ports/stores.ts';
import { registrationEvent, type Session, tell } from '../sessions/session.ts';
import type { Offer } from './gift.ts';

/** A trunk, as this node has it. */
export interface Trunk {
  readonly item: TrunkItem;
  readonly name: TrunkName;
  readonly account: SipAccount;
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
}

export function registered({ account }: Trunk, session: Session, identity: Impu): void {
  session.line = { account, identity };
  tell(session, registrationEvent(session, 'registered', { impu: identity }));
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

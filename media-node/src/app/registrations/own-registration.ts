import { type Impu, impu, tenantId } from '@isthmus/shared/domain/ids';
import type { RegistrationItem } from '@isthmus/shared/store/registration-items';
import type { IncomingInvite, SipAccount } from '../../ports/sip-accounts.ts';
import type { RegistrationName } from '../../ports/stores.ts';
import type { Session } from '../sessions/session.ts';

import type { Offer } from './gift.ts';

/** One registration of a client's own, as this node has it. */
export interface OwnRegistration {
  readonly name: RegistrationName;
  readonly instanceId: string;
  readonly account: SipAccount;
  readonly devices: Set<Session>;
  /** Default identity once registered (REG-7). */
  identity: Impu | undefined;
  /** Registered beside its owner: what IMS sends here already waits for the devices to come. */
  early: IncomingInvite[] | undefined;
  /** Done once, at the next success. */
  onRegistered: (() => void) | undefined;
  /** What the network said at last: a device may still be on its way to it. */
  verdict: 'refused' | 'ended' | undefined;
  /** To the other nodes, since this one drains. */
  readonly offer: Offer;
}

/** With what a registration begins that was another node's. */
export interface Beginning {
  readonly devices?: readonly Session[];
  readonly early?: IncomingInvite[];
  readonly whenRegistered?: (registration: OwnRegistration) => void;
}

export const keyOf = ({ impu: identity, tenantId: tenant }: RegistrationName): string =>
  `${tenant}|${identity}`;

export const nameOf = (item: RegistrationItem): RegistrationName => ({
  tenantId: tenantId(item.tenantId),
  impu: impu(item.impu),
});

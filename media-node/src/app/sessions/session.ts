import type { ConnectionId, Impu, SessionId, TenantId } from '@isthmus/shared/domain/ids';
import type { RegistrationOption } from '@isthmus/shared/domain/registration-option';
import type { ReleaseCause } from '@isthmus/shared/domain/release-cause';
import type { TenantItem } from '@isthmus/shared/store/items';
import type { EventOf, Unsequenced } from '@isthmus/shared/wire/events';
import type { SipAccount } from '../../ports/sip-accounts.ts';
import type { EventChannel } from './event-channel.ts';

export type SessionEnd = EventOf<'session.ended'>['reason'];

/** What a session that ends leaves its calls with; who logs out hangs up. */
export const CAUSE_OF_END: Readonly<Record<SessionEnd, ReleaseCause | undefined>> = {
  'logged-out': undefined,
  'grace-expired': 'client-lost',
  'node-stopped': 'network-failure',
  'de-registered-by-network': 'network-failure',
  'identity-taken': undefined,
};

export interface SessionFacts {
  readonly sessionId: SessionId;
  readonly tenant: TenantItem;
  readonly tenantId: TenantId;
  readonly userName: string;
  readonly option: RegistrationOption;
  /** What its user calls it. */
  readonly device?: string | undefined;
}

/** How a session stands with IMS; its identity is the binding's, never the browser's (SES-6). */
export interface Line {
  readonly account: SipAccount;
  readonly identity: Impu;
}

/** One logged-in client on this node. It outlives its WebSocket by the tenant's grace time. */
export interface Session extends SessionFacts {
  readonly channel: EventChannel;
  line: Line | undefined;
  stopGrace: (() => void) | undefined;
}

export const tell = (session: Session, event: Unsequenced): void => {
  session.channel.send(event);
};

/** The registration event, with the identity where the tenant tells it (REG-1). */
export const registrationEvent = (
  session: SessionFacts,
  state: EventOf<'registration'>['state'],
  facts: { readonly impu?: Impu; readonly error?: EventOf<'registration'>['error'] } = {},
): Unsequenced => ({
  event: 'registration',
  state,
  option: session.option,
  ...(facts.impu !== undefined && session.tenant.showImpu ? { impu: facts.impu } : {}),
  ...(facts.error ? { error: facts.error } : {}),
});

export const isAttachedTo = (session: Session, connection: ConnectionId): boolean =>
  session.channel.connection === connection;

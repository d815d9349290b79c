import type { Clock } from '../../ports/clock.ts';
import type { IncomingMessage } from '../../ports/pager-message.ts';
import type { IncomingInvite } from '../../ports/sip-accounts.ts';
import type { Adoption } from '../sessions/adoption.ts';
import type { Session } from '../sessions/session.ts';
import type { Sessions } from '../sessions/sessions.ts';
import type { OpenAccountDeps } from './open-account.ts';
import type { RegistrationRecordsDeps } from './registration-records.ts';

export interface OwnRegistrationsDeps extends OpenAccountDeps, RegistrationRecordsDeps {
  readonly sessions: Sessions;
  readonly adoption: Adoption;
  /** Throws where this node may not open one more. */
  readonly admit: (open: number) => void;
  readonly clock: Clock;
  readonly onIncoming: (invite: IncomingInvite, devices: readonly Session[]) => void;
  readonly onMessage: (message: IncomingMessage, devices: readonly Session[]) => void;
}

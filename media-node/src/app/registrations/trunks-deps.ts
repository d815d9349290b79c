import type { TrunkItem } from '@isthmus/shared/store/items';
import type { Clock } from '../../ports/clock.ts';
import type { Ids } from '../../ports/ids.ts';
import type { Log } from '../../ports/log.ts';
import type { Metrics } from '../../ports/metrics.ts';
import type { IncomingMessage } from '../../ports/pager-message.ts';
import type { IncomingInvite } from '../../ports/sip-accounts.ts';
import type {
  BindingStore,
  CallStore,
  MemberStore,
  Tenure,
  TrunkStore,
} from '../../ports/stores.ts';
import type { Adoption } from '../sessions/adoption.ts';
import type { Session } from '../sessions/session.ts';
import type { Sessions } from '../sessions/sessions.ts';
import type { OpenAccountDeps } from './open-account.ts';

export interface TrunksDeps extends OpenAccountDeps {
  readonly trunks: TrunkStore;
  readonly members: MemberStore;
  readonly bindings: Pick<BindingStore, 'byImpu'>;
  readonly calls: Pick<CallStore, 'liveOn'>;
  readonly sessions: Pick<Sessions, 'release'>;
  readonly adoption: Adoption;
  readonly tenure: () => Tenure;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly metrics: Pick<Metrics, 'count'>;
  readonly onIncoming: (trunk: TrunkItem, invite: IncomingInvite) => void;
  readonly onMessage: (trunk: TrunkItem, message: IncomingMessage) => void;
  /** An operator has taken the identity of this session. */
  readonly onTaken: (session: Session) => void;
  /** The network grants the identity of this session no more. */
  readonly onBarred: (session: Session) => void;
}

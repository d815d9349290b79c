import type { TenantId } from '@isthmus/shared/domain/ids';
import type { UserAgentCore } from 'sip.js/lib/core/index.js';
import type { Clock } from '../../ports/clock.ts';
import type { Ids } from '../../ports/ids.ts';
import type { Log } from '../../ports/log.ts';
import type { Digester } from './digester.ts';

/** What every leg of one account shares. */
export interface LegContext {
  readonly tenant: TenantId;
  /** Names the account in traces. */
  readonly account: string;
  readonly core: UserAgentCore;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly digesters: {
    readonly registrar: Digester;
    readonly proxy: Digester;
    /** Of challenges to calls; absent where those are not answered. */
    readonly calls?: Digester;
  };
  readonly legs: Set<LiveLeg>;
  /** Value of the Contact header, as it is now. */
  readonly contact: () => string;
}

export interface LiveLeg {
  flowLost(reason: string): void;
}

export const SDP_TYPE = 'application/sdp';

export const sdpBody = (
  content: string,
): { contentDisposition: string; contentType: string; content: string } => ({
  contentDisposition: 'session',
  contentType: SDP_TYPE,
  content,
});

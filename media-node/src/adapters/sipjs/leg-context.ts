import type { TenantId } from '@isthmus/shared/domain/ids';
import type { IncomingMessageRequest, UserAgentCore } from 'sip.js/lib/core/index.js';
import type { SessionPolicy } from '../../core/session/session-policy.ts';
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
  readonly policy: SessionPolicy;
  /** Of a peer that writes within a call, too (RFC 3428 §6). */
  readonly onMessage: (request: IncomingMessageRequest) => void;
  /** Value of the Contact header, as it is now. */
  readonly contact: () => string;
}

export interface LiveLeg {
  flowLost(reason: string): void;
}

/** From 0 up to 1, of what `Ids` gives: RFC 3261 §14.1 and RFC 3311 §5.2 want chance. */
export function chance(ids: Ids): number {
  const digits = Array.from(ids.random(CHANCE_BITS).slice(0, 5), (it) => BASE64URL.indexOf(it));
  return digits.reduce((sum, digit) => sum * 64 + Math.max(digit, 0), 0) / 64 ** 5;
}

const CHANCE_BITS = 32;
const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

export const SDP_TYPE = 'application/sdp';

export const sdpBody = (
  content: string,
): { contentDisposition: string; contentType: string; content: string } => ({
  contentDisposition: 'session',
  contentType: SDP_TYPE,
  content,
});

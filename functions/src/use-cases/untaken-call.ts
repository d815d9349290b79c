import { blameOf } from '@isthmus/shared/domain/blame';
import type { ReleaseCause } from '@isthmus/shared/domain/release-cause';
import { IwfError, isIwfError } from '@isthmus/shared/errors/iwf-error';
import type { SessionItem } from '@isthmus/shared/store/items';
import type { RequestOf } from '@isthmus/shared/wire/requests';
import type { CallLog } from '../ports/call-log.ts';
import type { Clock } from '../ports/clock.ts';
import type { KeyMint } from '../ports/key-mint.ts';
import type { Log } from '../ports/log.ts';

export interface UntakenCallDeps {
  readonly callLog: CallLog;
  readonly clock: Clock;
  readonly log: Log;
  readonly mint: KeyMint;
}

export interface UntakenCall {
  readonly session: SessionItem;
  readonly request: RequestOf<'call.start'>;
  readonly startedAtMs: number;
}

/** Refusals of which no node keeps a record: it was not reached, or has that session no more. */
const UNTAKEN = ['node.unavailable', 'node.draining', 'session.ended'] as const;
const CAUSE: ReleaseCause = 'internal-error';
const ID_LENGTH = 32;

/** Whether a node may keep a record of the call that was refused so. */
function isUntaken(refusal: unknown): refusal is IwfError {
  if (isIwfError(refusal, 'node.unavailable')) return refusal.details.mayHaveTaken !== true;
  return refusal instanceof IwfError && UNTAKEN.some((code) => code === refusal.code);
}

/** Writes down a call that no node took (OPS-3); whatever comes of that, the client hears why. */
export async function recordUntaken(
  deps: UntakenCallDeps,
  { request, session, startedAtMs }: UntakenCall,
  refusal: unknown,
): Promise<void> {
  if (!isUntaken(refusal)) return;
  const { callLog, clock, log, mint } = deps;
  const { nodeId, sessionId, tenantId, userName } = session;
  // The gateway may deliver a request twice, and then it is one attempt.
  const attemptId = mint.sha256([sessionId, request.callId, request.id].join('|'));
  try {
    await callLog.write({
      ...{ attemptId: attemptId.slice(0, ID_LENGTH), callId: request.callId, tenantId, sessionId },
      ...{ nodeId, userName, direction: 'outgoing', peer: request.target, startedAtMs },
      ...{ endedAtMs: clock.nowMs(), cause: CAUSE, blame: blameOf(CAUSE, 'outgoing') },
      code: refusal.code,
    });
  } catch (cause) {
    log.error('call record could not be written', { tenant: tenantId, cause });
  }
}

import type { CallNumbers } from '@isthmus/shared/domain/call-numbers';
import type { CallId } from '@isthmus/shared/domain/ids';
import { type ReleaseCause, statusOfCause } from '@isthmus/shared/domain/release-cause';
import { viewOfThrown } from '@isthmus/shared/errors/error-view';
import type { RequestOf } from '@isthmus/shared/wire/requests';
import { MOVED_TEMPORARILY } from '../../core/call/forwarding.ts';
import type { Metrics } from '../../ports/metrics.ts';
import type { IncomingInvite } from '../../ports/sip-accounts.ts';
import type { Session } from '../sessions/session.ts';
import type { CallFacts } from './call-deps.ts';
import {
  type Attempt,
  CallRecords,
  type CallRecordsDeps,
  type OpenRecord,
} from './call-records.ts';
import type { CallEnd } from './call-runner.ts';
import { numbersOfCall } from './carried.ts';
import { measureCall } from './quality-metrics.ts';

export interface Entered {
  readonly id: CallId;
  readonly parties: readonly [Session, ...Session[]];
  readonly direction: 'outgoing' | 'incoming';
  readonly facts: Pick<Attempt, 'own' | 'peer' | 'isHidden' | 'isEmergency'>;
}

interface RefusedEnd {
  readonly cause: ReleaseCause;
  readonly sipCallId: string;
  readonly redirectedTo: string | undefined;
}

const mediaOf = ({ access, ims, video }: CallNumbers) => ({ access, ims, ...(video && { video }) });

/** What is written down of calls, in records, log and metrics. */
export class CallLedger {
  readonly #deps: CallRecordsDeps & { readonly metrics: Metrics };
  readonly #records: CallRecords;
  readonly #abandoned = new Set<CallId>();

  constructor(deps: CallRecordsDeps & { readonly metrics: Metrics }) {
    this.#deps = deps;
    this.#records = new CallRecords(deps);
  }

  /** Another node writes the records of these. */
  abandon(ids: Iterable<CallId>): void {
    for (const id of ids) this.#abandoned.add(id);
  }

  settled(): Promise<void> {
    return this.#records.settled();
  }

  begin({ direction, facts, id, parties }: Entered): OpenRecord {
    const [first] = parties;
    this.#deps.metrics.count('calls_begun', { direction });
    const { sessionId, tenantId, userName } = first;
    return this.#records.open({
      ...{ callId: id, tenantId, sessionId, userName, direction },
      ...facts,
      parties: parties.map((party) => party.sessionId),
    });
  }

  finish({ direction, id, parties }: Entered, record: OpenRecord, end: CallEnd & CallFacts): void {
    const { log, metrics } = this.#deps;
    const { carried, cause, laterPeers, redirectedTo, sipCallId } = end;
    const transferredTo = cause === 'transferred' ? end.referredTo : undefined;
    const numbers = numbersOfCall(carried);
    const codec = numbers?.ims.codec;
    const sipStatus = redirectedTo === undefined ? end.sipStatus : MOVED_TEMPORARILY;
    const tenant = parties[0].tenantId;
    log.info('call ended', {
      ...{ tenant, callId: id, direction, cause, sipStatus, sipCallId, redirectedTo },
      ...{ codec, numbers, media: carried.map(({ stats }) => stats) },
    });
    metrics.count('calls_ended', { cause });
    if (numbers) measureCall(metrics, numbers);
    if (this.#abandoned.delete(id)) return;
    record.end({
      ...{ cause, sipStatus, sipCallId, codec },
      ...{ laterPeers, redirectedTo, transferredTo },
      setUp: numbers?.setUp,
      media: numbers && mediaOf(numbers),
    });
  }

  /** `userName`: whom it was for, where that is known. */
  refused(
    { calledImpu, from, tenant }: IncomingInvite,
    { redirectedTo, ...end }: RefusedEnd,
    userName?: string,
  ): void {
    this.#deps.metrics.count('calls_refused', { cause: end.cause });
    this.#records.refused(
      {
        ...{ tenantId: tenant, callId: this.#deps.ids.uuid(), direction: 'incoming' },
        ...{ own: calledImpu, peer: from.uri, ...(userName !== undefined && { userName }) },
      },
      {
        ...end,
        ...(redirectedTo === undefined
          ? { sipStatus: statusOfCause(end.cause) }
          : { sipStatus: MOVED_TEMPORARILY, redirectedTo }),
      },
    );
  }

  refusedStart(session: Session, request: RequestOf<'call.start'>, refusal: unknown): void {
    const { code } = viewOfThrown(refusal);
    // The functions ask another node, and write down where none takes it.
    if (code === 'node.draining') return;
    const cause = this.#records.refusedStart(session, request, code);
    this.#deps.metrics.count('calls_refused', { cause });
  }
}

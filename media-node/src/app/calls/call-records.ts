import { blameOf } from '@isthmus/shared/domain/blame';
import type { ReleaseCause } from '@isthmus/shared/domain/release-cause';
import type { CallDialog, CallItem, CallRecord } from '@isthmus/shared/store/call-records';
import type { RequestOf } from '@isthmus/shared/wire/requests';
import type { Clock } from '../../ports/clock.ts';
import type { Ids } from '../../ports/ids.ts';
import type { Log } from '../../ports/log.ts';
import type { CallStore } from '../../ports/stores.ts';
import type { Session } from '../sessions/session.ts';

export interface CallRecordsDeps {
  readonly calls: CallStore;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly nodeId: string;
}

type Made = 'attemptId' | 'nodeId' | 'startedAtMs';
export type Attempt = Omit<CallItem, Made>;
/** One that never was a call; of an incoming one the user may not be known. */
export type RefusedAttempt = Omit<Attempt, 'sessionId' | 'userName'> & Partial<Attempt>;

export type AttemptEnd = Pick<
  CallRecord,
  | 'cause'
  | 'code'
  | 'codec'
  | 'laterPeers'
  | 'media'
  | 'redirectedTo'
  | 'setUp'
  | 'sipCallId'
  | 'sipStatus'
  | 'transferredTo'
>;

interface Write {
  readonly what: string;
  readonly write: () => Promise<unknown>;
  /** The write before it. */
  readonly after?: Promise<void>;
}
/** Resolves when the write is done, or given up. */
type Keep = (write: Write) => Promise<void>;

/** What an attempt that we refuse is counted as. */
const CAUSE_OF_REFUSAL: Readonly<Record<string, ReleaseCause>> = {
  'call.bad-target': 'not-found',
  'call.emergency-refused': 'forbidden',
  'call.destination-barred': 'forbidden',
  'call.header-refused': 'forbidden',
  'call.quota-used-up': 'forbidden',
  'call.too-many': 'forbidden',
  'node.at-capacity': 'internal-error',
};

/** A store that stumbles gets the record a little later. */
const RETRY_MS = [1_000, 2_000, 4_000];

/** Writes down every attempt at a call, once (OPS-3). Nothing of it ever disturbs the call. */
export class CallRecords {
  readonly #deps: CallRecordsDeps;
  readonly #pending = new Set<Promise<void>>();

  constructor(deps: CallRecordsDeps) {
    this.#deps = deps;
  }

  open(attempt: Attempt): OpenRecord {
    const { calls, clock } = this.#deps;
    const keep: Keep = (write) => this.#keep(write);
    return new OpenRecord(this.#begun(attempt), { calls, clock, keep });
  }

  refused(attempt: RefusedAttempt, end: AttemptEnd): void {
    const { calls, clock } = this.#deps;
    const record = recordOf(this.#begun(attempt), { ...end, endedAtMs: clock.nowMs() });
    void this.#keep({ what: 'refusal', write: () => calls.end(record) });
  }

  /** A call of a client that ends before any INVITE; gives what it counts as. */
  refusedStart(session: Session, asked: RequestOf<'call.start'>, code: string): ReleaseCause {
    const { line, sessionId, tenantId, userName } = session;
    const cause = CAUSE_OF_REFUSAL[code] ?? 'unavailable';
    const own = line && { own: line.identity };
    const attempt: RefusedAttempt = {
      ...{ tenantId, sessionId, userName, callId: asked.callId },
      direction: 'outgoing',
      peer: asked.target,
      ...own,
    };
    this.refused(attempt, { cause, code });
    return cause;
  }

  /** Resolves when all that was to be written is, or is given up. */
  async settled(): Promise<void> {
    await Promise.all(this.#pending);
  }

  #begun<A extends RefusedAttempt>(attempt: A): A & Pick<CallItem, Made> {
    const { clock, ids, nodeId } = this.#deps;
    return { ...attempt, attemptId: ids.uuid(), nodeId, startedAtMs: clock.nowMs() };
  }

  #keep({ after = Promise.resolve(), ...write }: Write): Promise<void> {
    const kept = after.then(() => this.#persist(write)).finally(() => this.#pending.delete(kept));
    this.#pending.add(kept);
    return kept;
  }

  async #persist({ what, write }: Write): Promise<void> {
    const { clock, log } = this.#deps;
    for (const pauseMs of [...RETRY_MS, undefined]) {
      try {
        await write();
        return;
      } catch (cause) {
        if (pauseMs === undefined) log.error('call record could not be written', { what, cause });
        else
          await new Promise<void>((resolve) => {
            clock.after(pauseMs, resolve);
          });
      }
    }
  }
}

interface OpenRecordDeps {
  readonly calls: CallStore;
  readonly clock: Clock;
  readonly keep: Keep;
}

/** The record of a live call; its writes go one after the other. */
export class OpenRecord {
  readonly #deps: OpenRecordDeps;
  #item: CallItem;
  #tail: Promise<void> = Promise.resolve();

  constructor(item: CallItem, deps: OpenRecordDeps) {
    this.#item = item;
    this.#deps = deps;
    this.#then('begin', () => deps.calls.begin(item));
  }

  /** The first word that somebody rings; told to the store with the next write. */
  rang(): void {
    this.#item = { ringingAtMs: this.#deps.clock.nowMs(), ...this.#item };
  }

  answered(dialog: CallDialog | undefined): void {
    this.#item = { ...this.#item, answeredAtMs: this.#deps.clock.nowMs() };
    const item = { ...this.#item, ...(dialog && { dialog }) };
    this.#then('answer', () => this.#deps.calls.answered(item));
  }

  end(end: AttemptEnd): void {
    const record = recordOf(this.#item, { ...end, endedAtMs: this.#deps.clock.nowMs() });
    this.#then('end', () => this.#deps.calls.end(record));
  }

  #then(what: string, write: () => Promise<unknown>): void {
    this.#tail = this.#deps.keep({ what, write, after: this.#tail });
  }
}

/** Nobody ends it again: its dialog is left out. */
export function recordOf(
  {
    dialog: _,
    ...call
  }: Omit<CallRecord, 'blame' | 'cause' | 'endedAtMs'> & Pick<CallItem, 'dialog'>,
  end: AttemptEnd & { readonly cause: ReleaseCause; readonly endedAtMs: number },
): CallRecord {
  return { ...call, ...end, blame: blameOf(end.cause, call.direction) };
}

import { viewOfThrown } from '@isthmus/shared/errors/error-view';
import { IwfError } from '@isthmus/shared/errors/iwf-error';
import type { Unsequenced } from '@isthmus/shared/wire/events';
import type { LadderEntry } from '@isthmus/shared/wire/ladder';
import type { CallRequest, RequestOf } from '@isthmus/shared/wire/requests';
import { wireText } from '../../core/trace/redaction.ts';
import type { IncomingInvite } from '../../ports/sip-accounts.ts';
import type { CallTrace, TracedCall } from '../../ports/trace.ts';
import type { Session } from '../sessions/session.ts';

/** Fits, with its frame, into one message of API Gateway's two-way answers (32 KB). */
const PART_CHARS = 24_000;

/** What the desk tells the trace of a call, and what a client may read of it. */
export class CallTracing {
  readonly #trace: CallTrace | undefined;

  constructor(trace: CallTrace | undefined) {
    this.#trace = trace;
  }

  begin(call: TracedCall, parties: readonly Session[]): void {
    this.#trace?.begin(
      call,
      parties.map(({ userName }) => userName),
    );
  }

  joined(call: TracedCall, leg: { readonly traceId: string }): void {
    this.#trace?.join(call, leg.traceId);
  }

  /** The same INVITE; whose leg it becomes is noted when it is taken. */
  joining(call: TracedCall, invite: IncomingInvite): IncomingInvite {
    return {
      ...invite,
      listen: (onEvent) => {
        const leg = invite.listen(onEvent);
        this.joined(call, leg);
        return leg;
      },
    };
  }

  commanded(call: TracedCall, { id: _, ...request }: CallRequest): void {
    this.#trace?.wire(call, {
      ...{ direction: 'in', title: request.action },
      text: wireText(request),
    });
  }

  granted(call: TracedCall, answer: Readonly<Record<string, unknown>>): void {
    this.#trace?.wire(call, { direction: 'out', title: 'ok', text: wireText(answer) });
  }

  refused(call: TracedCall, thrown: unknown): void {
    const view = viewOfThrown(thrown);
    this.#trace?.wire(call, { direction: 'out', title: view.code, text: wireText({ ...view }) });
  }

  told(call: TracedCall, event: Unsequenced): void {
    this.#trace?.wire(call, { direction: 'out', title: titleOf(event), text: wireText(event) });
  }

  /** Only a party's user, and only where the tenant allows it (SEC-1). */
  read(session: Session, { callId, from = 0 }: RequestOf<'call.trace'>): Record<string, unknown> {
    if (session.tenant.calling?.trace !== true) throw new IwfError('call.trace-refused', {});
    const { tenantId, userName } = session;
    const entries = this.#trace?.ladder({ tenantId, callId }, userName);
    if (!entries) throw new IwfError('call.not-found', { callId });
    return partOf(entries, from);
  }
}

function partOf(entries: readonly LadderEntry[], from: number): Record<string, unknown> {
  const part: LadderEntry[] = [];
  let chars = 0;
  for (const entry of entries.slice(from)) {
    chars += JSON.stringify(entry).length;
    if (part.length > 0 && chars > PART_CHARS) break;
    part.push(entry);
  }
  const next = from + part.length;
  return next < entries.length ? { entries: part, next } : { entries: part };
}

function titleOf(event: Unsequenced): string {
  if (event.event === 'call.progress') return `${event.event} ${event.state}`;
  return event.event === 'call.ended' ? `${event.event} ${event.cause}` : event.event;
}

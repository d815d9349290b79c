import { type CallId, callId } from '@isthmus/shared/domain/ids';
import { type ReleaseCause, statusOfCause } from '@isthmus/shared/domain/release-cause';
import { IwfError } from '@isthmus/shared/errors/iwf-error';
import type { CallRequest, RequestOf } from '@isthmus/shared/wire/requests';
import { redirectTarget } from '../../core/call/outgoing-policy.ts';
import type { Replaces } from '../../core/sip/refer.ts';
import type { CallMediaFactory } from '../../ports/call-media.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Ids } from '../../ports/ids.ts';
import type { Log } from '../../ports/log.ts';
import type { Metrics } from '../../ports/metrics.ts';
import type { IncomingInvite, SipAccount } from '../../ports/sip-accounts.ts';
import type { OutgoingInvite } from '../../ports/sip-leg.ts';
import type { CallStore } from '../../ports/stores.ts';
import type { CallTrace } from '../../ports/trace.ts';
import type { Session, SessionEnd } from '../sessions/session.ts';
import { CAUSE_OF_END, tell } from '../sessions/session.ts';
import { Admission } from './admission.ts';
import { Call } from './call.ts';
import { CallLedger, type Entered } from './call-ledger.ts';
import { CallTracing } from './call-tracing.ts';
import { allowedOf, eventOf, isNamed, type LiveCall, lineOf, mayRing } from './engagement.ts';
import type { CalledUser, Forwarding, WishesWhileRinging } from './forwarding.ts';
import { mediaOptions, silenceOf } from './media-options.ts';
import { QuotaDoor } from './quota-door.ts';
import { Refusals } from './refusals.ts';
import { transfer } from './transfers.ts';

export interface CallDeskDeps {
  readonly media: CallMediaFactory;
  readonly calls: CallStore;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly nodeId: string;
  readonly trace?: CallTrace | undefined;
  /** Absent: a call that reaches nobody goes nowhere else. */
  readonly forwarding?: Forwarding | undefined;
}

export interface CallDeskOptions {
  readonly capacity: number;
}

interface Opening extends Entered {
  /** Who sent the caller here. */
  readonly referredBy?: string | undefined;
  readonly account: SipAccount;
  readonly wishes?: WishesWhileRinging | undefined;
  /** Of an outgoing call: what its INVITE carries besides target, identity and SDP. */
  readonly dressing?: Omit<OutgoingInvite, 'target' | 'identity' | 'sdp'>;
}

/** Every live call of this node, found by id and only by those who take part in it. */
export class CallDesk {
  readonly #deps: CallDeskDeps;
  readonly #admission: Admission;
  readonly #ledger: CallLedger;
  readonly #door: QuotaDoor;
  readonly #tracing: CallTracing;
  readonly #refusals: Refusals;
  readonly #live = new Map<CallId, LiveCall>();

  constructor(deps: CallDeskDeps, { capacity }: CallDeskOptions) {
    this.#deps = deps;
    const { nodeId } = deps;
    this.#admission = new Admission({ nodeId, capacity, used: () => this.#live.size });
    this.#ledger = new CallLedger(deps);
    this.#door = new QuotaDoor(deps);
    this.#tracing = new CallTracing(deps.trace);
    this.#refusals = new Refusals({ ledger: this.#ledger, forwarding: deps.forwarding });
  }

  get used(): number {
    return this.#live.size;
  }

  /** Whether a call that came now would be taken. */
  get hasRoom(): boolean {
    return this.#admission.takesOutgoing;
  }

  /** See `Admission.drain`. */
  drain(refused: 'outgoing' | 'all' = 'all'): void {
    this.#admission.drain(refused);
  }

  /** The node may not act any more: calls end here, and another node tells and records it. */
  abandon(sessions: readonly Session[]): void {
    this.#ledger.abandon(this.#live.keys());
    for (const session of sessions) this.leave(session);
  }

  isIn(session: Session): boolean {
    return [...this.#live.values()].some(({ parties }) => parties.has(session.sessionId));
  }

  async command(session: Session, request: CallRequest): Promise<Record<string, unknown>> {
    if (request.action === 'call.start') return this.#start(session, request);
    if (request.action === 'call.trace') return this.#tracing.read(session, request);
    const { call } = this.#find(session, request.callId);
    if (request.action === 'call.numbers') return call.numbers(session.sessionId);
    const { tenantId } = session;
    this.#tracing.commanded({ tenantId, callId: request.callId }, request);
    try {
      if (request.action === 'call.transfer' || request.action === 'call.transfer-to')
        transfer(session, request, { find: this.#find });
      else return call.command(session.sessionId, request);
    } catch (refusal) {
      this.#tracing.refused({ tenantId, callId: request.callId }, refusal);
      throw refusal;
    }
    return {};
  }

  /** An INVITE for these devices; those without a WebSocket now are not called. */
  alert(invite: IncomingInvite, account: SipAccount, devices: readonly Session[]): void {
    if (invite.replaces) {
      this.#replace(invite, invite.replaces, devices);
      return;
    }
    const present = devices.filter(
      ({ channel, line }) => line !== undefined && channel.connection !== undefined,
    );
    const [first, ...others] = present.filter((it) => mayRing(it, this.#live.values()));
    if (!first) {
      this.refuse(invite, present.length > 0 ? 'busy' : 'unavailable', devices[0]);
      return;
    }
    if (!this.#admission.takesIncoming) {
      this.refuse(invite, 'network-failure', first);
      return;
    }
    const isHeld = this.#door.holds(invite, first.tenant, (isIn) => {
      if (isIn) this.alert(invite, account, devices);
      else this.#refusals.refuse(invite, 'unavailable', { userName: first.userName });
    });
    if (isHeld) return;
    const parties = [first, ...others] as const;
    const id = callId(this.#deps.ids.uuid());
    const facts = { own: invite.calledImpu, peer: invite.from.uri };
    const wishes = this.#deps.forwarding?.whileRinging(first, invite.calledImpu);
    const how = { account, facts, wishes, referredBy: invite.referredBy };
    const call = this.#open({ id, parties, direction: 'incoming', ...how });
    call.alert(
      this.#tracing.joining({ tenantId: first.tenantId, callId: id }, invite),
      parties.map(({ sessionId }) => sessionId),
    );
  }

  /** Answers an INVITE that reaches nobody; `user`: whom it was for, where that is known. */
  refuse(invite: IncomingInvite, cause: ReleaseCause, user?: CalledUser): void {
    this.#refusals.refuse(invite, cause, user);
  }

  /** Resolves when the records of all calls that ended are written. */
  settled(): Promise<void> {
    return this.#refusals.settled();
  }

  /** A session ended: its calls are released. */
  leave(session: Session, why: SessionEnd = 'logged-out'): void {
    const cause = CAUSE_OF_END[why];
    for (const { call, parties } of [...this.#live.values()]) {
      if (parties.has(session.sessionId)) call.leave(session.sessionId, cause);
    }
  }

  /** A call of someone else is as absent as one that never was. */
  readonly #find = (session: Session, id: string): LiveCall => {
    const live = this.#live.get(callId(id));
    if (live?.parties.has(session.sessionId)) return live;
    throw new IwfError('call.not-found', { callId: id });
  };

  /** Only of the user who is called, and only a call that speaks or that he made (RFC 3891 §3). */
  #replace(invite: IncomingInvite, replaces: Replaces, called: readonly Session[]): void {
    const found = [...this.#live].find(
      ([, { call, parties }]) =>
        [call.dialog, ...call.earlyDialogs].some((it) => isNamed(it, replaces)) &&
        called.some(({ sessionId }) => parties.has(sessionId)),
    );
    if (!found) invite.listen(() => undefined).reject(NO_SUCH_DIALOG);
    else if (replaces.isEarlyOnly && found[1].call.dialog)
      invite.listen(() => undefined).reject(statusOfCause('busy'));
    else {
      const [id, { call }] = found;
      call.succeed(this.#tracing.joining({ tenantId: invite.tenant, callId: id }, invite));
    }
  }

  #start(session: Session, request: RequestOf<'call.start'>): Promise<Record<string, unknown>> {
    // Whatever else forbids the call comes first: it uses up nothing. Emergency calls never do.
    const { isEmergency } = this.#admitted(session, request).allowed;
    const counted = isEmergency ? undefined : this.#door.count(session.tenant);
    if (!counted) return this.#startNow(session, request);
    return counted.then(
      () => this.#startNow(session, request),
      (refusal: unknown) => {
        this.#ledger.refusedStart(session, request, refusal);
        throw refusal;
      },
    );
  }

  #startNow(session: Session, request: RequestOf<'call.start'>): Promise<Record<string, unknown>> {
    const id = callId(request.callId);
    if (this.#live.has(id)) throw new IwfError('call.exists', { callId: id });
    const { line, allowed } = this.#admitted(session, request);
    const { isEmergency, target, ...dressing } = allowed;
    const { log } = this.#deps;
    if (isEmergency) log.warn('emergency call', { tenant: session.tenantId, callId: id });
    const facts = {
      ...{ own: line.identity, peer: target, ...(isEmergency && { isEmergency }) },
      ...(dressing.privacy === true && { isHidden: true }),
    };
    const parties = [session] as const;
    const { account } = line;
    const call = this.#open({ id, parties, direction: 'outgoing', account, facts, dressing });
    const traced = { tenantId: session.tenantId, callId: id };
    this.#tracing.commanded(traced, request);
    const offer = { target, sdp: request.sdp, seq: request.seq };
    return call.start(session.sessionId, offer).then((sdp) => {
      this.#tracing.granted(traced, { sdp });
      return { sdp };
    });
  }

  /** Throws the reason why not, and leaves a record of it. */
  #admitted(session: Session, request: RequestOf<'call.start'>) {
    try {
      this.#admission.admitOutgoing();
      return allowedOf(session, request, this.#live.values());
    } catch (refusal) {
      this.#ledger.refusedStart(session, request, refusal);
      throw refusal;
    }
  }

  #open(opening: Opening): Call {
    const { clock, media } = this.#deps;
    const { id, parties, account, dressing } = opening;
    const [first] = parties;
    // The call goes on under it, whatever becomes of the registration meanwhile.
    const { identity } = lineOf(first);
    const log = this.#deps.log.with({ tenant: first.tenantId, callId: id });
    const traced = { tenantId: first.tenantId, callId: id };
    this.#tracing.begin(traced, parties);
    const bySession = new Map(parties.map((party) => [party.sessionId, party]));
    const call = new Call({
      callId: id,
      clock,
      log,
      silentMs: silenceOf(first.tenant),
      createMedia: (onEvent) => media.create(mediaOptions(id, first.tenant), onEvent),
      invite: (request, onEvent) => {
        const redirect = (contact: string) => redirectTarget(contact, first.tenant);
        const invite = { ...request, ...dressing, identity, redirectTarget: redirect };
        const leg = account.invite(invite, onEvent);
        this.#tracing.joined(traced, leg);
        return leg;
      },
      wishes: opening.wishes,
      allowReferral: (target) => redirectTarget(target, first.tenant),
      notify: (device, notice) => {
        const party = bySession.get(device);
        if (!party) return;
        const event = eventOf(notice, {
          callId: id,
          parties: bySession,
          referredBy: opening.referredBy,
        });
        this.#tracing.told(traced, event);
        tell(party, event);
      },
      onRang: () => {
        record.rang();
      },
      onAnswered: (dialog) => {
        record.answered(dialog);
      },
      onFinished: (end, facts) => {
        if (this.#live.delete(id)) this.#ledger.finish(opening, record, { ...end, ...facts });
      },
    });
    this.#live.set(id, { call, parties: bySession, peer: opening.facts.peer });
    const record = this.#ledger.begin(opening);
    return call;
  }
}

const NO_SUCH_DIALOG = 481;

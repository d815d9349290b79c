import { type CallId, callId, tenantId } from '@isthmus/shared/domain/ids';
import { type ReleaseCause, statusOfCause } from '@isthmus/shared/domain/release-cause';
import { IwfError } from '@isthmus/shared/errors/iwf-error';
import type { Unsequenced } from '@isthmus/shared/wire/events';
import type { CallRequest, RequestOf } from '@isthmus/shared/wire/requests';
import type { Notice } from '../../core/call/call-types.ts';
import { allowCall } from '../../core/call/outgoing-policy.ts';
import type { CallMediaFactory } from '../../ports/call-media.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Ids } from '../../ports/ids.ts';
import type { Log } from '../../ports/log.ts';
import type { MediaStats } from '../../ports/media-plane.ts';
import type { Metrics } from '../../ports/metrics.ts';
import type { IncomingInvite, SipAccount } from '../../ports/sip-accounts.ts';
import type { OutgoingInvite } from '../../ports/sip-leg.ts';
import type { CallStore } from '../../ports/stores.ts';
import type { Line, Session } from '../sessions/session.ts';
import { tell } from '../sessions/session.ts';
import { Call } from './call.ts';
import type { CallEnd } from './call-runner.ts';

export interface CallDeskDeps {
  readonly media: CallMediaFactory;
  readonly calls: CallStore;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly nodeId: string;
}

export interface CallDeskOptions {
  readonly capacity: number;
}

interface LiveCall {
  readonly call: Call;
  /** Devices that may send commands, by session id. */
  readonly parties: ReadonlyMap<string, Session>;
}

interface Opening {
  readonly id: CallId;
  readonly parties: readonly [Session, ...Session[]];
  readonly direction: 'outgoing' | 'incoming';
  readonly peer: string;
  readonly account: SipAccount;
  /** Of an outgoing call: what its INVITE carries besides target, identity and SDP. */
  readonly dressing?: Omit<OutgoingInvite, 'target' | 'identity' | 'sdp'>;
}

/** Every live call of this node, found by id and only by those who take part in it. */
export class CallDesk {
  readonly #deps: CallDeskDeps;
  readonly #options: CallDeskOptions;
  readonly #live = new Map<CallId, LiveCall>();
  readonly #abandoned = new Set<CallId>();
  #draining: 'no' | 'outgoing' | 'all' = 'no';

  constructor(deps: CallDeskDeps, options: CallDeskOptions) {
    this.#deps = deps;
    this.#options = options;
  }

  get used(): number {
    return this.#live.size;
  }

  /** Whether a call that came now would be taken. */
  get hasRoom(): boolean {
    return !this.#isFull();
  }

  /**
   * New calls are refused from now on; live ones go on (OPS-5). `outgoing`: those of IMS are taken
   * for as long as the callee's registration is still this node's.
   */
  drain(refused: 'outgoing' | 'all' = 'all'): void {
    this.#draining = refused;
  }

  /** The node may not act any more: calls end here, and another node tells and records it. */
  abandon(sessions: readonly Session[]): void {
    for (const id of this.#live.keys()) this.#abandoned.add(id);
    for (const session of sessions) this.leave(session);
  }

  isIn(session: Session): boolean {
    return [...this.#live.values()].some(({ parties }) => parties.has(session.sessionId));
  }

  async command(session: Session, request: CallRequest): Promise<Record<string, unknown>> {
    if (request.action === 'call.start') return this.#start(session, request);
    const live = this.#live.get(callId(request.callId));
    // A call of someone else is as absent as one that never was.
    if (!live?.parties.has(session.sessionId)) {
      throw new IwfError('call.not-found', { callId: request.callId });
    }
    live.call.command(session.sessionId, request);
    return {};
  }

  /** An INVITE for these devices; those without a WebSocket now are not called. */
  alert(invite: IncomingInvite, account: SipAccount, devices: readonly Session[]): void {
    const [first, ...others] = devices.filter(({ channel }) => channel.connection !== undefined);
    if (!first) {
      this.refuse(invite, 'unavailable');
      return;
    }
    if (this.#draining === 'all' || this.#live.size >= this.#options.capacity) {
      this.refuse(invite, 'network-failure');
      return;
    }
    const parties = [first, ...others] as const;
    const id = callId(this.#deps.ids.uuid());
    const peer = invite.from.uri;
    const call = this.#open({ id, parties, direction: 'incoming', peer, account });
    call.alert(
      invite,
      parties.map(({ sessionId }) => sessionId),
    );
  }

  /** Answers an INVITE that reaches nobody. */
  refuse(invite: IncomingInvite, cause: ReleaseCause): void {
    invite.listen(() => undefined).reject(statusOfCause(cause));
    this.#deps.metrics.count('calls_refused', { cause });
  }

  /** A session ended: its calls are released. */
  leave(session: Session): void {
    for (const { call, parties } of [...this.#live.values()]) {
      if (parties.has(session.sessionId)) call.leave(session.sessionId);
    }
  }

  #start(session: Session, request: RequestOf<'call.start'>): Promise<Record<string, unknown>> {
    const { line } = session;
    if (!line) throw new IwfError('registration.pending', { sessionId: session.sessionId });
    const id = callId(request.callId);
    if (this.#live.has(id)) throw new IwfError('call.exists', { callId: id });
    this.#admit();
    const allowed = allowCall(request, session.tenant);
    if (!allowed.ok) throw allowed.error;
    const { account } = line;
    const { isEmergency, target: peer, ...dressing } = allowed.value;
    if (isEmergency)
      this.#deps.log.warn('emergency call', { tenant: session.tenantId, callId: id });
    const parties = [session] as const;
    const call = this.#open({ id, parties, direction: 'outgoing', peer, account, dressing });
    const offer = { target: peer, sdp: request.sdp, seq: request.seq };
    return call.start(session.sessionId, offer).then((sdp) => ({ sdp }));
  }

  #isFull(): boolean {
    return this.#draining !== 'no' || this.#live.size >= this.#options.capacity;
  }

  #admit(): void {
    const { nodeId } = this.#deps;
    if (this.#draining !== 'no') throw new IwfError('node.draining', { nodeId });
    if (!this.#isFull()) return;
    const activeCalls = this.#live.size;
    throw new IwfError('node.at-capacity', { activeCalls, limit: this.#options.capacity });
  }

  #open(opening: Opening): Call {
    const { clock, media } = this.#deps;
    const { id, parties, account, dressing } = opening;
    const [first] = parties;
    const log = this.#deps.log.with({ tenant: first.tenantId, callId: id });
    const bySession = new Map(parties.map((party) => [party.sessionId, party]));
    const call = new Call({
      callId: id,
      clock,
      log,
      createMedia: (onEvent) => media.create({ callId: id, codecs: first.tenant.codecs }, onEvent),
      invite: (request, onEvent) =>
        account.invite({ ...request, ...dressing, identity: lineOf(first).identity }, onEvent),
      notify: (device, notice) => {
        const party = bySession.get(device);
        if (party) tell(party, eventOf(id, notice));
      },
      onAnswered: () => {
        this.#keep('answer', this.#deps.calls.answered(first.tenantId, id, clock.nowMs()));
      },
      onFinished: (end, stats) => {
        this.#finished(opening, end, stats);
      },
    });
    this.#live.set(id, { call, parties: bySession });
    this.#begin(opening);
    return call;
  }

  #begin({ id, parties, direction, peer }: Opening): void {
    const [first] = parties;
    const { calls, clock, nodeId } = this.#deps;
    const { sessionId, userName } = first;
    this.#keep(
      'begin',
      calls.begin({
        callId: id,
        tenantId: first.tenantId,
        sessionId,
        nodeId,
        userName,
        parties: parties.map((party) => party.sessionId),
        direction,
        peer,
        startedAtMs: clock.nowMs(),
      }),
    );
    this.#deps.metrics.count('calls_begun', { direction });
  }

  #finished(opening: Opening, { cause, sipStatus }: CallEnd, media: readonly MediaStats[]): void {
    const { calls, clock, log, metrics } = this.#deps;
    const { id, direction, parties } = opening;
    if (!this.#live.delete(id)) return;
    const isOurs = !this.#abandoned.delete(id);
    const tenant = tenantId(parties[0].tenantId);
    log.info('call ended', { tenant, callId: id, direction, cause, sipStatus, media });
    metrics.count('calls_ended', { cause });
    if (isOurs) this.#keep('end', calls.end(tenant, id, { endedAtMs: clock.nowMs(), cause }));
  }

  /** A record that could not be written is an alarm, never a reason to disturb the call. */
  #keep(what: string, written: Promise<void>): void {
    written.catch((cause: unknown) => {
      this.#deps.log.error('call record could not be written', { what, cause });
    });
  }
}

function lineOf(session: Session): Line {
  if (!session.line) throw new IwfError('registration.absent', { sessionId: session.sessionId });
  return session.line;
}

const eventOf = (id: CallId, notice: Notice): Unsequenced => ({ ...notice, callId: id });

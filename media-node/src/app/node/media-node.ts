import type { ControlCommand } from '@isthmus/shared/control/commands';
import { viewOf } from '@isthmus/shared/errors/error-view';
import { IwfError } from '@isthmus/shared/errors/iwf-error';
import type { TrunkItem } from '@isthmus/shared/store/items';
import type { IncomingInvite } from '../../ports/sip-accounts.ts';
import type { Tenure } from '../../ports/stores.ts';
import { CallDesk } from '../calls/call-desk.ts';
import { type CalledUser, Forwarding } from '../calls/forwarding.ts';
import { MessageDesk } from '../messages/message-desk.ts';
import { OwnRegistrations } from '../registrations/own-registrations.ts';
import { Trunks } from '../registrations/trunks.ts';
import { Adoption } from '../sessions/adoption.ts';
import { registrationEvent, type Session, tell } from '../sessions/session.ts';
import { Sessions } from '../sessions/sessions.ts';
import { CalledUsers } from './called-users.ts';
import { type ControlDesk, createControlDesk } from './control-desk.ts';
import { HandOver } from './hand-over.ts';
import { iceServersFor } from './ice-servers.ts';
import { Lease, type NodeFacts, requireLease } from './lease.ts';
import type { MediaNodeDeps, MediaNodeOptions } from './media-node-deps.ts';
import { TakeOver } from './take-over.ts';

/** How long a closing node waits for others to take what its last calls have kept. */
const LAST_OFFERS_MS = 4_000;

/** The stateful part of Isthmus: registrations and calls, between IMS and the browsers. */
export class MediaNode {
  readonly #deps: MediaNodeDeps;
  readonly #sessions: Sessions;
  readonly #own: OwnRegistrations;
  readonly #trunks: Trunks;
  readonly #calls: CallDesk;
  readonly #messages: MessageDesk;
  readonly #users: CalledUsers;
  readonly #lease: Lease;
  readonly #takeOver: TakeOver;
  readonly #handOver: HandOver;
  readonly #desk: ControlDesk;
  #isDraining = false;

  constructor(deps: MediaNodeDeps, options: MediaNodeOptions) {
    this.#deps = deps;
    const tenure = (): Tenure => this.#lease.tenure;
    this.#sessions = new Sessions({ ...deps, tenure }, { probeMs: options.probeMs });
    const forwarding = new Forwarding(deps);
    this.#calls = new CallDesk({ ...deps, forwarding, nodeId: options.nodeId }, options);
    this.#messages = new MessageDesk(deps);
    this.#users = new CalledUsers({ bindings: deps.bindings, sessions: this.#sessions });
    const { sessions } = deps;
    const adoption = new Adoption({ ...deps, sessions: this.#sessions, store: sessions, tenure });
    const here = { ...deps, sessions: this.#sessions, adoption, tenure };
    const limit = options.registrationCapacity;
    this.#own = new OwnRegistrations({
      ...here,
      admit: (open) => {
        if (this.#isDraining) throw new IwfError('node.draining', { nodeId: options.nodeId });
        if (open >= limit) throw new IwfError('node.at-capacity', { activeCalls: open, limit });
      },
      onIncoming: (invite, devices) => void this.#alert(invite, devices),
      onMessage: (message, devices) =>
        void this.#messages.receive(message, () => Promise.resolve(devices)),
    });
    const onIncoming = (trunk: TrunkItem, invite: IncomingInvite) =>
      void this.#alertBound(trunk, invite);
    this.#trunks = new Trunks({
      ...here,
      onIncoming,
      onMessage: (trunk, message) =>
        void this.#messages.receive(message, () =>
          this.#users.devicesOf(trunk, message.calledImpu),
        ),
      onTaken: (session) => {
        this.#sessions.end(session, 'identity-taken');
      },
      onBarred: (session) => {
        const error = viewOf('registration.identity-barred');
        tell(session, registrationEvent(session, 'failed', { error }));
        this.#sessions.end(session, 'de-registered-by-network');
      },
    });
    this.#lease = this.#createLease(options);
    this.#takeOver = new TakeOver({
      ...deps,
      ...{ own: this.#own, trunks: this.#trunks, adoption, tenure },
      mayAct: () => this.#lease.isHeld && !this.#isDraining,
      hasRoom: () => this.#own.size < limit,
    });
    this.#handOver = this.#createHandOver();
    this.#sessions.onEnded = (session, reason) => {
      this.#calls.leave(session, reason);
      this.#own.leave(session);
      this.#trunks.leave(session);
      if (session.option === 'ip-pbx') this.#wasHere(session);
    };
    this.#desk = createControlDesk({
      tenants: deps.tenants,
      sessions: this.#sessions,
      own: this.#own,
      trunks: this.#trunks,
      calls: this.#calls,
      messages: this.#messages,
      forwarding,
      iceServersFor: (tenant) => iceServersFor({ ...deps, stunUrl: options.stunUrl }, tenant),
      admit: () => {
        requireLease(this.#lease);
      },
    });
  }

  /** What the control channel hands in. */
  command(command: ControlCommand): Promise<Record<string, unknown>> {
    return this.#desk(command);
  }

  /** Enters the registry and takes on what nobody owns. */
  async start(facts: NodeFacts): Promise<void> {
    await this.#lease.begin(facts);
    await this.#takeOver.begin();
  }

  /** Resolves when the trunks it took on are up, or are known to be down. */
  settled(): Promise<void> {
    return this.#trunks.settled();
  }

  /** Whether a call that came now would be taken. */
  get hasRoom(): boolean {
    return this.#calls.hasRoom;
  }

  get activeCalls(): number {
    return this.#calls.used;
  }

  /** Registrations that another node is still to take; none where there is no other. */
  get handOversLeft(): number {
    return this.#handOver.left;
  }

  /** Takes no new calls of browsers; each registration is served until another node has it. */
  async drain(): Promise<void> {
    if (this.#isDraining) return;
    this.#isDraining = true;
    this.#calls.drain('outgoing');
    this.#own.dropSuccessions();
    this.#trunks.dropSuccessions();
    await this.#lease.drain();
    await this.#handOver.begin();
    if (!this.#handOver.hasSuccessors) this.#calls.drain();
  }

  /**
   * Releases calls and leaves the registry. The last node de-registers everything in IMS; before
   * others it goes in silence, for what it still has they register under the same instance.
   */
  async stop(): Promise<void> {
    this.#isDraining = true;
    this.#calls.drain();
    this.#takeOver.end();
    const isLast = !this.#lease.isHeld || !(await this.#hasSuccessors());
    if (isLast) {
      await this.#sessions.close();
      await Promise.all([this.#own.close(), this.#trunks.close()]);
    } else await this.#giveAway();
    this.#handOver.end();
    const hasLeft = this.#own.gifts().length + this.#trunks.gifts().length > 0;
    this.#letGo();
    await this.#deps.accounts.close();
    await this.#calls.settled();
    await this.#lease.end({ isEmpty: !hasLeft });
  }

  /** From now on the binding is idle, which may cost the user the identity in the end (REG-1). */
  #wasHere({ tenantId: tenant, userName }: Session): void {
    const { bindings, clock, log } = this.#deps;
    bindings.touch(tenant, userName, clock.nowMs()).catch((cause: unknown) => {
      log.error('the use of a binding could not be noted', { tenant, cause });
    });
  }

  /** What had a call until now may still be handed over without a gap. */
  async #giveAway(): Promise<void> {
    const inCall = this.#sessions.find((session) => this.#calls.isIn(session));
    for (const session of inCall) this.#calls.leave(session);
    await Promise.all(inCall.map(({ channel }) => channel.flushed()));
    await this.#handOver.finished(LAST_OFFERS_MS);
  }

  #createLease(options: MediaNodeOptions): Lease {
    return new Lease(
      {
        ...this.#deps,
        used: () => this.#calls.used,
        registrations: () => this.#own.size,
        onLost: () => {
          this.#letGo();
          void this.#deps.accounts.close();
        },
        onRegained: (former) => {
          this.#takeOver.mourn(former);
          void this.#takeOver.begin();
        },
      },
      options,
    );
  }

  #createHandOver(): HandOver {
    return new HandOver({
      ...this.#deps,
      gifts: () => [...this.#own.gifts(), ...this.#trunks.gifts()],
      isInCall: (session) => this.#calls.isIn(session),
      hasSuccessors: () => this.#takeOver.hasSuccessors(),
    });
  }

  /** A store that cannot be asked knows of nobody. */
  async #hasSuccessors(): Promise<boolean> {
    try {
      return await this.#takeOver.hasSuccessors();
    } catch (cause) {
      this.#deps.log.warn('other nodes could not be asked for', { cause });
      return false;
    }
  }

  /** Nothing of it is this node's any longer: no word to IMS, none to the clients. */
  #letGo(): void {
    this.#calls.abandon(this.#sessions.abandon());
    this.#own.abandon();
    this.#trunks.abandon();
  }

  async #alert(
    invite: IncomingInvite,
    devices: readonly Session[],
    user: CalledUser | undefined = devices[0],
  ): Promise<void> {
    const account = devices[0]?.line?.account;
    const alert = (): void => {
      if (account) this.#calls.alert(invite, account, devices);
      else this.#calls.refuse(invite, 'unavailable', user);
    };
    if (!this.#isDraining) alert();
    else if (!(await this.#holding(devices, alert))) this.#calls.refuse(invite, 'network-failure');
  }

  /** A draining node rings for those it still has, and keeps them for as long as the call goes. */
  async #holding(devices: readonly Session[], work: () => void): Promise<boolean> {
    const gifts = [...this.#own.gifts(), ...this.#trunks.gifts()];
    const gift = gifts.find(({ sessions }) => devices.some((device) => sessions.includes(device)));
    try {
      return (await gift?.holding(work)) ?? false;
    } catch (cause) {
      this.#deps.log.error('an offer could not be taken back', { cause });
      return false;
    }
  }

  async #alertBound(trunk: TrunkItem, invite: IncomingInvite): Promise<void> {
    try {
      const called = await this.#users.find(trunk, invite.calledImpu);
      if (called) await this.#alert(invite, called.devices, called.devices[0] ?? called.user);
      else this.#calls.refuse(invite, 'not-found');
    } catch (cause) {
      this.#deps.log.error('binding could not be read', { tenant: trunk.tenantId, cause });
      this.#calls.refuse(invite, 'internal-error');
    }
  }
}

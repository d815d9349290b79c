import type { ImsAccess } from '@isthmus/shared/store/ims-access';
import type { Target } from '../../core/pcscf/targets.ts';
import { CHANCE_BITS, chanceOf } from '../../core/registration/backoff.ts';
import type { KeepAliveTerms } from '../../core/sip/keep-alive.ts';
import { parseMessage, type SipMessage } from '../../core/sip/message.ts';
import { refusalOf } from '../../core/sip/refusal.ts';
import type { Ids } from '../../ports/ids.ts';
import type { Log } from '../../ports/log.ts';
import type { Metrics } from '../../ports/metrics.ts';
import type { Names } from '../../ports/names.ts';
import type { SipTrace } from '../../ports/trace.ts';
import {
  bracketed,
  type Connect,
  type ConnectorAccess,
  type ConnectorDeps,
  connectorOf,
} from './connector.ts';
import type { Frame } from './frame.ts';
import { KeepAlive } from './keep-alive.ts';
import { type Link, type LinkEvents, type Protocol, UntrustedPeerError } from './link.ts';
import { type FlowOptions, type LocalAddress, localsOf } from './local-addresses.ts';
import { RegisterGate, type TurnOver } from './register-gate.ts';
import { Targets } from './targets.ts';

export interface FlowDeps extends ConnectorDeps {
  readonly ids: Ids;
  readonly log: Log;
  readonly metrics: Pick<Metrics, 'count'>;
  readonly names: Names;
  readonly trace?: SipTrace | undefined;
}

export interface FlowAccess extends ConnectorAccess {
  /** P-CSCFs that its users were told to leave alone, and until when. */
  readonly avoided: ReadonlyMap<string, number>;
}

/** Whoever has messages coming over a flow. */
export interface FlowUser {
  isUp(): void;
  isLost(reason: string): void;
}

const FIRST_RETRY_MS = 1_000;
const MAX_RETRY_MS = 60_000;
/** Another P-CSCF is tried soon, but not by every node in the same instant. */
const NEXT_TARGET_MS = 500;
/** A certificate does not become right by itself. */
const UNTRUSTED_HOLD_MS = 60_000;
const PROTOCOLS = { tcp: 'TCP', tls: 'TLS', udp: 'UDP' } as const;
const REGISTRATIONS_PER_S = 200;

/** One transport to one set of P-CSCFs, shared by every account behind it. */
export class Flow {
  readonly gate: RegisterGate;
  readonly #deps: FlowDeps;
  readonly #locals: ReadonlyMap<4 | 6, LocalAddress>;
  readonly #access: FlowAccess;
  readonly #receive: (message: SipMessage, flow: Flow) => void;
  readonly #users = new Set<FlowUser>();
  readonly #targets: Targets;
  readonly #connect: Connect;
  #target: Target | undefined;
  #link: Link | undefined;
  #keepAlive: KeepAlive | undefined;
  #failures = 0;
  #isStarted = false;
  #isClosed = false;
  #cancelTimer: () => void = () => undefined;

  constructor(
    deps: FlowDeps,
    { access, options }: { readonly access: FlowAccess; readonly options: FlowOptions },
    receive: (message: SipMessage, flow: Flow) => void,
  ) {
    this.#deps = deps;
    this.#access = access;
    this.#receive = receive;
    this.#locals = localsOf(options);
    this.#connect = connectorOf(deps, access, this.#locals);
    const { clock, ids, names } = deps;
    const draw = (): number => chanceOf(ids.random(CHANCE_BITS));
    const families = [...this.#locals.keys()];
    this.#targets = new Targets({ clock, names, draw, families }, access.ims);
    for (const [id, untilMs] of access.avoided) this.#targets.leaveAlone(id, untilMs);
    this.gate = new RegisterGate(clock, access.ims.registrationsPerS ?? REGISTRATIONS_PER_S);
  }

  get access(): FlowAccess {
    return this.#access;
  }

  get isUp(): boolean {
    return this.#link !== undefined;
  }

  get userCount(): number {
    return this.#users.size;
  }

  get protocol(): Protocol {
    return PROTOCOLS[this.#transport];
  }

  /** What a URI says to be reached by it; UDP goes without saying (RFC 3263 §4.1). */
  get transportParameter(): string {
    return this.#transport === 'udp' ? '' : `;transport=${this.#transport}`;
  }

  /** host:port as Via and Contact show it. */
  get announced(): string {
    const host = this.#local(this.#target)?.announcedAddress ?? '';
    return `${bracketed(host)}:${String(this.#link?.localPort ?? 0)}`;
  }

  /** The P-CSCF as the topmost Route. */
  get route(): string {
    const { port, routeHost } = this.#target ?? { port: 0, routeHost: '' };
    return `<sip:${bracketed(routeHost)}:${String(port)}${this.transportParameter};lr>`;
  }

  /** Which P-CSCF it leads to, or led to last. */
  get targetId(): string | undefined {
    return this.#target?.id;
  }

  hasOther(ids: ReadonlySet<string>): boolean {
    return this.#targets.hasOther(ids);
  }

  /** Who its P-CSCFs are is asked anew. */
  async rediscover(): Promise<void> {
    await this.#targets.rediscover();
  }

  join(user: FlowUser): void {
    this.#users.add(user);
    if (this.#link) user.isUp();
    else if (!this.#isStarted) {
      this.#isStarted = true;
      void this.#open();
    }
  }

  leave(user: FlowUser): void {
    this.#users.delete(user);
  }

  /** Throws where there is no link. */
  send(text: string): void {
    if (!this.#link) throw new Error('no flow to the P-CSCF');
    this.#link.send(text);
  }

  /** A turn to begin a registration; see the gate. */
  enter(isNewcomer: boolean, begin: (over: TurnOver) => void): () => void {
    return this.gate.enter(isNewcomer, begin);
  }

  keepAlive(terms: KeepAliveTerms): void {
    this.#keepAlive?.told(terms);
  }

  close(): void {
    this.#isClosed = true;
    this.#cancelTimer();
    this.#unlink();
  }

  get #transport(): ImsAccess['transport'] {
    return this.#target?.transport ?? this.#access.ims.transport;
  }

  #local(target: Target | undefined): LocalAddress | undefined {
    return target && this.#locals.get(target.family);
  }

  async #open(): Promise<void> {
    const choice = await this.#targets.choose();
    if (this.#isClosed) return;
    if (choice.kind === 'wait') this.#openIn(choice.ms);
    else if (choice.kind === 'none') {
      const names = this.#access.ims.pcscf.map(({ host }) => host);
      this.#deps.log.warn('P-CSCF not found', { names });
      this.#retry();
    } else await this.#try(choice.target);
  }

  async #try(target: Target): Promise<void> {
    const { address: host, port } = target;
    this.#target = target;
    try {
      this.#opened(await this.#connect(target, this.#events()));
    } catch (cause) {
      const isUntrusted = cause instanceof UntrustedPeerError;
      const message = isUntrusted ? 'P-CSCF not trusted' : 'P-CSCF not reachable';
      this.#deps.log.warn(message, { pcscf: { host, port }, cause });
      this.#targets.failed(target, isUntrusted ? UNTRUSTED_HOLD_MS : 0);
      this.#retry();
    }
  }

  #opened(link: Link): void {
    if (this.#isClosed) {
      link.close();
      return;
    }
    this.#link = link;
    this.#keepAlive = new KeepAlive(this.#deps, link, () => {
      this.#lost('keep-alive unanswered');
    });
    this.#deps.log.info('flow to the P-CSCF is up', { transport: link.protocol });
    for (const user of [...this.#users]) user.isUp();
  }

  #events(): LinkEvents {
    return {
      onFrame: (frame) => {
        this.#frameArrived(frame);
      },
      onPong: (kind) => {
        this.#keepAlive?.pong(kind);
      },
      onLost: (reason) => {
        this.#lost(reason);
      },
      onDropped: (reason, head) => {
        this.#drop(reason);
        if (head !== undefined) this.#refuse(head);
      },
    };
  }

  #frameArrived({ head, body }: Frame): void {
    const message = parseMessage(head, body);
    if (!message) {
      this.#drop('malformed');
      this.#refuse(head);
      return;
    }
    try {
      this.#proved();
      this.#receive(message, this);
    } catch (cause) {
      // sip.js throws on input it did not foresee; one message must not end every call here.
      this.#drop('unprocessable', cause);
    }
  }

  /** Only what arrives proves a P-CSCF good: one that accepts and says nothing is not. */
  #proved(): void {
    if (this.#failures > 0 && this.#target) this.#targets.proved(this.#target);
    this.#failures = 0;
  }

  #drop(reason: 'stranger' | 'malformed' | 'unprocessable', cause?: unknown): void {
    this.#deps.metrics.count('sip_messages_dropped', { reason });
    this.#deps.log.debug('SIP message dropped', { reason, cause });
  }

  #refuse(head: string): void {
    const refusal = refusalOf(head);
    if (refusal !== undefined) this.#link?.send(refusal);
  }

  #lost(reason: string): void {
    if (this.#isClosed || !this.#link) return;
    this.#unlink();
    this.#deps.log.warn('flow to the P-CSCF lost', { reason });
    if (this.#target) this.#targets.failed(this.#target);
    for (const user of [...this.#users]) user.isLost(reason);
    this.#retry();
  }

  #unlink(): void {
    this.#keepAlive?.stop();
    this.gate.reset();
    this.#link?.close();
    this.#link = undefined;
  }

  /** Soon where another P-CSCF stands ready; ever later where all have failed (RFC 5626 §4.5). */
  #retry(): void {
    if (this.#isClosed) return;
    const { ids } = this.#deps;
    const isNextReady = this.#targets.hasFresh();
    const upper = Math.min(MAX_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(this.#failures, 6));
    this.#failures += 1;
    const chance = chanceOf(ids.random(CHANCE_BITS));
    this.#openIn(isNextReady ? NEXT_TARGET_MS * chance : upper * (0.5 + chance / 2));
  }

  #openIn(ms: number): void {
    this.#cancelTimer = this.#deps.clock.after(ms, () => void this.#open());
  }
}

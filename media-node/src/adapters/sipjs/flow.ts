import { assertNever } from '@isthmus/shared/assert-never';
import type { ImsAccess } from '@isthmus/shared/store/items';
import { CHANCE_BITS, chanceOf } from '../../core/registration/backoff.ts';
import { parseMessage, type SipMessage } from '../../core/sip/message.ts';
import { refusalOf } from '../../core/sip/refusal.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Ids } from '../../ports/ids.ts';
import type { Log } from '../../ports/log.ts';
import type { Metrics } from '../../ports/metrics.ts';
import type { Frame } from './frame.ts';
import { type Link, type LinkEvents, type Protocol, UntrustedPeerError } from './link.ts';
import { openTcpLink } from './tcp-link.ts';
import { openTlsLink } from './tls-link.ts';
import { openUdpLink } from './udp-link.ts';

export interface FlowDeps {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly metrics: Pick<Metrics, 'count'>;
}

export interface FlowOptions {
  readonly bindAddress: string;
  /** What Via and Contact name; the bind address where nothing translates it. */
  readonly announcedAddress: string;
}

/** Whoever has messages coming over a flow. */
export interface FlowUser {
  isUp(): void;
  isLost(reason: string): void;
}

const FIRST_RETRY_MS = 1_000;
const MAX_RETRY_MS = 60_000;
/** RFC 5626 §4.4.1: between 95 and 120 s over TCP; over UDP within 30 s. */
const KEEP_ALIVE_MS = { TCP: 95_000, TLS: 95_000, UDP: 25_000 };
const PROTOCOLS = { tcp: 'TCP', tls: 'TLS', udp: 'UDP' } as const;
const PONG_WITHIN_MS = 10_000;

/** One transport to one set of P-CSCFs, shared by every account behind it. */
export class Flow {
  readonly #deps: FlowDeps;
  readonly #options: FlowOptions;
  readonly #access: ImsAccess;
  readonly #receive: (message: SipMessage, flow: Flow) => void;
  readonly #users = new Set<FlowUser>();
  #link: Link | undefined;
  #failures = 0;
  /** Which P-CSCF of the list it is the turn of. */
  #turn = 0;
  /** RFC 6223: who never answered a ping does not take part, and is not gone for it. */
  #answersPings = false;
  #isClosed = false;
  #cancelTimer: () => void = () => undefined;

  constructor(
    deps: FlowDeps,
    { access, options }: { readonly access: ImsAccess; readonly options: FlowOptions },
    receive: (message: SipMessage, flow: Flow) => void,
  ) {
    this.#deps = deps;
    this.#options = options;
    this.#access = access;
    this.#receive = receive;
  }

  get isUp(): boolean {
    return this.#link !== undefined;
  }

  get protocol(): Protocol {
    return PROTOCOLS[this.#access.transport];
  }

  /** What a URI says to be reached by it; UDP goes without saying (RFC 3263 §4.1). */
  get transportParameter(): string {
    const { transport } = this.#access;
    return transport === 'udp' ? '' : `;transport=${transport}`;
  }

  /** host:port as Via and Contact show it. */
  get announced(): string {
    const { announcedAddress: host } = this.#options;
    return `${bracketed(host)}:${String(this.#link?.localPort ?? 0)}`;
  }

  /** The P-CSCF as the topmost Route. */
  get route(): string {
    const { host, port } = this.#pcscf;
    return `<sip:${bracketed(host)}:${String(port)}${this.transportParameter};lr>`;
  }

  join(user: FlowUser): void {
    this.#users.add(user);
    if (this.#link) {
      user.isUp();
      return;
    }
    if (this.#users.size === 1) void this.#open();
  }

  leave(user: FlowUser): void {
    this.#users.delete(user);
  }

  /** Throws where there is no link. */
  send(text: string): void {
    if (!this.#link) throw new Error('no flow to the P-CSCF');
    this.#link.send(text);
  }

  close(): void {
    this.#isClosed = true;
    this.#cancelTimer();
    this.#link?.close();
    this.#link = undefined;
  }

  /** Each failure moves on to the next P-CSCF of the list. */
  get #pcscf(): { readonly host: string; readonly port: number } {
    const { pcscf } = this.#access;
    return pcscf[this.#turn % pcscf.length] ?? { host: '', port: 0 };
  }

  async #open(): Promise<void> {
    try {
      this.#opened(await this.#connect());
    } catch (cause) {
      const isUntrusted = cause instanceof UntrustedPeerError;
      const message = isUntrusted ? 'P-CSCF not trusted' : 'P-CSCF not reachable';
      this.#deps.log.warn(message, { pcscf: this.#pcscf, cause });
      this.#retry();
    }
  }

  #connect(): Promise<Link> {
    const { largeRequests, tls } = this.#access;
    const options = { pcscf: this.#pcscf, bindAddress: this.#options.bindAddress };
    const events = this.#events();
    switch (this.protocol) {
      case 'TCP':
        return openTcpLink(options, events);
      case 'TLS':
        return openTlsLink(options, events, tls);
      case 'UDP':
        return openUdpLink(options, events, {
          clock: this.#deps.clock,
          largeByTcp: largeRequests === 'tcp',
        });
      default:
        return assertNever(this.protocol);
    }
  }

  #opened(link: Link): void {
    if (this.#isClosed) {
      link.close();
      return;
    }
    this.#link = link;
    this.#answersPings = false;
    this.#deps.log.info('flow to the P-CSCF is up', { transport: link.protocol });
    this.#keepAlive(link);
    for (const user of [...this.#users]) user.isUp();
  }

  #events(): LinkEvents {
    return {
      onFrame: (frame) => {
        this.#frameArrived(frame);
      },
      onPong: () => {
        this.#answersPings = true;
        if (this.#link) this.#keepAlive(this.#link);
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
      // Only what arrives proves a P-CSCF good: one that accepts and says nothing is not.
      this.#failures = 0;
      this.#receive(message, this);
    } catch (cause) {
      // sip.js throws on input it did not foresee; one message must not end every call here.
      this.#drop('unprocessable', cause);
    }
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
    this.#cancelTimer();
    this.#link.close();
    this.#link = undefined;
    this.#deps.log.warn('flow to the P-CSCF lost', { reason });
    for (const user of [...this.#users]) user.isLost(reason);
    this.#retry();
  }

  #retry(): void {
    if (this.#isClosed) return;
    const upper = Math.min(MAX_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(this.#failures, 6));
    this.#failures += 1;
    this.#turn += 1;
    const delayMs = upper * (0.5 + chanceOf(this.#deps.ids.random(CHANCE_BITS)) / 2);
    this.#cancelTimer = this.#deps.clock.after(delayMs, () => void this.#open());
  }

  /** A TCP peer that leaves a ping unanswered is gone (RFC 5626 §4.4.1). */
  #keepAlive(link: Link): void {
    const { clock } = this.#deps;
    this.#cancelTimer();
    this.#cancelTimer = clock.after(KEEP_ALIVE_MS[link.protocol], () => {
      link.ping();
      if (link.protocol === 'UDP' || !this.#answersPings) this.#keepAlive(link);
      else {
        this.#cancelTimer = clock.after(PONG_WITHIN_MS, () => {
          this.#lost('keep-alive unanswered');
        });
      }
    });
  }
}

const bracketed = (host: string): string => (host.includes(':') ? `[${host}]` : host);

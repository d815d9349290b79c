import type { Socket } from 'node:net';
import { PacketBudget } from '../../core/media/packet-budget.ts';
import { packetKind } from '../../core/media/packet-kind.ts';
import { FrameReader, frameOf } from '../../core/media/stream-frames.ts';
import { bindingAnswer, readStun, type SeenEndpoint } from '../../core/media/stun-message.ts';
import type { Clock } from '../../ports/clock.ts';
import { isAuthentic, sealStun } from '../media/stun-integrity.ts';
import { type InnerSocket, openInnerSocket } from './inner-socket.ts';
import type { TcpCall } from './tcp-call.ts';

export type EndReason =
  | 'silent'
  | 'no-check'
  | 'no-call'
  | 'too-many'
  | 'frame-too-long'
  | 'crowded-out'
  | 'call-over'
  | 'fault'
  | 'closed';

export interface ConnectionDeps {
  readonly clock: Clock;
  readonly find: (fragment: string) => TcpCall | undefined;
  /** Later, when nothing for the browser can come any more. */
  readonly rest: (over: () => void) => void;
  readonly onDropped: (reason: 'backlog' | 'over-budget' | 'held') => void;
  readonly onEnded: (connection: IceTcpConnection, reason: EndReason) => void;
}

export interface ConnectionOptions {
  readonly seenAt: SeenEndpoint;
  /** Where the ports of browsers are reached from inside. */
  readonly innerAddress: string;
  readonly maxPacketsPerS: number;
  readonly limits: ConnectionLimits;
}

export interface ConnectionLimits {
  /** For the first check to be whole. */
  readonly firstCheckMs: number;
  /** A browser checks its pairs every few seconds, and asks for consent. */
  readonly silenceMs: number;
  /** By then a check by UDP has come, where UDP gets through at all. */
  readonly headStartMs: number;
}

/** As much as the native engine takes of a datagram. */
const MAX_FRAME_BYTES = 2_000;
/** Two seconds of audio; what waits longer is of no use. */
const MAX_BACKLOG_BYTES = 32 * 1024;
/** What came in one piece with the first check. */
const MAX_HELD = 16;
/** Then the sender waits, by TCP's own means. */
const OVER_BUDGET_PAUSE_MS = 100;

/** One browser by TCP: what it says goes to the UDP port of its call, by a port of its own, and back. */
export class IceTcpConnection {
  readonly #socket: Socket;
  readonly #deps: ConnectionDeps;
  readonly #options: ConnectionOptions;
  readonly #seenAt: SeenEndpoint;
  readonly #reader = new FrameReader(MAX_FRAME_BYTES);
  readonly #budget: PacketBudget;
  #phase: 'asking' | 'opening' | 'open' | 'ended' = 'asking';
  #call: TcpCall | undefined;
  #inner: InnerSocket | undefined;
  #held: Uint8Array[] = [];
  #heardAtMs: number;
  #isPaused = false;
  #stopTimer: () => void;

  constructor(socket: Socket, deps: ConnectionDeps, options: ConnectionOptions) {
    this.#socket = socket;
    this.#deps = deps;
    this.#options = options;
    this.#seenAt = options.seenAt;
    this.#heardAtMs = deps.clock.nowMs();
    this.#budget = new PacketBudget(options.maxPacketsPerS, this.#heardAtMs);
    this.#stopTimer = deps.clock.after(options.limits.firstCheckMs, () => {
      this.end('no-check');
    });
    socket.on('data', (chunk) => {
      this.#takeChunk(chunk);
    });
    socket.on('error', () => {
      this.end('closed');
    });
    socket.once('close', () => {
      this.end('closed');
    });
  }

  /** It has not yet said whose it is. */
  get isAsking(): boolean {
    return this.#phase === 'asking';
  }

  end(reason: EndReason): void {
    if (this.#phase === 'ended') return;
    this.#phase = 'ended';
    this.#stopTimer();
    this.#socket.destroy();
    this.#held = [];
    this.#leave();
    this.#deps.onEnded(this, reason);
  }

  #leave(): void {
    const [call, inner] = [this.#call, this.#inner];
    call?.left(this);
    if (!inner) {
      call?.givePlace();
      return;
    }
    call?.port.letOut(inner.local);
    // Until consent is over, what is meant for this browser must find nobody else at its port.
    this.#deps.rest(() => {
      inner.close();
      call?.givePlace();
    });
  }

  #takeChunk(chunk: Uint8Array): void {
    const packets = this.#reader.take(chunk);
    if (!packets) {
      this.end('frame-too-long');
      return;
    }
    for (const packet of packets) this.#take(packet);
  }

  #take(packet: Uint8Array): void {
    if (this.#phase === 'asking') this.#ask(packet);
    else if (this.#phase === 'opening') this.#hold(packet);
    else if (this.#phase === 'open') this.#carryIn(packet);
  }

  #ask(packet: Uint8Array): void {
    const message = readStun(packet);
    const isCheck = message?.isBinding === true && message.class === 'request';
    // USERNAME begins with the fragment of the one asked (RFC 8445 §7.2.2).
    const fragment = isCheck ? message.username?.split(':')[0] : undefined;
    if (fragment === undefined) {
      this.end('no-check');
      return;
    }
    const call = this.#deps.find(fragment);
    if (!(call && message && isAuthentic(message, call.names.password))) this.end('no-call');
    else if (call.take(this)) this.#begin(call, packet);
    else this.end('too-many');
  }

  #begin(call: TcpCall, first: Uint8Array): void {
    this.#phase = 'opening';
    this.#call = call;
    this.#stopTimer();
    this.#socket.pause();
    this.#hold(first);
    this.#open(call).catch(() => {
      this.end('fault');
    });
  }

  async #open(call: TcpCall): Promise<void> {
    const { clock } = this.#deps;
    const { innerAddress, limits } = this.#options;
    const headStart = new Promise<void>((over) => {
      clock.after(limits.headStartMs, over);
    });
    const to = { address: innerAddress, port: call.port.port };
    const inner = await openInnerSocket(to, (packet) => {
      this.#carryOut(packet);
    });
    if (this.#hasEnded()) {
      inner.close();
      return;
    }
    this.#inner = inner;
    await Promise.all([call.port.letIn(inner.local), headStart]);
    if (this.#hasEnded()) return;
    this.#phase = 'open';
    this.#heard();
    this.#watch();
    this.#socket.resume();
    for (const packet of this.#held.splice(0)) this.#carryIn(packet);
  }

  /** It may while anything is waited for. */
  #hasEnded(): boolean {
    return this.#phase === 'ended';
  }

  #hold(packet: Uint8Array): void {
    if (this.#held.length < MAX_HELD) this.#held.push(Uint8Array.from(packet));
    else this.#deps.onDropped('held');
  }

  #carryIn(packet: Uint8Array): void {
    this.#heard();
    if (!this.#isPaused && this.#budget.take(this.#heardAtMs)) {
      this.#inner?.send(packet);
      return;
    }
    this.#deps.onDropped('over-budget');
    this.#pause();
  }

  #pause(): void {
    if (this.#isPaused) return;
    this.#isPaused = true;
    this.#socket.pause();
    this.#deps.clock.after(OVER_BUDGET_PAUSE_MS, () => {
      this.#isPaused = false;
      this.#socket.resume();
    });
  }

  #carryOut(packet: Uint8Array): void {
    if (this.#phase !== 'open' && this.#phase !== 'opening') return;
    // Late media is of no use, and late checks are sent again.
    if (this.#socket.writableLength + packet.length > MAX_BACKLOG_BYTES) {
      this.#deps.onDropped('backlog');
      return;
    }
    this.#socket.write(frameOf(this.#asSeen(packet)));
  }

  /**
   * The answer to a check says where the browser is seen (RFC 8445 §7.3.1.2). Its call has seen our inner
   * port, which is nobody's concern.
   */
  #asSeen(packet: Uint8Array): Uint8Array {
    const password = this.#call?.names.password;
    if (password === undefined || packetKind(packet) !== 'stun') return packet;
    const message = readStun(packet);
    // Under other names, of a restart, it is not ours to sign.
    if (message?.class !== 'success' || !isAuthentic(message, password)) return packet;
    const answer = bindingAnswer(packet, this.#seenAt);
    return answer ? sealStun(answer, password) : packet;
  }

  #heard(): void {
    this.#heardAtMs = this.#deps.clock.nowMs();
  }

  #watch(): void {
    const { clock } = this.#deps;
    const leftMs = this.#heardAtMs + this.#options.limits.silenceMs - clock.nowMs();
    if (leftMs <= 0) {
      this.end('silent');
      return;
    }
    this.#stopTimer = clock.after(leftMs, () => {
      this.#watch();
    });
  }
}

import type { Duplex } from 'node:stream';
import type { Clock } from '@isthmus/media-node/ports/clock';
import { WebSocket } from 'ws';
import type { ConnectionFacts } from './events.ts';
import { FrameGuard } from './frame-guard.ts';
import type { GatewayOptions } from './stage.ts';

export interface ConnectionListener {
  readonly onText: (connection: Connection, text: string) => void;
  readonly onClosed: (connection: Connection, code: number, reason: string) => void;
}

export interface Opened {
  readonly socket: Duplex;
  readonly webSocket: WebSocket;
  readonly facts: ConnectionFacts;
}

const GOING_AWAY = 1001;
const UNSUPPORTED_DATA = 1003;
const TOO_BIG = 1009;
const NORMAL = 1000;

/** One open WebSocket and the limits AWS sets it. */
export class Connection {
  readonly facts: ConnectionFacts;
  readonly #clock: Clock;
  readonly #options: GatewayOptions;
  readonly #webSocket: WebSocket;
  readonly #stopLife: () => void;
  #stopIdle: () => void = () => undefined;
  #lastActiveAtMs: number;

  constructor(
    { clock, options }: { readonly clock: Clock; readonly options: GatewayOptions },
    { socket, webSocket, facts }: Opened,
    { onText, onClosed }: ConnectionListener,
  ) {
    this.facts = facts;
    this.#clock = clock;
    this.#options = options;
    this.#webSocket = webSocket;
    this.#lastActiveAtMs = clock.nowMs();
    this.#stopLife = clock.after(options.lifeMs, () => {
      this.#leave(GOING_AWAY, 'Going away');
    });
    this.#touch();
    this.#guardFrames(socket);
    webSocket.on('message', (data: Buffer, isBinary) => {
      if (!this.isOpen) return;
      this.#touch();
      if (isBinary) this.#leave(UNSUPPORTED_DATA, 'Unsupported data');
      else onText(this, data.toString('utf8'));
    });
    webSocket.on('error', () => {
      // The close that follows says what there is to say.
    });
    webSocket.on('close', (code, reason) => {
      this.#stopLife();
      this.#stopIdle();
      onClosed(this, code, reason.toString('utf8'));
    });
  }

  get isOpen(): boolean {
    return this.#webSocket.readyState === WebSocket.OPEN;
  }

  get lastActiveAtMs(): number {
    return this.#lastActiveAtMs;
  }

  get bufferedBytes(): number {
    return this.#webSocket.bufferedAmount;
  }

  /** One text message, in frames no larger than AWS sends them. */
  send(data: Buffer | string): void {
    if (!this.isOpen) return;
    this.#touch();
    const bytes = Buffer.from(data);
    const { maxFrameBytes } = this.#options;
    for (let at = 0; at === 0 || at < bytes.length; at += maxFrameBytes) {
      const fin = at + maxFrameBytes >= bytes.length;
      this.#webSocket.send(bytes.subarray(at, at + maxFrameBytes), { binary: false, fin });
    }
  }

  /** As `DELETE @connections` does it. */
  end(): void {
    this.#leave(NORMAL, 'Connection Closed Normally');
  }

  /** The gateway itself goes down. */
  goAway(): void {
    this.#leave(GOING_AWAY, 'Going away');
  }

  terminate(): void {
    this.#webSocket.terminate();
  }

  #leave(code: number, reason: string): void {
    this.#webSocket.close(code, reason);
  }

  #touch(): void {
    this.#lastActiveAtMs = this.#clock.nowMs();
    this.#stopIdle();
    this.#stopIdle = this.#clock.after(this.#options.idleMs, () => {
      this.#leave(GOING_AWAY, 'Going away');
    });
  }

  // Ahead of the library's own listener, so that a message whose frame is too large is
  // already refused when the library delivers it.
  #guardFrames(socket: Duplex): void {
    const guard = new FrameGuard(this.#options.maxFrameBytes);
    const inspect = (chunk: Buffer): void => {
      if (guard.accepts(chunk)) return;
      socket.off('data', inspect);
      this.#leave(TOO_BIG, 'Message too long');
    };
    socket.prependListener('data', inspect);
  }
}

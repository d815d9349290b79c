import { WebSocket } from 'ws';
import type { OpenSocket, Socket, SocketListener } from '../../../client/src/ports/socket.ts';

/** The way to the service of a phone without a browser, which a test may take away. */
export class NodeNetwork {
  /** Names of the events in the frames that came, repeated ones too, with their numbers. */
  readonly events: { readonly event: string; readonly seq: number }[] = [];
  readonly #origin: string;
  readonly #open = new Set<WebSocket>();
  #isAway = false;

  constructor(origin: string) {
    this.#origin = origin;
  }

  get sockets(): number {
    return this.#open.size;
  }

  /** Every socket breaks without a word, and no new one opens until `comeBack`. */
  goAway(): void {
    this.#isAway = true;
    for (const socket of this.#open) socket.terminate();
  }

  comeBack(): void {
    this.#isAway = false;
  }

  readonly openSocket: OpenSocket = (url, listener) => {
    if (this.#isAway) return unreachable(listener);
    const socket = new WebSocket(url, { origin: this.#origin });
    let silent = false;
    this.#open.add(socket);
    socket.on('error', () => undefined);
    socket.on('open', () => {
      if (!silent) listener.opened();
    });
    socket.on('message', (data: Buffer) => {
      const text = data.toString();
      this.#note(text);
      if (!silent) listener.received(text);
    });
    socket.on('close', () => {
      this.#open.delete(socket);
      if (!silent) listener.closed();
    });
    return {
      send(text) {
        if (socket.readyState === WebSocket.OPEN) socket.send(text);
      },
      close() {
        silent = true;
        socket.close(1000);
      },
    };
  };

  #note(text: string): void {
    const { event, seq } = JSON.parse(text) as { event?: string; seq?: number };
    if (event !== undefined && seq !== undefined) this.events.push({ event, seq });
  }
}

function unreachable(listener: SocketListener): Socket {
  let silent = false;
  queueMicrotask(() => {
    if (!silent) listener.closed();
  });
  return {
    send: () => undefined,
    close() {
      silent = true;
    },
  };
}

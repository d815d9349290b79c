import type { AccessNames } from '../../ports/media-plane.ts';
import type { InnerEndpoint } from './inner-socket.ts';

/** The UDP port of browsers that carries a call. */
export interface BrowsersPort {
  readonly port: number;
  /** What comes from there is a browser's, though it is an address of our own. */
  letIn(source: InnerEndpoint): Promise<void> | void;
  /** It is nobody's any more. */
  letOut(source: InnerEndpoint): void;
}

interface Connection {
  end(reason: 'call-over'): void;
}

/** A call that is to be had by TCP under certain names; a restart makes another of it. */
export class TcpCall {
  readonly names: AccessNames;
  readonly port: BrowsersPort;
  readonly #most: number;
  readonly #connections = new Set<Connection>();
  #places = 0;
  /** Nobody comes by its names any more. */
  isRetired = false;

  constructor(names: AccessNames, port: BrowsersPort, most: number) {
    this.names = names;
    this.port = port;
    this.#most = most;
  }

  get isEmpty(): boolean {
    return this.#connections.size === 0;
  }

  /** False: it has connections enough. */
  take(connection: Connection): boolean {
    if (this.#places >= this.#most) return false;
    this.#places += 1;
    this.#connections.add(connection);
    return true;
  }

  left(connection: Connection): void {
    this.#connections.delete(connection);
  }

  /** Once for each that was taken, and not before its inner port is nobody's. */
  givePlace(): void {
    this.#places -= 1;
  }

  end(): void {
    for (const it of [...this.#connections]) it.end('call-over');
  }
}

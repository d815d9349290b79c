import type { Clock } from '../ports/clock.ts';
import type { OpenSocket, Socket } from '../ports/socket.ts';

export interface SocketPair {
  readonly current: Socket | undefined;
  readonly next: Socket | undefined;
  openNext(): void;
  adoptNext(): void;
  dropNext(): void;
  closeAll(): void;
}

export interface SocketPairListener {
  readonly url: string;
  readonly received: (text: string) => void;
  readonly gone: (socket: Socket) => void;
  readonly nextOpened: () => void;
  readonly nextClosed: () => void;
  readonly currentClosed: () => void;
}

const OPEN_MS = 10_000;
/** API Gateway ends a WebSocket after ten idle minutes. */
const PING_MS = 5 * 60_000;
const PING = JSON.stringify({ action: 'ping' });

/** The socket that carries us and the one that is to follow it. */
export function createSocketPair(
  { clock, openSocket }: { readonly clock: Clock; readonly openSocket: OpenSocket },
  listener: SocketPairListener,
): SocketPair {
  let current: Socket | undefined;
  let next: Socket | undefined;
  let stopOpening: (() => void) | undefined;
  let stopPing: (() => void) | undefined;

  const closed = (socket: Socket): void => {
    if (socket === next) {
      dropNext();
      listener.nextClosed();
    } else if (socket === current) {
      current = undefined;
      stopPing?.();
      listener.gone(socket);
      listener.currentClosed();
    }
  };
  const dropNext = (): void => {
    stopOpening?.();
    const dropped = next;
    next = undefined;
    dropped?.close();
    if (dropped) listener.gone(dropped);
  };
  const pingLater = (): void => {
    stopPing?.();
    stopPing = clock.after(PING_MS, () => {
      current?.send(PING);
      pingLater();
    });
  };
  const openNext = (): void => {
    dropNext();
    const socket: Socket = openSocket(listener.url, {
      opened: () => {
        stopOpening?.();
        if (socket === next) listener.nextOpened();
      },
      received: (text) => {
        if (socket === next || socket === current) listener.received(text);
      },
      closed: () => {
        closed(socket);
      },
    });
    next = socket;
    stopOpening = clock.after(OPEN_MS, () => {
      closed(socket);
    });
  };
  return {
    get current() {
      return current;
    },
    get next() {
      return next;
    },
    openNext,
    adoptNext() {
      if (!next) return;
      current?.close();
      current = next;
      next = undefined;
      pingLater();
    },
    dropNext,
    closeAll() {
      dropNext();
      stopPing?.();
      current?.close();
      current = undefined;
    },
  };
}

export interface Socket {
  send(text: string): void;
  /** Nothing is heard of a socket any more once this was called. */
  close(): void;
}

export interface SocketListener {
  readonly opened: () => void;
  readonly received: (text: string) => void;
  readonly closed: () => void;
}

export type OpenSocket = (url: string, listener: SocketListener) => Socket;

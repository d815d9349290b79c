import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';

export interface InnerEndpoint {
  readonly address: string;
  readonly port: number;
}

export interface InnerSocket {
  readonly local: InnerEndpoint;
  send(packet: Uint8Array): void;
  close(): void;
}

const ignore = (): void => undefined;

/** A port of this machine that speaks with one other of it alone. */
export async function openInnerSocket(
  to: InnerEndpoint,
  onPacket: (packet: Uint8Array) => void,
): Promise<InnerSocket> {
  const socket = createSocket(isIPv6(to.address) ? 'udp6' : 'udp4');
  try {
    socket.bind(0, to.address);
    await once(socket, 'listening');
    socket.connect(to.port, to.address);
    await once(socket, 'connect');
  } catch (cause) {
    socket.close();
    throw cause;
  }
  // The port that it speaks with may be gone before it.
  socket.on('error', ignore);
  socket.on('message', onPacket);
  return innerSocketOf(socket);
}

function innerSocketOf(socket: Socket): InnerSocket {
  const { address, port } = socket.address();
  let isOpen = true;
  return {
    local: { address, port },
    send(packet) {
      if (isOpen) socket.send(packet, ignore);
    },
    close() {
      isOpen = false;
      socket.close();
    },
  };
}

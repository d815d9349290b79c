import { createSocket, type RemoteInfo } from 'node:dgram';
import { isIPv6 } from 'node:net';

export interface UdpSocket {
  readonly port: number;
  send(packet: Uint8Array, port: number, address: string): void;
  close(): Promise<void>;
}

/** A burst of 50 calls at 20 ms must survive one busy turn of the event loop. */
const BUFFER_BYTES = 4 * 1024 * 1024;

export interface UdpBinding {
  readonly address: string;
  readonly port: number;
  readonly onPacket: (packet: Uint8Array, from: RemoteInfo) => void;
  /** A bug of ours that one packet has found; it costs that packet, not the node. */
  readonly onFault: () => void;
}

/** Rejects with the system's error (`EADDRINUSE`) when the port cannot be had. */
export function bindUdp({ address, port, ...take }: UdpBinding): Promise<UdpSocket> {
  const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
  return new Promise((resolve, reject) => {
    const failed = (cause: Error): void => {
      // Unbound, it still holds a descriptor.
      socket.close();
      reject(cause);
    };
    socket.once('error', failed);
    socket.bind(port, address, () => {
      socket.off('error', failed);
      // An ICMP error of one peer must not take the port from everybody else.
      socket.on('error', ignore);
      socket.on('message', (packet, from) => {
        takePacket(take, packet, from);
      });
      growBuffers(socket);
      let isOpen = true;
      resolve({
        port: socket.address().port,
        send(packet, toPort, toAddress) {
          // A forged source port of 0 is delivered to us, and to answer it would throw.
          if (isOpen && toPort > 0) socket.send(packet, toPort, toAddress, ignore);
        },
        close: () =>
          new Promise((closed) => {
            if (!isOpen) {
              closed();
              return;
            }
            isOpen = false;
            socket.close(closed);
          }),
      });
    });
  });
}

const ignore = (): void => undefined;

function takePacket(
  { onPacket, onFault }: Pick<UdpBinding, 'onPacket' | 'onFault'>,
  packet: Uint8Array,
  from: RemoteInfo,
): void {
  try {
    onPacket(packet, from);
  } catch {
    // Thrown on, it would end every call of the process.
    onFault();
  }
}

function growBuffers(socket: ReturnType<typeof createSocket>): void {
  try {
    socket.setRecvBufferSize(BUFFER_BYTES);
    socket.setSendBufferSize(BUFFER_BYTES);
  } catch {
    // Some containers forbid it; the kernel's default serves then.
  }
}

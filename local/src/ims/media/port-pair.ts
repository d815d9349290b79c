import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';

export interface PortPair {
  readonly rtp: Socket;
  readonly rtcp: Socket;
  readonly rtpPort: number;
}

const ATTEMPTS = 50;

/** RTP on an even port, RTCP on the next (RFC 3550 §11). */
export async function openPortPair(host: string): Promise<PortPair> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const first = await bound(host, 0);
    if (first === undefined) continue;
    const port = first.address().port;
    const isEven = port % 2 === 0;
    const second = await bound(host, isEven ? port + 1 : port - 1);
    if (second !== undefined) {
      const [rtp, rtcp] = isEven ? [first, second] : [second, first];
      return { rtp, rtcp, rtpPort: port - (port % 2) };
    }
    first.close();
  }
  throw new Error('no pair of free UDP ports');
}

async function bound(host: string, port: number): Promise<Socket | undefined> {
  const socket = createSocket('udp4');
  try {
    socket.bind(port, host);
    await once(socket, 'listening');
    socket.on('error', () => undefined);
    return socket;
  } catch {
    // Another process holds the port: the caller draws again.
    socket.close();
    return undefined;
  }
}

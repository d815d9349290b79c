import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import type { Flow } from './flow.ts';
import { createTcpFramer, type Frame } from './tcp-framer.ts';

export interface FlowHandlers {
  onFrame(frame: Frame, flow: Flow): void;
  onClose(flow: Flow): void;
}

export interface SipListeners {
  readonly port: number;
  close(): Promise<void>;
}

const ATTEMPTS = 20;

/** TCP and UDP on one number; where the kernel's TCP choice is taken in UDP, another is drawn. */
export async function openSipListeners(
  at: { readonly host: string; readonly port: number },
  handlers: FlowHandlers,
): Promise<SipListeners> {
  for (let attempt = 1; ; attempt += 1) {
    const tcp = createServer();
    const udp = createSocket('udp4');
    try {
      await listen(tcp, at);
      await bind(udp, at.host, portOf(tcp));
      return serve(tcp, udp, handlers);
    } catch (error) {
      tcp.close();
      udp.close();
      if (at.port !== 0 || attempt === ATTEMPTS) throw error;
    }
  }
}

async function listen(tcp: Server, at: { host: string; port: number }): Promise<void> {
  tcp.listen(at.port, at.host);
  await once(tcp, 'listening');
}

async function bind(udp: UdpSocket, host: string, port: number): Promise<void> {
  udp.bind(port, host);
  await once(udp, 'listening');
}

function portOf(tcp: Server): number {
  const address = tcp.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

function serve(tcp: Server, udp: UdpSocket, handlers: FlowHandlers): SipListeners {
  const sockets = new Set<Socket>();
  tcp.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    serveConnection(socket, handlers);
  });
  udp.on('error', () => undefined);
  serveDatagrams(udp, handlers);
  return {
    port: portOf(tcp),
    async close() {
      for (const socket of sockets) socket.destroy();
      const closed = [once(tcp, 'close'), once(udp, 'close')];
      tcp.close();
      udp.close();
      await Promise.all(closed);
    },
  };
}

function serveConnection(socket: Socket, handlers: FlowHandlers): void {
  const remote = { host: socket.remoteAddress ?? '', port: socket.remotePort ?? 0 };
  const flow: Flow = {
    id: `tcp:${remote.host}:${String(remote.port)}`,
    transport: 'TCP',
    isReliable: true,
    remote,
    isOpen: () => socket.writable,
    send: (bytes) => {
      if (socket.writable) socket.write(bytes);
    },
  };
  const framer = createTcpFramer();
  socket.setNoDelay(true);
  socket.on('data', (chunk) => {
    const outcome = framer(Buffer.from(chunk));
    if (outcome.kind === 'broken') {
      socket.destroy();
      return;
    }
    for (let ping = 0; ping < outcome.pings; ping += 1) flow.send(Buffer.from('\r\n'));
    for (const frame of outcome.frames) handlers.onFrame(frame, flow);
  });
  // A reset is followed by `close`, which is what counts.
  socket.on('error', () => undefined);
  socket.on('close', () => {
    handlers.onClose(flow);
  });
}

function serveDatagrams(udp: UdpSocket, handlers: FlowHandlers): void {
  let isClosed = false;
  udp.on('close', () => {
    isClosed = true;
  });
  udp.on('message', (datagram, { address, port }) => {
    const headLength = datagram.indexOf('\r\n\r\n');
    // Keep-alives (CRLF, STUN) and garbage have no head.
    if (headLength < 1) return;
    const head = datagram.toString('utf8', 0, headLength);
    const flow: Flow = {
      id: `udp:${address}:${String(port)}`,
      transport: 'UDP',
      isReliable: false,
      remote: { host: address, port },
      isOpen: () => !isClosed,
      send: (bytes) => {
        if (!isClosed) udp.send(bytes, port, address, () => undefined);
      },
    };
    handlers.onFrame({ head, body: trimmed(head, datagram.subarray(headLength + 4)) }, flow);
  });
}

/** What follows the counted body of a datagram is discarded (RFC 3261 §18.3). */
function trimmed(head: string, rest: Buffer): Buffer {
  const claimed = /^(?:content-length|l)[ \t]*:[ \t]*(\d{1,8})[ \t]*$/im.exec(head)?.[1];
  return Buffer.from(claimed === undefined ? rest : rest.subarray(0, Number(claimed)));
}

import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { FrameReader, frameOf } from '../../media-node/src/core/media/stream-frames.ts';

/** A connection as a browser makes it to a passive candidate (RFC 6544 §4.5). */
export class TcpWire {
  readonly heard: Buffer[] = [];
  isOver = false;
  readonly #socket: Socket;
  readonly #reader = new FrameReader(65_535);
  onPacket: (packet: Buffer) => void = () => undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk) => {
      for (const it of this.#reader.take(chunk) ?? []) {
        this.heard.push(Buffer.from(it));
        this.onPacket(Buffer.from(it));
      }
    });
    // A reset is one way to be turned away.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.isOver = true;
    });
  }

  static async open(candidates: readonly string[]): Promise<TcpWire> {
    const { address, port } = passiveIn(candidates);
    const socket = connect(port, address);
    await once(socket, 'connect');
    return new TcpWire(socket);
  }

  get port(): number {
    return this.#socket.localPort ?? 0;
  }

  send(packet: Uint8Array): void {
    this.sendRaw(frameOf(packet));
  }

  sendRaw(bytes: Uint8Array | string): void {
    if (!this.#socket.destroyed) this.#socket.write(bytes);
  }

  /** Hears nothing, and so takes nothing off the line, until it is resumed. */
  pause(): void {
    this.#socket.pause();
  }

  close(): void {
    this.#socket.destroy();
  }
}

export function passiveIn(candidates: readonly string[]): { address: string; port: number } {
  const line = candidates.find((it) => it.includes('tcptype passive')) ?? '';
  const [, , , , address = '', port = ''] = line.split(' ');
  return { address, port: Number(port) };
}

/** What a browser sends to a port here goes to the node by TCP, and back. */
export class TcpPath {
  /** The node, as the browser is to find it. */
  readonly candidates: readonly string[];
  readonly wire: TcpWire;
  readonly #near: UdpSocket;

  private constructor(near: UdpSocket, wire: TcpWire) {
    this.#near = near;
    this.wire = wire;
    const port = String(near.address().port);
    this.candidates = [`candidate:1 1 udp 2130706431 127.0.0.1 ${port} typ host`];
    near.on('message', (packet, from) => {
      wire.onPacket = (answer) => {
        near.send(answer, from.port, from.address);
      };
      wire.send(packet);
    });
  }

  static async open(candidates: readonly string[]): Promise<TcpPath> {
    const near = createSocket('udp4').bind(0, '127.0.0.1');
    await once(near, 'listening');
    return new TcpPath(near, await TcpWire.open(candidates));
  }

  close(): void {
    this.#near.close();
    this.wire.close();
  }
}

import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';
import type { RtpEndpoint } from '../../media-node/src/ports/media-plane.ts';

/** The IMS side of one call: two bare sockets. */
export class ImsPeer {
  readonly heard: Buffer[] = [];
  readonly heardRtcp: Buffer[] = [];
  readonly #rtp: Socket;
  readonly #rtcp: Socket;

  private constructor(rtp: Socket, rtcp: Socket) {
    this.#rtp = rtp;
    this.#rtcp = rtcp;
    rtp.on('message', (packet) => this.heard.push(packet));
    rtcp.on('message', (packet) => this.heardRtcp.push(packet));
  }

  static async open(address = '127.0.0.1'): Promise<ImsPeer> {
    const type = isIPv6(address) ? 'udp6' : 'udp4';
    const sockets = [createSocket(type), createSocket(type)] as const;
    for (const socket of sockets) socket.bind(0, address);
    await Promise.all(sockets.map((socket) => once(socket, 'listening')));
    return new ImsPeer(...sockets);
  }

  get endpoint(): RtpEndpoint {
    return {
      address: this.#rtp.address().address,
      rtpPort: this.#rtp.address().port,
      rtcpPort: this.#rtcp.address().port,
    };
  }

  /** Hears what comes on one port from now on, alone. */
  listen(port: 'rtp' | 'rtcp', listener: (packet: Buffer) => void): void {
    const socket = port === 'rtp' ? this.#rtp : this.#rtcp;
    socket.removeAllListeners('message');
    socket.on('message', listener);
  }

  send(packet: Uint8Array, to: RtpEndpoint): void {
    this.#rtp.send(packet, to.rtpPort, to.address);
  }

  sendRtcp(packet: Uint8Array, to: RtpEndpoint): void {
    this.#rtcp.send(packet, to.rtcpPort, to.address);
  }

  close(): void {
    this.#rtp.close();
    this.#rtcp.close();
  }
}

import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { findFreePort } from './free-port.ts';
import { type Address, CallTurns, UE_HOST, type UeFlow } from './ue-flow.ts';

/** The kernel's table of sockets has 127.0.0.1 so, and the port in hexadecimal behind it. */
const SOCKETS = '/proc/net/udp';
const HOST_THERE = '0100007F';

/**
 * One socket through all scenarios, so that nobody else has the port between two of them, and no
 * sipp hears what a core repeats of a call that was another's.
 */
export class UdpFlow implements UeFlow {
  readonly transport = 'udp';
  readonly port: number;
  readonly #socket: Socket;
  readonly #core: Address;
  readonly #turns = new CallTurns();
  #speakerPort = 0;

  private constructor(socket: Socket, core: Address) {
    this.port = socket.address().port;
    this.#socket = socket;
    this.#core = core;
    socket.on('message', (bytes, from) => {
      this.#pass(bytes, from);
    });
  }

  static async open(core: Address): Promise<UdpFlow> {
    const socket = createSocket('udp4').bind(0, UE_HOST);
    await once(socket, 'listening');
    return new UdpFlow(socket, core);
  }

  async join(): Promise<{ port: number; server: Address }> {
    this.#turns.next();
    this.#speakerPort = await findFreePort(UE_HOST);
    return { port: this.#speakerPort, server: { host: UE_HOST, port: this.port } };
  }

  /** It has bound its port; what is sent to it from now on waits there to be read. */
  async isHeard(): Promise<boolean> {
    const port = this.#speakerPort.toString(16).toUpperCase().padStart(4, '0');
    return (await readFile(SOCKETS, 'latin1')).includes(` ${HOST_THERE}:${port} `);
  }

  close(): void {
    this.#socket.close();
  }

  #pass(bytes: Buffer, { address, port }: RemoteInfo): void {
    const isCurrent = this.#turns.take(bytes.toString('latin1'));
    if (address === this.#core.host) {
      if (isCurrent && this.#speakerPort !== 0)
        this.#socket.send(bytes, this.#speakerPort, UE_HOST);
    } else if (port === this.#speakerPort) {
      this.#socket.send(bytes, this.#core.port, this.#core.host);
    }
  }
}

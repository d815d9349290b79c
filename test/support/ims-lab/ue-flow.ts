import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { findFreePort } from './free-port.ts';
import type { ImsLab } from './ims-lab.ts';

type Address = ImsLab['pcscf'];

/** By what a P-CSCF knows a UE, whichever sipp speaks for it. */
export interface UeFlow {
  readonly transport: 'tcp' | 'udp';
  /** Of its Contact and Via. */
  readonly port: number;
  /** The next sipp's turn: where it listens, and whom it sends to. */
  join(): Promise<{ readonly port: number; readonly server: Address }>;
  close(): void;
}

export const UE_HOST = '127.0.0.1';
const AGAIN_MS = 50;
/** Whoever is started next is to hear it; what is left over of a call before is nobody's. */
const OPENING = /^(INVITE|MESSAGE) /;

export const udpFlow = (port: number, server: Address): UeFlow => ({
  transport: 'udp',
  port,
  join: () => Promise.resolve({ port, server }),
  close: () => undefined,
});

/** One connection through all scenarios, as the P-CSCF opens none of its own (RFC 5626 §5.3). */
class TcpFlow implements UeFlow {
  readonly transport = 'tcp';
  readonly #core: Socket;
  readonly #door: Server;
  #speaker: Socket | undefined;
  #speakerPort: number | undefined;
  #kept: Buffer[] = [];
  #isCalling = false;

  constructor(core: Socket, door: Server) {
    this.#core = core;
    this.#door = door;
    door.on('connection', (socket) => {
      this.#speak(socket);
    });
    core.on('data', (chunk) => {
      this.#heard(chunk);
    });
    // The core ends before its phones.
    core.on('error', () => undefined);
  }

  get port(): number {
    return this.#core.localPort ?? 0;
  }

  async join(): Promise<{ port: number; server: Address }> {
    this.#speaker?.destroy();
    this.#speaker = undefined;
    this.#speakerPort = await findFreePort(UE_HOST);
    void this.#call();
    const { port } = this.#door.address() as AddressInfo;
    return { port: this.#speakerPort, server: { host: UE_HOST, port } };
  }

  close(): void {
    this.#kept = [];
    this.#speaker?.destroy();
    this.#core.destroy();
    this.#door.close();
  }

  #speak(socket: Socket): void {
    this.#speaker = socket;
    socket.on('data', (chunk) => this.#core.write(chunk));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      if (this.#speaker === socket) this.#speaker = undefined;
    });
  }

  #heard(chunk: Buffer): void {
    if (this.#speaker) {
      this.#speaker.write(chunk);
      return;
    }
    if (this.#kept.length === 0 && !OPENING.test(chunk.toString('latin1'))) return;
    this.#kept.push(chunk);
    void this.#call();
  }

  /** A sipp that waits to be called listens; it is there when it can be reached. */
  async #call(): Promise<void> {
    if (this.#isCalling) return;
    this.#isCalling = true;
    while (this.#kept.length > 0 && !this.#speaker) {
      const reached = await reach(this.#speakerPort);
      if (reached) this.#speak(reached);
      else await setTimeout(AGAIN_MS);
    }
    for (const chunk of this.#kept.splice(0)) this.#speaker?.write(chunk);
    this.#isCalling = false;
  }
}

const reach = (port: number | undefined): Promise<Socket | undefined> =>
  new Promise((resolve) => {
    if (port === undefined) {
      resolve(undefined);
      return;
    }
    const socket = connect({ port, host: UE_HOST });
    socket.once('connect', () => {
      resolve(socket);
    });
    socket.once('error', () => {
      resolve(undefined);
    });
  });

/** For a UE that is about to register. */
export async function openUeFlow(lab: ImsLab, transport: UeFlow['transport']): Promise<UeFlow> {
  if (transport === 'udp') return udpFlow(await findFreePort(UE_HOST), lab.pcscf);
  const core = connect({ ...lab.pcscf, localAddress: UE_HOST });
  const door = createServer().listen(0, UE_HOST);
  await Promise.all([once(core, 'connect'), once(door, 'listening')]);
  return new TcpFlow(core, door);
}

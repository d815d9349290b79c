import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { StreamFramer } from '../../../media-node/src/adapters/sipjs/stream-framer.ts';
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
  /**
   * What came while no sipp was there is nobody's: no CANCEL takes back an INVITE that nobody has
   * answered yet (RFC 3261 §9.1).
   */
  forget(): void;
  close(): void;
}

export const UE_HOST = '127.0.0.1';
const AGAIN_MS = 50;
const PATIENCE_MS = 500;
/** Whoever is started next is to hear it; what is left over of a call before is nobody's. */
const OPENING = /^(INVITE|MESSAGE) /;
const TAKEN_BACK = /^CANCEL /;
const UNANSWERED = /^(SIP\/2\.0|ACK) /;

export const udpFlow = (port: number, server: Address): UeFlow => ({
  transport: 'udp',
  port,
  join: () => Promise.resolve({ port, server }),
  forget: () => undefined,
  close: () => undefined,
});

/**
 * One connection through all scenarios, as the P-CSCF opens none of its own (RFC 5626 §5.3). A sipp
 * that reads a second request before it has answered the first gives up, so they come one by one.
 */
class TcpFlow implements UeFlow {
  readonly transport = 'tcp';
  readonly port: number;
  readonly #core: Socket;
  readonly #door: Server;
  #speaker: Socket | undefined;
  #speakerPort: number | undefined;
  #waiting: string[] = [];
  #isDelivering = false;
  #said: () => void = () => undefined;

  constructor(core: Socket, door: Server) {
    this.port = core.localPort ?? 0;
    this.#core = core;
    this.#door = door;
    door.on('connection', (socket) => {
      this.#speak(socket);
    });
    const framer = new StreamFramer({
      onFrame: ({ body, head }) => {
        this.#heard(`${head}\r\n\r\n${body}`);
      },
      onPing: () => undefined,
      onPong: () => undefined,
    });
    core.on('data', (chunk) => framer.push(chunk));
    // The core ends before its phones.
    core.on('error', () => undefined);
  }

  async join(): Promise<{ port: number; server: Address }> {
    this.#speaker?.destroy();
    this.#speaker = undefined;
    this.#speakerPort = await findFreePort(UE_HOST);
    const { port } = this.#door.address() as AddressInfo;
    return { port: this.#speakerPort, server: { host: UE_HOST, port } };
  }

  forget(): void {
    this.#waiting = [];
  }

  close(): void {
    this.forget();
    this.#speaker?.destroy();
    this.#core.destroy();
    this.#door.close();
  }

  #speak(socket: Socket): void {
    this.#speaker = socket;
    socket.on('data', (chunk) => {
      this.#core.write(chunk);
      this.#said();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      if (this.#speaker !== socket) return;
      this.#speaker = undefined;
      this.#waiting = [];
    });
  }

  #heard(message: string): void {
    const isKept = this.#speaker !== undefined || this.#waiting.length > 0;
    if (this.#speaker === undefined && TAKEN_BACK.test(message)) this.#waiting = [];
    else if (isKept || OPENING.test(message)) this.#waiting.push(message);
    void this.#deliver();
  }

  async #deliver(): Promise<void> {
    if (this.#isDelivering) return;
    this.#isDelivering = true;
    while (this.#waiting.length > 0) {
      if (this.#speaker) await this.#tell(this.#speaker, this.#waiting.shift() ?? '');
      else await this.#call();
    }
    this.#isDelivering = false;
  }

  /** A sipp that waits to be called listens; it is there when it can be reached. */
  async #call(): Promise<void> {
    const reached = await reach(this.#speakerPort);
    if (reached) this.#speak(reached);
    else await setTimeout(AGAIN_MS);
  }

  async #tell(speaker: Socket, message: string): Promise<void> {
    const said = new Promise<void>((resolve) => {
      this.#said = resolve;
    });
    speaker.write(message);
    if (!UNANSWERED.test(message)) await Promise.race([said, setTimeout(PATIENCE_MS)]);
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

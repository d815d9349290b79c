import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { StreamFramer } from '../../../media-node/src/adapters/sipjs/stream-framer.ts';
import { findFreePort } from './free-port.ts';
import { type Address, CallTurns, UE_HOST, type UeFlow } from './ue-flow.ts';

const AGAIN_MS = 50;
const PATIENCE_MS = 500;
/** Whoever was started last is to hear it once it listens. */
const OPENING = /^(INVITE|MESSAGE) /;
const TAKEN_BACK = /^CANCEL /;
const UNANSWERED = /^(SIP\/2\.0|ACK) /;

/**
 * One connection through all scenarios, as the P-CSCF opens none of its own (RFC 5626 §5.3). A sipp
 * that reads a second request before it has answered the first gives up, so they come one by one.
 */
export class TcpFlow implements UeFlow {
  readonly transport = 'tcp';
  readonly port: number;
  readonly #core: Socket;
  readonly #door: Server;
  readonly #turns = new CallTurns();
  #speaker: Socket | undefined;
  #speakerPort: number | undefined;
  #waiting: string[] = [];
  #isDelivering = false;
  #said: () => void = () => undefined;

  private constructor(core: Socket, door: Server) {
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

  static async open(pcscf: Address): Promise<TcpFlow> {
    const core = connect({ ...pcscf, localAddress: UE_HOST });
    const door = createServer().listen(0, UE_HOST);
    await Promise.all([once(core, 'connect'), once(door, 'listening')]);
    return new TcpFlow(core, door);
  }

  async join(): Promise<{ port: number; server: Address }> {
    this.#endTurn();
    this.#speakerPort = await findFreePort(UE_HOST);
    const { port } = this.#door.address() as AddressInfo;
    return { port: this.#speakerPort, server: { host: UE_HOST, port } };
  }

  /** What comes before it listens waits for it. */
  isHeard(): Promise<boolean> {
    return Promise.resolve(true);
  }

  close(): void {
    this.#endTurn();
    this.#core.destroy();
    this.#door.close();
  }

  #endTurn(): void {
    this.#turns.next();
    this.#waiting = [];
    this.#speaker?.destroy();
    this.#speaker = undefined;
  }

  #speak(socket: Socket): void {
    this.#speaker = socket;
    socket.on('data', (chunk) => {
      this.#turns.take(chunk.toString('latin1'));
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
    if (!this.#turns.take(message)) return;
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

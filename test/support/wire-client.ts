import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { type ClientOptions, WebSocket } from 'ws';
import type { DemoUser } from '../../local/src/demo-world.ts';

/** What the service says: an answer to a request, or an event. */
export interface WireMessage {
  readonly re?: string;
  readonly ok?: Readonly<Record<string, unknown>>;
  readonly error?: {
    readonly code: string;
    readonly message: string;
    readonly retryable?: boolean;
  };
  readonly event?: string;
  readonly seq?: number;
  readonly state?: string;
  readonly impu?: string;
  readonly callId?: string;
  readonly cause?: string;
  readonly sipStatus?: number;
  readonly sdp?: string;
  readonly messageId?: string;
  readonly outcome?: string;
  readonly to?: { readonly uri: string };
  readonly referredBy?: string;
  readonly text?: string;
}

export interface WireSession {
  readonly sessionId: string;
  readonly resumeKey: string;
  readonly iceServers: readonly { readonly urls: string }[];
  readonly impu: string;
}

export interface WireAddress {
  readonly port: number;
  readonly tenant: string;
  /** That of the page where absent; null: none at all. */
  readonly origin?: string | null;
}

interface Waiter {
  readonly fits: (message: WireMessage) => boolean;
  readonly resolve: (message: WireMessage) => void;
  readonly timer: NodeJS.Timeout;
}

const WAIT_MS = 15_000;

function socketTo({ port, tenant, origin = `http://localhost:${String(port)}` }: WireAddress) {
  const options: ClientOptions = origin === null ? {} : { origin };
  return new WebSocket(`ws://127.0.0.1:${String(port)}/local?tenant=${tenant}`, options);
}

/** The status of a handshake: 101, or why it was refused. */
export function handshakeStatus(address: WireAddress): Promise<number> {
  return new Promise((resolve) => {
    const socket = socketTo(address);
    const end = (status: number): void => {
      resolve(status);
      socket.terminate();
    };
    socket.on('error', () => undefined);
    socket.on('open', () => {
      end(101);
    });
    socket.on('unexpected-response', (_request, response) => {
      end(response.statusCode ?? 0);
    });
  });
}

/** A client on a bare WebSocket that says whatever it is told to, well or badly. */
export class WireClient {
  readonly socket: WebSocket;
  readonly closed: Promise<number>;
  /** Of the events, in the order in which they came. */
  readonly seqs: number[] = [];
  #untaken: WireMessage[] = [];
  #waiters: Waiter[] = [];

  private constructor(socket: WebSocket) {
    this.socket = socket;
    this.closed = once(socket, 'close').then(([code]) => code as number);
    socket.on('error', () => undefined);
    socket.on('message', (data: Buffer) => {
      this.#take(JSON.parse(data.toString('utf8')) as WireMessage);
    });
  }

  static async open(address: WireAddress): Promise<WireClient> {
    const socket = socketTo(address);
    const client = new WireClient(socket);
    await once(socket, 'open');
    return client;
  }

  /** Logs in by the option of this user and waits for the registration in IMS. */
  async logIn(user: DemoUser): Promise<WireSession> {
    const { tenant } = user;
    const proof = await this.prove(user);
    const session = await this.ask({ action: 'register', tenant, ...proof });
    const { impu = '' } = await this.next(
      ({ event, state }) => event === 'registration' && state === 'registered',
    );
    return { ...(session as unknown as WireSession), impu };
  }

  /** The step before `register`; gives the token where there is one. */
  async prove({ option, password, tenant, userName }: DemoUser): Promise<{ token?: string }> {
    const claim = { tenant, userName, password };
    if (option !== 'token') {
      await this.ask({ action: 'login', option, ...claim });
      return {};
    }
    const { token } = await this.ask({ action: 'token', ...claim });
    return { token: String(token) };
  }

  /** Sends text as it is and waits for whatever answers it. */
  exchange(text: string): Promise<WireMessage> {
    const answered = this.next(({ re }) => re !== undefined);
    this.socket.send(text);
    return answered;
  }

  request(request: Readonly<Record<string, unknown>>): Promise<WireMessage> {
    // Unique in the session, which may go on over another connection.
    const named: Readonly<Record<string, unknown>> = { id: randomUUID(), ...request };
    const answered = this.next(({ re }) => re === named['id']);
    this.socket.send(JSON.stringify(named));
    return answered;
  }

  async ask(
    request: Readonly<Record<string, unknown>>,
  ): Promise<Readonly<Record<string, unknown>>> {
    const { ok, error } = await this.request(request);
    if (!ok) throw new Error(`${String(request['action'])}: ${String(error?.code)}`);
    return ok;
  }

  /** The code a request is refused with; empty where it is granted. */
  async refusal(request: Readonly<Record<string, unknown>>): Promise<string> {
    return (await this.request(request)).error?.code ?? '';
  }

  /** Takes the first message not yet taken that fits. */
  next(fits: Waiter['fits'], withinMs = WAIT_MS): Promise<WireMessage> {
    const found = this.#untaken.find(fits);
    if (found) {
      this.#untaken = this.#untaken.filter((it) => it !== found);
      return Promise.resolve(found);
    }
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(new Error(`nothing fitting came; left: ${JSON.stringify(this.#untaken)}`));
      }, withinMs);
      this.#waiters.push({ fits, resolve, timer });
    });
  }

  /** What came and was asked for by nobody. */
  get untaken(): readonly WireMessage[] {
    return this.#untaken;
  }

  get lastSeq(): number {
    return Math.max(0, ...this.seqs);
  }

  /** The network is gone, without a word; what is still waited for will not come. */
  terminate(): void {
    for (const { timer } of this.#waiters.splice(0)) clearTimeout(timer);
    this.socket.terminate();
  }

  #take(message: WireMessage): void {
    if (message.event !== undefined && message.seq !== undefined) this.seqs.push(message.seq);
    const waiter = this.#waiters.find(({ fits }) => fits(message));
    this.#waiters = this.#waiters.filter((it) => it !== waiter);
    if (!waiter) {
      this.#untaken.push(message);
      return;
    }
    clearTimeout(waiter.timer);
    waiter.resolve(message);
  }
}

import { once } from 'node:events';
import { WebSocket } from 'ws';
import type { Product } from '../product.ts';
import { TENANT, userOf } from '../world.ts';

interface Message {
  readonly re?: string;
  readonly ok?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly code: string };
  readonly event?: string;
  readonly state?: string;
  readonly callId?: string;
  readonly sdp?: string;
}

interface Waiter {
  readonly fits: (message: Message) => boolean;
  readonly resolve: (message: Message) => void;
}

const WAIT_MS = 15_000;

/** A user on a bare WebSocket: requests, answers, events, and nothing else. */
export class WireClient {
  readonly iceServers: { readonly urls: string }[] = [];
  readonly #socket: WebSocket;
  #untaken: Message[] = [];
  #waiters: Waiter[] = [];
  #ids = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (data: Buffer) => {
      this.#take(JSON.parse(data.toString('utf8')) as Message);
    });
  }

  /** Connects, logs in and registers in IMS. */
  static async open({ url, origin }: Product, index: number): Promise<WireClient> {
    const socket = new WebSocket(`${url}?tenant=${TENANT}`, { origin });
    const client = new WireClient(socket);
    await once(socket, 'open');
    const { option, userName, password } = userOf(index);
    await client.ask({ action: 'login', tenant: TENANT, option, userName, password });
    const session = await client.ask({ action: 'register', tenant: TENANT });
    client.iceServers.push(...(session['iceServers'] as { urls: string }[]));
    await client.next(({ event, state }) => event === 'registration' && state === 'registered');
    return client;
  }

  async ask(
    request: Readonly<Record<string, unknown>>,
  ): Promise<Readonly<Record<string, unknown>>> {
    this.#ids += 1;
    const id = String(this.#ids);
    const answered = this.next(({ re }) => re === id);
    this.#socket.send(JSON.stringify({ id, ...request }));
    const { ok, error } = await answered;
    if (!ok) throw new Error(`${String(request['action'])}: ${String(error?.code)}`);
    return ok;
  }

  /** Takes the first message not yet taken that fits. */
  next(fits: Waiter['fits']): Promise<Message> {
    const found = this.#untaken.find(fits);
    if (found) {
      this.#untaken = this.#untaken.filter((it) => it !== found);
      return Promise.resolve(found);
    }
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(new Error(`nothing fitting came; left: ${JSON.stringify(this.#untaken)}`));
      }, WAIT_MS);
      const done = (message: Message): void => {
        clearTimeout(timer);
        resolve(message);
      };
      this.#waiters.push({ fits, resolve: done });
    });
  }

  async close(): Promise<void> {
    await this.ask({ action: 'logout' });
    this.#socket.close();
  }

  #take(message: Message): void {
    const waiter = this.#waiters.find(({ fits }) => fits(message));
    this.#waiters = this.#waiters.filter((it) => it !== waiter);
    if (waiter) waiter.resolve(message);
    else this.#untaken.push(message);
  }
}

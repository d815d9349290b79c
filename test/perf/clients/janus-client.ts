import { once } from 'node:events';
import { WebSocket } from 'ws';

/** What Janus says over its WebSocket, as far as it is looked at. */
interface Spoken {
  readonly janus?: string;
  readonly transaction?: string;
  readonly sender?: number;
  readonly data?: { readonly id: number };
  readonly plugindata?: {
    readonly data?: {
      readonly error?: string;
      readonly result?: Readonly<Record<string, unknown>>;
    };
  };
  readonly jsep?: { readonly sdp: string };
}

export interface JanusEvent {
  readonly event: string;
  readonly result: Readonly<Record<string, unknown>>;
  readonly sdp?: string;
}

interface Waiter {
  readonly events: readonly string[];
  readonly resolve: (event: JanusEvent) => void;
}

const WAIT_MS = 20_000;

/** One session of Janus on one WebSocket, with a handle of a plugin for each user. */
export class JanusClient {
  readonly #socket: WebSocket;
  readonly #answers = new Map<string, (spoken: Spoken) => void>();
  readonly #handles = new Map<number, JanusUser>();
  #transactions = 0;
  #session: number | undefined;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (data: Buffer) => {
      this.#take(JSON.parse(data.toString('utf8')) as Spoken);
    });
  }

  static async open(url: string): Promise<JanusClient> {
    const socket = new WebSocket(url, 'janus-protocol');
    await once(socket, 'open');
    const client = new JanusClient(socket);
    client.#session = (await client.ask({ janus: 'create' })).data?.id;
    return client;
  }

  async attach(plugin: JanusPlugin = 'sip'): Promise<JanusUser> {
    const { data } = await this.ask({ janus: 'attach', plugin: `janus.plugin.${plugin}` });
    if (!data) throw new Error('Janus gave no handle');
    const user = new JanusUser(this, data.id);
    this.#handles.set(data.id, user);
    return user;
  }

  ask(request: Readonly<Record<string, unknown>>): Promise<Spoken> {
    this.#transactions += 1;
    const transaction = String(this.#transactions);
    const session = this.#session === undefined ? {} : { session_id: this.#session };
    return new Promise((resolve) => {
      this.#answers.set(transaction, resolve);
      this.#socket.send(JSON.stringify({ ...request, ...session, transaction }));
    });
  }

  close(): void {
    this.#socket.close();
  }

  /** Events of a plugin carry the transaction that caused them, and are no answer to it. */
  #take(spoken: Spoken): void {
    const answer = this.#answers.get(spoken.transaction ?? '');
    if (answer && spoken.janus !== 'event') {
      this.#answers.delete(spoken.transaction ?? '');
      answer(spoken);
    } else if (spoken.sender !== undefined) this.#handles.get(spoken.sender)?.take(spoken);
  }
}

/** One user's handle of a plugin. */
export class JanusUser {
  readonly #client: JanusClient;
  readonly #handle: number;
  #untaken: JanusEvent[] = [];
  #waiters: Waiter[] = [];

  constructor(client: JanusClient, handle: number) {
    this.#client = client;
    this.#handle = handle;
  }

  async send(body: Readonly<Record<string, unknown>>, sdp?: JanusSdp): Promise<void> {
    const jsep = sdp && { jsep: sdp };
    await this.#client.ask({ janus: 'message', handle_id: this.#handle, body, ...jsep });
  }

  /** Registers, or registers again; throws where it is refused. */
  async register(request: Readonly<Record<string, unknown>>): Promise<void> {
    const done = this.next('registered', 'registration_failed');
    await this.send({ request: 'register', ...request });
    const { event, result } = await done;
    if (event !== 'registered') throw new Error(`${String(result['code'])} from Janus`);
  }

  next(...events: readonly string[]): Promise<JanusEvent> {
    const found = this.#untaken.find(({ event }) => events.includes(event));
    if (found) {
      this.#untaken = this.#untaken.filter((it) => it !== found);
      return Promise.resolve(found);
    }
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(new Error(`Janus did not say ${events.join(' or ')}: ${this.#heard()}`));
      }, WAIT_MS);
      const done = (event: JanusEvent): void => {
        clearTimeout(timer);
        resolve(event);
      };
      this.#waiters.push({ events, resolve: done });
    });
  }

  async detach(): Promise<void> {
    await this.#client.ask({ janus: 'detach', handle_id: this.#handle });
  }

  /** Events nobody waited for are of no use any more. */
  forget(): void {
    this.#untaken = [];
  }

  take({ plugindata, jsep }: Spoken): void {
    const { error, result = {} } = plugindata?.data ?? {};
    const event = error === undefined ? String(result['event']) : `error: ${error}`;
    const told: JanusEvent = { event, result, ...(jsep && { sdp: jsep.sdp }) };
    const waiter = this.#waiters.find(({ events }) => events.includes(event));
    this.#waiters = this.#waiters.filter((it) => it !== waiter);
    if (waiter) waiter.resolve(told);
    else this.#untaken.push(told);
  }

  #heard(): string {
    return this.#untaken.map(({ event }) => event).join(', ');
  }
}

export type JanusPlugin = 'sip' | 'nosip';

export interface JanusSdp {
  readonly type: 'offer' | 'answer';
  readonly sdp: string;
}

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { AnswerOf } from '@isthmus/shared/wire/answers';
import type { Event, Unsequenced } from '@isthmus/shared/wire/events';
import { parseRequest } from '@isthmus/shared/wire/parse';
import type { Action, Request } from '@isthmus/shared/wire/requests';
import { type WebSocket, WebSocketServer } from 'ws';
import { createSite } from '../../../local/src/site.ts';

type Answering = (request: Request) => unknown;

export interface Refusal {
  readonly refused: {
    readonly code: string;
    readonly message: string;
    readonly retryable: boolean;
  };
}

/** Serves the page and speaks the wire protocol as a test tells it to; every message is checked. */
export class ScriptedService {
  readonly requests: Request[] = [];
  /** What the page sent and no schema takes, or what could not be answered. */
  readonly failures: string[] = [];
  readonly #answers = new Map<Action, Answering>();
  readonly #events: Event[] = [];
  readonly #server: Server;
  readonly #sockets: WebSocketServer;
  #current: WebSocket | undefined;

  private constructor(server: Server) {
    this.#server = server;
    this.#sockets = new WebSocketServer({ server });
    this.#sockets.on('connection', (socket, { url }) => {
      if (!/[?&]tenant=[a-z0-9-]+/.test(url ?? '')) {
        socket.terminate();
        return;
      }
      this.#current = socket;
      socket.on('message', (data: Buffer) => {
        this.#take(socket, data.toString()).catch((thrown: unknown) => {
          if (socket.readyState === socket.OPEN) this.failures.push(String(thrown));
        });
      });
    });
    this.answer('login', () => ({}));
    this.answer('token', () => ({ token: 'a-token', expiresInS: 60 }));
    this.answer('register', () => {
      this.push({ event: 'registration', state: 'registering', option: 'token' });
      this.push({
        event: 'registration',
        state: 'registered',
        option: 'token',
        impu: 'sip:alice@ims.example',
      });
      return { sessionId: 'session-1', resumeKey: 'key-1', iceServers: [] };
    });
    this.answer('resume', (request) => ({
      events: this.#events.filter((it) => it.seq > (request as { lastSeq: number }).lastSeq),
    }));
  }

  static async start(): Promise<ScriptedService> {
    const site = await createSite({ tenants: ['acme', 'globex'], stage: 'v1' });
    const server = createServer((request, response) => {
      site.handle(request, response);
    });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    return new ScriptedService(server);
  }

  get url(): string {
    return `http://localhost:${String((this.#server.address() as AddressInfo).port)}`;
  }

  answer<A extends Action>(
    action: A,
    answering: (
      request: Request & { readonly action: A },
    ) => Promise<AnswerOf<A> | Refusal> | AnswerOf<A> | Refusal,
  ): void {
    this.#answers.set(action, answering as Answering);
  }

  /** Numbers and sends an event; `lost` ones are only found by `resume`. */
  push(event: Unsequenced, fate: 'sent' | 'lost' = 'sent'): void {
    const numbered = { ...event, seq: this.#events.length + 1 };
    this.#events.push(numbered);
    if (fate === 'sent') this.#current?.send(JSON.stringify(numbered));
  }

  dropSocket(): void {
    this.#current?.terminate();
  }

  of<A extends Action>(action: A): readonly (Request & { readonly action: A })[] {
    return this.requests.filter(
      (it): it is Request & { readonly action: A } => it.action === action,
    );
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets.clients) socket.terminate();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #take(socket: WebSocket, text: string): Promise<void> {
    const parsed = parseRequest(text);
    if (!parsed.ok) throw new Error(`the page sent what no schema takes: ${text}`);
    const request = parsed.value;
    this.requests.push(request);
    const answering = this.#answers.get(request.action);
    const outcome = (await answering?.(request)) ?? {};
    const { refused } = outcome as Partial<Refusal>;
    const answer = refused ? { error: refused } : { ok: outcome };
    socket.send(JSON.stringify({ re: request.id, ...answer }));
  }
}

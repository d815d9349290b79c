import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocketServer } from 'ws';
import { Connection, type Opened } from './connection.ts';
import { type ConnectionFacts, Events } from './events.ts';
import { deliver } from './faults.ts';
import { decideHandshake, type HandshakeDeps, refuseUpgrade } from './handshake.ts';
import { Lambda } from './lambda.ts';
import { ManagementApi } from './management-api.ts';
import { Messages } from './messages.ts';
import { AWS_DEFAULTS, type Faults, type GatewayDeps, type GatewayOptions } from './stage.ts';
import { TokenBucket } from './token-bucket.ts';

export interface Gateway {
  /** Switched while it runs. */
  readonly faults: Faults;
  /** Takes the server's upgrades; the result answers `@connections` and says whether it did. */
  attach(server: Server): (request: IncomingMessage, response: ServerResponse) => boolean;
  /** Ends every connection and waits for the invocations under way. */
  close(): Promise<void>;
}

const ABNORMAL = 1006;
const CLOSING_GRACE_MS = 200;
const INVOCATION_GRACE_MS = 2_000;

/** One stage of an API Gateway WebSocket API, on one machine. */
export const createGateway = (
  deps: GatewayDeps,
  overrides: Partial<GatewayOptions> = {},
): Gateway => new StageGateway(deps, { ...AWS_DEFAULTS, ...overrides });

class StageGateway implements Gateway {
  readonly faults: Faults = { reorder: false, duplicate: false, dropDisconnect: false };
  readonly #deps: GatewayDeps;
  readonly #options: GatewayOptions;
  readonly #connections = new Map<string, Connection>();
  readonly #events: Events;
  readonly #lambda: Lambda;
  readonly #messages: Messages;
  readonly #handshakes: HandshakeDeps;
  readonly #management: ManagementApi;

  constructor(deps: GatewayDeps, options: GatewayOptions) {
    const { clock } = deps;
    const nowMs = (): number => clock.nowMs();
    this.#deps = deps;
    this.#options = options;
    const events = new Events(clock, options);
    const lambda = new Lambda(clock, options);
    const { connectsPerS, maxMessageBytes, requestsPerS } = options;
    this.#events = events;
    this.#lambda = lambda;
    this.#messages = new Messages({ ...deps, events, lambda, maxMessageBytes });
    const connects = new TokenBucket(connectsPerS, nowMs);
    this.#handshakes = { ...deps, events, lambda, options, throttle: connects };
    this.#management = new ManagementApi({
      find: (id) => this.#connections.get(id),
      forget: ({ facts }) => this.#connections.delete(facts.connectionId),
      post: (connection, data) => {
        this.#deliver(() => {
          connection.send(data);
        });
      },
      throttle: new TokenBucket(requestsPerS, nowMs),
      // Signatures are dated by the caller's real clock, whatever time it is in here.
      nowMs: () => Date.now(),
      options,
    });
  }

  attach(server: Server): (request: IncomingMessage, response: ServerResponse) => boolean {
    server.on('upgrade', (request, socket, head) => {
      void this.#upgrade(request, socket, head);
    });
    return (request, response) => this.#management.handle(request, response);
  }

  async close(): Promise<void> {
    const open = [...this.#connections.values()];
    for (const connection of open) connection.goAway();
    if (open.length > 0) await sleep(CLOSING_GRACE_MS);
    for (const connection of open) connection.terminate();
    // A handler may hang for ever; a stop that was asked for does not wait for it.
    const abandon = new AbortController();
    const patience = sleep(INVOCATION_GRACE_MS, undefined, abandon).catch(() => undefined);
    await Promise.race([this.#lambda.settled(), patience]);
    abandon.abort();
  }

  async #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    socket.on('error', () => {
      // A peer that vanishes during its handshake closes the socket; there is no more to do.
    });
    const outcome = await decideHandshake(this.#handshakes, request);
    if (!outcome.accepted) {
      refuseUpgrade(socket, outcome.status, outcome.message);
      return;
    }
    const { facts, protocol } = outcome;
    if (socket.destroyed) {
      this.#disconnected(facts, ABNORMAL, '');
      return;
    }
    acceptorOf(this.#options, protocol).handleUpgrade(request, socket, head, (webSocket) => {
      this.#open({ socket, webSocket, facts });
    });
  }

  #open(opened: Opened): void {
    const { clock } = this.#deps;
    const connection = new Connection({ clock, options: this.#options }, opened, {
      onText: (from, text) => {
        const inbound = this.#messages.take(from, text);
        this.#deliver(() => {
          this.#messages.handle(inbound);
        });
      },
      onClosed: ({ facts }, code, reason) => {
        this.#connections.delete(facts.connectionId);
        this.#disconnected(facts, code, reason);
      },
    });
    this.#connections.set(opened.facts.connectionId, connection);
  }

  /** Best effort, as AWS says of it: nobody hears whether it failed. */
  #disconnected(facts: ConnectionFacts, code: number, reason: string): void {
    const { log, routes } = this.#deps;
    const { $disconnect: route } = routes;
    if (!route || 'mock' in route || this.faults.dropDisconnect) return;
    const event = this.#events.disconnect(facts, code, reason);
    this.#lambda.invoke(route.handler, event).catch((cause: unknown) => {
      log?.error('$disconnect failed', { cause });
    });
  }

  #deliver(delivery: () => void): void {
    const { clock, random = Math.random } = this.#deps;
    deliver({ faults: this.faults, clock, random }, delivery);
  }
}

/** One per handshake: the subprotocol is what this `$connect` answered. */
const acceptorOf = ({ maxMessageBytes }: GatewayOptions, protocol: string | undefined) =>
  new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: maxMessageBytes,
    handleProtocols: () => protocol ?? false,
  });

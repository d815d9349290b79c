import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ApiGatewayManagementApiClient } from '@aws-sdk/client-apigatewaymanagementapi';
import { WebSocket } from 'ws';
import { createGateway, type Gateway } from '../../local/src/gateway/gateway.ts';
import type { GatewayDeps, GatewayOptions } from '../../local/src/gateway/stage.ts';
import { FakeClock } from './fake-clock.ts';

/** Fields of gateway events that the tests look at. */
export interface SeenEvent {
  readonly type?: string;
  readonly methodArn?: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly multiValueHeaders?: Readonly<Record<string, readonly string[]>>;
  readonly queryStringParameters?: Readonly<Record<string, string>>;
  readonly multiValueQueryStringParameters?: Readonly<Record<string, readonly string[]>>;
  readonly requestContext: Readonly<Record<string, unknown>> & {
    readonly disconnectStatusCode?: number;
    readonly connectionId: string;
    readonly routeKey: string;
    readonly eventType: string;
    readonly messageId?: string;
    readonly authorizer?: Readonly<Record<string, unknown>>;
  };
}

export interface GatewayBench {
  readonly clock: FakeClock;
  readonly gateway: Gateway;
  readonly port: number;
  readonly management: ApiGatewayManagementApiClient;
  managementWith(secretAccessKey: string): ApiGatewayManagementApiClient;
  open(query?: string, protocols?: string[], headers?: Record<string, string>): Promise<WebSocket>;
  /** The status of a handshake: 101, or why it was refused. */
  handshake(path: string, headers?: Record<string, string>): Promise<number>;
  close(): Promise<void>;
}

export async function startGateway(
  deps: Omit<GatewayDeps, 'clock'>,
  options: Partial<GatewayOptions> = {},
): Promise<GatewayBench> {
  const clock = new FakeClock();
  clock.advance(Date.now());
  const gateway = createGateway({ ...deps, clock }, options);
  const server = createServer();
  const handle = gateway.attach(server);
  server.on('request', (request, response) => {
    if (!handle(request, response)) response.end('the page');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const managementWith = (secretAccessKey: string) =>
    new ApiGatewayManagementApiClient({
      endpoint: `http://127.0.0.1:${String(port)}/local`,
      region: 'us-east-1',
      credentials: { accessKeyId: 'local', secretAccessKey },
      maxAttempts: 1,
    });
  const management = managementWith('local');
  const origin = `ws://127.0.0.1:${String(port)}`;
  return {
    clock,
    gateway,
    port,
    management,
    managementWith,
    async open(query = '', protocols = [], headers = {}) {
      const socket = new WebSocket(`${origin}/local${query}`, protocols, { headers });
      await once(socket, 'open');
      return socket;
    },
    handshake(path, headers = {}) {
      return new Promise((resolve) => {
        const socket = new WebSocket(`${origin}${path}`, { headers });
        socket.on('error', () => undefined);
        socket.on('open', () => {
          resolve(101);
          socket.terminate();
        });
        socket.on('unexpected-response', (_request, response) => {
          resolve(response.statusCode ?? 0);
          socket.terminate();
        });
      });
    },
    async close() {
      management.destroy();
      await gateway.close();
      server.closeAllConnections();
      server.close();
    },
  };
}

export async function nextText(socket: WebSocket): Promise<string> {
  const [data] = (await once(socket, 'message')) as [Buffer];
  return data.toString('utf8');
}

export async function ask(socket: WebSocket, message: unknown): Promise<string> {
  const answer = nextText(socket);
  socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  return answer;
}

export async function closed(socket: WebSocket): Promise<{ code: number; reason: string }> {
  const [code, reason] = (await once(socket, 'close')) as [number, Buffer];
  return { code, reason: reason.toString('utf8') };
}

/** Resolves as soon as the condition holds; what it waits for comes by a socket. */

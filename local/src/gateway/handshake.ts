import { randomUUID } from 'node:crypto';
import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Clock } from '@isthmus/media-node/ports/clock';
import { authorize } from './authorization.ts';
import {
  type ConnectionFacts,
  type Events,
  type HandshakeRequest,
  handshakeOf,
  newId,
} from './events.ts';
import { IntegrationTimeout, isProxyResult, type Lambda, type ProxyResult } from './lambda.ts';
import { type GatewayDeps, type GatewayOptions, MAX_URL_CHARS } from './stage.ts';
import type { TokenBucket } from './token-bucket.ts';

export interface HandshakeDeps extends Pick<GatewayDeps, 'authorizer' | 'log' | 'routes'> {
  readonly clock: Clock;
  readonly events: Events;
  readonly lambda: Lambda;
  readonly throttle: TokenBucket;
  readonly options: GatewayOptions;
}

export type HandshakeOutcome =
  | { readonly accepted: true; readonly facts: ConnectionFacts; readonly protocol?: string }
  | { readonly accepted: false; readonly status: number; readonly message: string };

const refused = (status: number, message = STATUS_CODES[status] ?? ''): HandshakeOutcome => ({
  accepted: false,
  status,
  message,
});

/** Everything between an upgrade request and its 101: path, throttle, authorizer, `$connect`. */
export async function decideHandshake(
  deps: HandshakeDeps,
  request: IncomingMessage,
): Promise<HandshakeOutcome> {
  const url = request.url ?? '/';
  if (url.length > MAX_URL_CHARS) return refused(414);
  if (!isStagePath(url, deps.options.stage)) return refused(403);
  if (!deps.throttle.take()) return refused(429);
  const facts = factsOf(deps, request);
  const handshake = handshakeOf(request, facts.identity.sourceIp);
  if (!deps.authorizer) return connect(deps, facts, handshake);
  const verdict = await authorize(deps.authorizer, deps, { facts, handshake });
  if (!verdict.allowed) return refused(verdict.status, MESSAGES[verdict.status]);
  return connect(deps, { ...facts, authorizer: verdict.context }, handshake);
}

const MESSAGES = {
  401: 'Unauthorized',
  403: 'User is not authorized to access this resource',
  500: 'Internal Server Error',
} as const;

const isStagePath = (url: string, stage: string): boolean =>
  url.split('?')[0]?.replace(/\/$/, '') === `/${stage}`;

function factsOf({ clock }: HandshakeDeps, request: IncomingMessage): ConnectionFacts {
  const userAgent = request.headers['user-agent'];
  return {
    connectionId: newId(),
    connectedAtMs: clock.nowMs(),
    domainName: request.headers.host ?? '',
    identity: {
      sourceIp: (request.socket.remoteAddress ?? '').replace('::ffff:', ''),
      ...(userAgent !== undefined && { userAgent }),
    },
  };
}

async function connect(
  { events, lambda, log, routes }: HandshakeDeps,
  facts: ConnectionFacts,
  handshake: HandshakeRequest,
): Promise<HandshakeOutcome> {
  const { $connect: route } = routes;
  if (!route || 'mock' in route) return { accepted: true, facts };
  try {
    const result = await lambda.invoke(route.handler, events.connect(facts, handshake));
    if (!isProxyResult(result)) return refused(502, 'Internal server error');
    if (result.statusCode < 200 || result.statusCode > 299) {
      return refused(result.statusCode, result.body);
    }
    const protocol = protocolOf(result);
    return { accepted: true, facts, ...(protocol !== undefined && { protocol }) };
  } catch (cause) {
    log?.error('$connect failed', { cause });
    const isLate = cause instanceof IntegrationTimeout;
    return refused(
      isLate ? 504 : 502,
      isLate ? 'Endpoint request timed out' : 'Internal server error',
    );
  }
}

/** The handler must name the subprotocol it accepts; the gateway chooses none by itself. */
const protocolOf = ({ headers = {} }: ProxyResult): string | undefined =>
  Object.entries(headers).find(([name]) => name.toLowerCase() === 'sec-websocket-protocol')?.[1];

export function refuseUpgrade(socket: Duplex, status: number, message: string): void {
  const body = JSON.stringify({ message, connectionId: null, requestId: newId() });
  const head = [
    `HTTP/1.1 ${String(status)} ${STATUS_CODES[status] ?? 'Error'}`,
    'Content-Type: application/json',
    `Content-Length: ${String(Buffer.byteLength(body))}`,
    `x-amzn-RequestId: ${randomUUID()}`,
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}

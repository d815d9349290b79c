import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Clock } from '@isthmus/media-node/ports/clock';
import type { GatewayOptions } from './stage.ts';

/** What stands on every event of one connection. */
export interface ConnectionFacts {
  readonly connectionId: string;
  readonly connectedAtMs: number;
  readonly domainName: string;
  readonly identity: { readonly sourceIp: string; readonly userAgent?: string };
  /** Context of the authorizer, every value a string, and `principalId`. */
  readonly authorizer?: Readonly<Record<string, string | number>>;
}

export interface RequestContext extends Readonly<Record<string, unknown>> {
  readonly routeKey: string;
  readonly requestId: string;
  readonly connectionId: string;
}

type Single = Readonly<Record<string, string>>;
type Multi = Readonly<Record<string, readonly string[]>>;

/** Headers and query of the handshake, in the two forms an event carries them. */
export interface HandshakeRequest {
  readonly headers: Single;
  readonly multiValueHeaders: Multi;
  readonly queryStringParameters?: Single;
  readonly multiValueQueryStringParameters?: Multi;
}

const ID_BYTES = 11;

/** `TXzPWdnOjoECGjA=`: an id may hold `=`, so it is percent-encoded in a path. */
export const newId = (): string =>
  randomBytes(ID_BYTES).toString('base64').replaceAll('+', '-').replaceAll('/', '_');

/** Headers that end at the gateway. */
const HOP_BY_HOP = ['connection', 'upgrade'];

export function handshakeOf(request: IncomingMessage, sourceIp: string): HandshakeRequest {
  const passed = pairsOf(request.rawHeaders).filter(
    ([name]) => !HOP_BY_HOP.includes(name.toLowerCase()),
  );
  const headers = grouped([
    ...passed,
    ['X-Forwarded-For', sourceIp],
    ['X-Forwarded-Port', String(request.socket.localPort)],
    ['X-Forwarded-Proto', 'http'],
  ]);
  const { searchParams } = new URL(request.url ?? '/', 'http://gateway');
  const query = grouped(searchParams);
  return {
    headers: lastOfEach(headers),
    multiValueHeaders: headers,
    ...(searchParams.size > 0 && {
      queryStringParameters: lastOfEach(query),
      multiValueQueryStringParameters: query,
    }),
  };
}

type Pair = readonly [name: string, value: string];

const pairsOf = (flat: readonly string[]): readonly Pair[] =>
  flat.flatMap((name, i) => (i % 2 === 0 ? [[name, flat[i + 1] ?? ''] as const] : []));

function grouped(pairs: Iterable<Pair>): Multi {
  const groups = new Map<string, string[]>();
  for (const [name, value] of pairs) {
    const known = groups.get(name);
    if (known) known.push(value);
    else groups.set(name, [value]);
  }
  return Object.fromEntries(groups);
}

const lastOfEach = (multi: Multi): Single =>
  Object.fromEntries(Object.entries(multi).map(([name, values]) => [name, values.at(-1) ?? '']));

/** Builds the events of one stage, field by field as AWS does. */
export class Events {
  readonly #clock: Clock;
  readonly #options: GatewayOptions;

  constructor(clock: Clock, options: GatewayOptions) {
    this.#clock = clock;
    this.#options = options;
  }

  /** Resource name of the one route an authorizer guards. */
  get connectArn(): string {
    const { accountId, apiId, region, stage } = this.#options;
    return `arn:aws:execute-api:${region}:${accountId}:${apiId}/${stage}/$connect`;
  }

  authorize(facts: ConnectionFacts, handshake: HandshakeRequest): unknown {
    return {
      type: 'REQUEST',
      methodArn: this.connectArn,
      ...handshake,
      requestContext: this.#context(facts, '$connect', { eventType: 'CONNECT' }),
    };
  }

  connect(facts: ConnectionFacts, handshake: HandshakeRequest): unknown {
    return {
      ...handshake,
      requestContext: this.#context(facts, '$connect', { eventType: 'CONNECT' }),
      isBase64Encoded: false,
    };
  }

  messageContext(facts: ConnectionFacts, routeKey: string): RequestContext {
    return this.#context(facts, routeKey, { eventType: 'MESSAGE', messageId: newId() });
  }

  message(requestContext: RequestContext, body: string): unknown {
    return { requestContext, body, isBase64Encoded: false };
  }

  disconnect(facts: ConnectionFacts, code: number, reason: string): unknown {
    const headers = {
      Host: facts.domainName,
      'x-api-key': '',
      'X-Forwarded-For': '',
      'x-restapi': '',
    };
    return {
      headers,
      multiValueHeaders: Object.fromEntries(
        Object.entries(headers).map(([name, value]) => [name, [value]]),
      ),
      requestContext: this.#context(facts, '$disconnect', {
        eventType: 'DISCONNECT',
        disconnectStatusCode: code,
        disconnectReason: reason,
      }),
      isBase64Encoded: false,
    };
  }

  #context(
    facts: ConnectionFacts,
    routeKey: string,
    more: Readonly<Record<string, unknown>>,
  ): RequestContext {
    const { apiId, stage } = this.#options;
    const nowMs = this.#clock.nowMs();
    const requestId = newId();
    return {
      routeKey,
      ...more,
      requestId,
      extendedRequestId: requestId,
      requestTime: commonLogTime(nowMs),
      requestTimeEpoch: nowMs,
      messageDirection: 'IN',
      stage,
      apiId,
      connectedAt: facts.connectedAtMs,
      identity: facts.identity,
      domainName: facts.domainName,
      connectionId: facts.connectionId,
      ...(facts.authorizer && { authorizer: facts.authorizer }),
    };
  }
}

/** `24/Nov/2026:02:22:58 +0000` */
function commonLogTime(atMs: number): string {
  const [, day = '', month = '', year = '', time = ''] = new Date(atMs).toUTCString().split(' ');
  return `${day}/${month}/${year}:${time} +0000`;
}

import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Connection } from './connection.ts';
import { isSigned } from './sigv4.ts';
import type { GatewayOptions } from './stage.ts';
import type { TokenBucket } from './token-bucket.ts';

export interface ManagementApiDeps {
  readonly find: (connectionId: string) => Connection | undefined;
  readonly forget: (connection: Connection) => void;
  readonly post: (connection: Connection, data: Buffer) => void;
  readonly throttle: TokenBucket;
  readonly nowMs: () => number;
  readonly options: GatewayOptions;
}

interface Answer {
  readonly status: number;
  readonly errorType?: string;
  readonly body?: unknown;
}

const forbidden: Answer = {
  status: 403,
  errorType: 'ForbiddenException',
  body: { message: 'Forbidden' },
};
const tooMany: Answer = {
  status: 429,
  errorType: 'LimitExceededException',
  body: { message: null },
};
const gone: Answer = { status: 410, errorType: 'GoneException' };
const tooLarge: Answer = {
  status: 413,
  errorType: 'PayloadTooLargeException',
  body: { message: 'Message too long' },
};

/** `@connections`: POST, GET and DELETE on one connection, as the management SDK calls it. */
export class ManagementApi {
  readonly #deps: ManagementApiDeps;
  readonly #path: RegExp;

  constructor(deps: ManagementApiDeps) {
    this.#deps = deps;
    this.#path = new RegExp(`^/${deps.options.stage}/@connections/([^/?]+)$`);
  }

  /** Whether the request is for this API; if so, it will be answered. */
  handle(request: IncomingMessage, response: ServerResponse): boolean {
    const [, id] = this.#path.exec(request.url ?? '') ?? [];
    if (id === undefined) return false;
    this.#answer(request, id).then(
      (answer) => {
        send(response, answer);
      },
      () => {
        response.destroy();
      },
    );
    return true;
  }

  async #answer(request: IncomingMessage, id: string): Promise<Answer> {
    const { find, nowMs, options, throttle } = this.#deps;
    // One byte above the limit tells too large from just large enough; the rest is not kept.
    const body = await bodyOf(request, 2 * options.maxMessageBytes);
    if (!body) return tooLarge;
    if (!(await isSigned({ request, body, nowMs: nowMs() }, options))) return forbidden;
    if (!throttle.take()) return tooMany;
    const connection = find(decoded(id));
    if (!connection?.isOpen) return gone;
    switch (request.method) {
      case 'POST':
        return this.#post(connection, body);
      case 'GET':
        return { status: 200, body: viewOf(connection) };
      case 'DELETE':
        this.#deps.forget(connection);
        connection.end();
        return { status: 204 };
      default:
        return forbidden;
    }
  }

  #post(connection: Connection, body: Buffer): Answer {
    const { options, post } = this.#deps;
    if (body.length > options.maxMessageBytes) return tooLarge;
    if (connection.bufferedBytes > options.maxBufferedBytes) return tooMany;
    post(connection, body);
    return { status: 200 };
  }
}

const viewOf = ({ facts, lastActiveAtMs }: Connection): unknown => ({
  connectedAt: new Date(facts.connectedAtMs).toISOString(),
  identity: { sourceIp: facts.identity.sourceIp, userAgent: facts.identity.userAgent ?? '' },
  lastActiveAt: new Date(lastActiveAtMs).toISOString(),
});

function decoded(id: string): string {
  try {
    return decodeURIComponent(id);
  } catch {
    // Malformed escapes name no connection.
    return '';
  }
}

async function bodyOf(request: IncomingMessage, maxBytes: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length;
    if (sizeBytes <= maxBytes) chunks.push(chunk);
  }
  return sizeBytes <= maxBytes ? Buffer.concat(chunks) : undefined;
}

function send(response: ServerResponse, { status, errorType, body }: Answer): void {
  response
    .writeHead(status, {
      'content-type': 'application/json',
      'x-amzn-requestid': randomUUID(),
      ...(errorType !== undefined && { 'x-amzn-errortype': errorType }),
    })
    .end(body === undefined ? undefined : JSON.stringify(body));
}

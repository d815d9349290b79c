import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Json } from './engine.ts';
import { isRefusal } from './refusals.ts';

const MAX_REQUEST_BYTES = 16 * 1024 * 1024;

export interface HttpEndpointDeps {
  readonly call: (operation: string, parameters: Json) => Promise<Json>;
  readonly onFailure: (cause: unknown) => void;
}

interface Reply {
  readonly status: number;
  readonly body: unknown;
}

/** AWS JSON 1.0 over HTTP, as the SDK speaks it. Signatures are not looked at. */
export function createHttpEndpoint({ call, onFailure }: HttpEndpointDeps): Server {
  async function reply(request: IncomingMessage): Promise<Reply> {
    try {
      const operation = String(request.headers['x-amz-target'] ?? '').split('.')[1] ?? '';
      return { status: 200, body: await call(operation, await readJson(request)) };
    } catch (error) {
      if (isRefusal(error)) return { status: error.statusCode, body: error.body };
      onFailure(error);
      return { status: 500, body: { __type: 'InternalServerError', message: 'internal' } };
    }
  }
  return createServer((request, response) => {
    void reply(request).then((answer) => {
      send(response, answer);
    });
  });
}

async function readJson(request: IncomingMessage): Promise<Json> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length;
    if (sizeBytes <= MAX_REQUEST_BYTES) chunks.push(chunk);
  }
  const text = sizeBytes <= MAX_REQUEST_BYTES ? Buffer.concat(chunks).toString('utf8') : '';
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === 'object' && parsed !== null) return parsed as Json;
  } catch {
    // What is no JSON is refused below, as what is no object.
  }
  throw Object.assign(new Error('not JSON'), {
    statusCode: 400,
    body: { __type: 'com.amazon.coral.service#SerializationException' },
  });
}

function send(response: ServerResponse, { status, body }: Reply): void {
  const text = JSON.stringify(body);
  response
    .writeHead(status, {
      'content-type': 'application/x-amz-json-1.0',
      'content-length': Buffer.byteLength(text),
      'x-amzn-requestid': randomUUID(),
    })
    .end(text);
}

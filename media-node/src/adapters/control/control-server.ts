import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { ControlAnswer } from '@isthmus/shared/control/answers';
import { type ControlCommand, controlCommand } from '@isthmus/shared/control/commands';
import { COMMANDS_PATH } from '@isthmus/shared/control/signature';
import { viewOf, viewOfThrown } from '@isthmus/shared/errors/error-view';
import { IwfError } from '@isthmus/shared/errors/iwf-error';
import type { LadderEntry } from '@isthmus/shared/wire/ladder';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import { AnswerBook } from './answer-book.ts';
import { makeCertificate } from './certificate.ts';
import { RequestVerifier } from './request-verifier.ts';

export interface ControlServerDeps {
  /** What it throws is told to the caller as an error view; anything but `IwfError` is a bug. */
  readonly onCommand: (command: ControlCommand) => Promise<Record<string, unknown>>;
  /** Whether new work may come; asked by `GET /ready`. */
  readonly isReady?: () => boolean;
  /** The signalling of a call, asked by `GET /calls/{callId}/ladder?tenant=…`, signed as commands are. */
  readonly ladderOf?: (tenant: string, callId: string) => readonly LadderEntry[] | undefined;
  readonly clock: Clock;
  readonly log: Log;
}

export interface ControlServerOptions {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
}

export interface ControlServer {
  readonly port: number;
  /** For the registry: the functions trust this certificate and no other. */
  readonly certificatePem: string;
  /** Base64 of the HMAC key of this boot. */
  readonly controlKey: string;
  close(): Promise<void>;
}

interface Reply {
  readonly status: number;
  readonly body: unknown;
}

const LADDER = /^\/calls\/([\w-]{8,64})\/ladder\?tenant=([a-z0-9-]{1,64})$/;
const KEY_BYTES = 32;
const MAX_BODY_BYTES = 64 * 1024;
const REQUEST_TIMEOUT_MS = 5_000;
const ANSWERS_KEPT_MS = 5 * 60_000;
const MAX_ANSWERS = 10_000;
/** Most answers say no more; they are kept for minutes, and this one once. */
const DONE: ControlAnswer = Object.freeze({ ok: Object.freeze({}) });

/** Functions → node: signed commands over HTTPS with the certificate and key of this boot. */
export async function createControlServer(
  deps: ControlServerDeps,
  { host, port }: ControlServerOptions,
): Promise<ControlServer> {
  const key = randomBytes(KEY_BYTES);
  const { certificatePem, privateKeyPem } = await makeCertificate(deps.clock.nowMs());
  const desk = new CommandDesk(deps, key);
  const server = createServer(
    { cert: certificatePem, key: privateKeyPem, minVersion: 'TLSv1.2' },
    (request, response) => {
      desk.reply(request).then(
        (reply) => {
          send(response, reply);
        },
        // The caller went away in the middle of its request.
        () => response.destroy(),
      );
    },
  );
  server.requestTimeout = REQUEST_TIMEOUT_MS;
  await listen(server, host, port);
  return {
    port: (server.address() as AddressInfo).port,
    certificatePem,
    controlKey: key.toString('base64'),
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

class CommandDesk {
  readonly #deps: ControlServerDeps;
  readonly #verifier: RequestVerifier;
  readonly #answers: AnswerBook<ControlAnswer>;

  constructor(deps: ControlServerDeps, key: Buffer) {
    const nowMs = (): number => deps.clock.nowMs();
    this.#deps = deps;
    this.#verifier = new RequestVerifier(key, nowMs);
    this.#answers = new AnswerBook({ nowMs, keptMs: ANSWERS_KEPT_MS, limit: MAX_ANSWERS });
  }

  async reply(request: IncomingMessage): Promise<Reply> {
    const { method = '', url: path = '' } = request;
    const { isReady = () => true } = this.#deps;
    switch (`${method} ${path}`) {
      case 'GET /health':
        return { status: 200, body: { healthy: true } };
      case 'GET /ready':
        return { status: isReady() ? 200 : 503, body: { ready: isReady() } };
      case `POST ${COMMANDS_PATH}`:
        return this.#command(request);
      default:
        return method === 'GET' ? this.#ladder(request) : { status: 404, body: {} };
    }
  }

  #ladder({ headers, method = '', url: path = '' }: IncomingMessage): Reply {
    const [, callId, tenant] = LADDER.exec(path) ?? [];
    if (callId === undefined || tenant === undefined) return { status: 404, body: {} };
    const verified = this.#verifier.verify({ method, path, headers, body: Buffer.alloc(0) });
    if (!verified.ok) return this.#unauthenticated(verified.error);
    const ladder = this.#deps.ladderOf?.(tenant, callId);
    return ladder ? { status: 200, body: { ladder } } : { status: 404, body: {} };
  }

  #unauthenticated(cause: IwfError): Reply {
    this.#deps.log.warn('command refused', { cause });
    return { status: 401, body: { error: viewOf('control.unauthenticated') } };
  }

  async #command(request: IncomingMessage): Promise<Reply> {
    const { log } = this.#deps;
    const body = await bodyOf(request);
    if (!body) return { status: 413, body: { error: viewOf('wire.too-large') } };
    const { headers, method = '', url: path = '' } = request;
    const verified = this.#verifier.verify({ method, path, headers, body });
    if (!verified.ok) return this.#unauthenticated(verified.error);
    const parsed = controlCommand.safeParse(jsonOf(body));
    if (!parsed.success) {
      log.error('command not understood', { issues: parsed.error.issues.length });
      return { status: 400, body: { error: viewOf('wire.malformed') } };
    }
    const { data: command } = parsed;
    // Joined, it is one string; a template would keep its parts as well.
    const id = [command.tenant, command.commandId].join('|');
    return { status: 200, body: await this.#answers.answer(id, () => this.#carryOut(command)) };
  }

  async #carryOut(command: ControlCommand): Promise<ControlAnswer> {
    try {
      const ok = await this.#deps.onCommand(command);
      return Object.keys(ok).length === 0 ? DONE : { ok };
    } catch (cause) {
      const { commandId, kind, sessionId, tenant } = command;
      const facts = { tenant, sessionId, commandId, kind, cause };
      if (cause instanceof IwfError) this.#deps.log.info('command answered with an error', facts);
      else this.#deps.log.error('command failed', facts);
      return { error: viewOfThrown(cause) };
    }
  }
}

async function bodyOf(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length;
    if (sizeBytes > MAX_BODY_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function jsonOf(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8')) as unknown;
  } catch {
    // The schema refuses `undefined`, and the reply says so.
    return undefined;
  }
}

function send(response: ServerResponse, { status, body }: Reply): void {
  const text = JSON.stringify(body);
  response
    .writeHead(status, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(text),
    })
    .end(text);
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject).listen(port, host, resolve);
  });
}

import { createHash, createHmac, randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { type ControlCommand, controlCommand } from '@isthmus/shared/control/commands';
import { SIGNATURE_HEADERS, signedText } from '@isthmus/shared/control/signature';
import type { NodeItem } from '@isthmus/shared/store/items';
import { aCertificate } from './memory-certificate.ts';

export interface Received {
  readonly command: ControlCommand;
  readonly isSigned: boolean;
  readonly nonce: string;
}

export interface Reply {
  readonly status?: number;
  readonly body?: string;
  /** Never answers, as a node that hangs; or cuts the connection once the command has come in. */
  readonly fault?: 'silence' | 'cut';
}

/** The control channel of a node as the functions see it: TLS with its own certificate, HMAC. */
export class ControlServer {
  readonly received: Received[] = [];
  connections = 0;
  reply: (command: ControlCommand) => Reply = () => ({ body: '{"ok":{}}' });
  readonly #key = randomBytes(32);
  readonly #certificate = aCertificate();
  readonly #server: Server;

  constructor() {
    const { certificatePem: cert, privateKeyPem: key } = this.#certificate;
    this.#server = createServer({ cert, key }, (request, response) => {
      void text(request).then((body) => {
        const header = (name: string): string => String(request.headers[name]);
        const nonce = header(SIGNATURE_HEADERS.nonce);
        const signed = signedText({
          method: request.method ?? '',
          path: request.url ?? '',
          timeMs: Number(header(SIGNATURE_HEADERS.time)),
          nonce,
          bodySha256: createHash('sha256').update(body).digest('hex'),
        });
        const expected = createHmac('sha256', this.#key).update(signed).digest('hex');
        const isSigned = header(SIGNATURE_HEADERS.signature) === expected;
        const command = controlCommand.parse(JSON.parse(body));
        this.received.push({ command, isSigned, nonce });
        const { body: answer, fault, status = 200 } = this.reply(command);
        if (fault === 'cut') request.socket.destroy();
        else if (!fault) response.writeHead(status).end(answer);
      });
    });
  }

  /** Listens, and counts the connections it is spoken to over. */
  async start(nodeId = 'n1'): Promise<NodeItem> {
    this.#server.on('secureConnection', () => {
      this.connections += 1;
    });
    await new Promise<void>((resolve) => {
      this.#server.listen(0, '127.0.0.1', resolve);
    });
    return {
      nodeId,
      address: '127.0.0.1',
      port: (this.#server.address() as AddressInfo).port,
      certificatePem: this.#certificate.certificatePem,
      controlKey: this.#key.toString('base64'),
      epoch: 1,
      leaseUntilMs: Number.MAX_SAFE_INTEGER,
      capacity: 10,
      used: 0,
      state: 'up',
    };
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Reply {
  readonly status?: number;
  readonly body: string;
}

export interface Asked {
  readonly line: string;
  readonly contentType: string | undefined;
  readonly body: string;
}

export interface Endpoint {
  readonly url: string;
  readonly asked: Asked[];
  close(): Promise<void>;
}

/** A server on loopback that gives these replies in turn, and the last one from then on. */
export async function anEndpoint(...replies: readonly Reply[]): Promise<Endpoint> {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    void textOf(request).then((body) => {
      const reply = replies[Math.min(asked.length, replies.length - 1)];
      asked.push({
        line: `${request.method ?? ''} ${request.url ?? ''}`,
        contentType: request.headers['content-type'],
        body,
      });
      response.writeHead(reply?.status ?? 200).end(reply?.body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    asked,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text;
}

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface TaskOptions {
  readonly privateAddress: string;
  readonly publicAddress: string;
}

/** What Fargate puts around a container: metadata, agent, and the internet's view of the task. */
export interface Task {
  readonly variables: Readonly<Record<string, string>>;
  /** Every wish for protection, as it came. */
  readonly protections: unknown[];
  close(): Promise<void>;
}

export async function aTask({ privateAddress, publicAddress }: TaskOptions): Promise<Task> {
  const protections: unknown[] = [];
  const metadata = { Containers: [{ Networks: [{ IPv4Addresses: [privateAddress] }] }] };
  const answerTo = (line: string, body: string): string | undefined => {
    switch (line) {
      case 'GET /metadata/task':
        return JSON.stringify(metadata);
      case 'GET /seen':
        return `${publicAddress}\n`;
      case 'PUT /agent/task-protection/v1/state': {
        const wish = JSON.parse(body) as { ProtectionEnabled: boolean };
        protections.push(wish);
        return JSON.stringify({ protection: wish });
      }
      default:
        return undefined;
    }
  };
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on('end', () => {
      const answer = answerTo(`${request.method ?? ''} ${request.url ?? ''}`, body);
      response.writeHead(answer === undefined ? 404 : 200).end(answer);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  return {
    variables: {
      ECS_CONTAINER_METADATA_URI_V4: `${url}/metadata`,
      ECS_AGENT_URI: `${url}/agent`,
      PUBLIC_ADDRESS_URL: `${url}/seen`,
    },
    protections,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

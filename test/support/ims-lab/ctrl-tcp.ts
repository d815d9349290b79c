import { connect, type Socket } from 'node:net';
import { createNetstringReader, encodeNetstring } from './netstring.ts';

export interface BaresipEvent {
  readonly type: string;
  readonly param: string;
  readonly peerUri: string;
}

export interface CtrlTcp {
  send(command: string, params?: string): void;
  events(): readonly BaresipEvent[];
  /** Leaves all that happened so far out of what is waited for. */
  skipEvents(): void;
  /** Resolves with the next event of the type after the one waited for last, or rejects. */
  waitFor(type: string, timeoutMs: number): Promise<BaresipEvent>;
  close(): void;
}

/** A phone that was to be steered has not come up. */
export class NothingListens extends Error {}

const CONNECT_ATTEMPTS = 100;
const POLL_MS = 50;
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const tryConnect = (host: string, port: number): Promise<Socket | undefined> =>
  new Promise((resolve) => {
    const socket = connect({ host, port }, () => {
      resolve(socket);
    });
    socket.once('error', () => {
      resolve(undefined);
    });
  });

async function connectPatiently(host: string, port: number): Promise<Socket> {
  for (let attempt = 0; attempt < CONNECT_ATTEMPTS; attempt += 1) {
    const socket = await tryConnect(host, port);
    if (socket) return socket;
    await sleep(POLL_MS);
  }
  throw new NothingListens(`nothing listens on ${host}:${String(port)}`);
}

function parseEvent(text: string): BaresipEvent | undefined {
  const parsed = JSON.parse(text) as Record<string, unknown>;
  if (parsed['event'] !== true) return undefined;
  const field = (name: string): string => {
    const value = parsed[name];
    return typeof value === 'string' ? value : '';
  };
  return { type: field('type'), param: field('param'), peerUri: field('peeruri') };
}

/** Steers a baresip; waits until it listens. */
export async function openCtrlTcp(host: string, port: number): Promise<CtrlTcp> {
  const socket = await connectPatiently(host, port);
  const read = createNetstringReader();
  const events: BaresipEvent[] = [];
  let position = 0;
  socket.on('error', () => undefined);
  socket.on('data', (chunk: Buffer) => {
    for (const text of read(chunk)) {
      const event = parseEvent(text);
      if (event) events.push(event);
    }
  });
  return {
    send(command, params = '') {
      socket.write(encodeNetstring(JSON.stringify({ command, params })));
    },
    events: () => events,
    skipEvents() {
      position = events.length;
    },
    async waitFor(type, timeoutMs) {
      const deadlineMs = Date.now() + timeoutMs;
      for (;;) {
        const found = events.findIndex((event, at) => event.type === type && at >= position);
        const event = events[found];
        if (event) {
          position = found + 1;
          return event;
        }
        if (Date.now() > deadlineMs) {
          throw new Error(`No ${type}; there were ${events.map((each) => each.type).join(', ')}`);
        }
        await sleep(POLL_MS);
      }
    },
    close() {
      socket.destroy();
    },
  };
}

import type { AddressInfo } from 'node:net';
import type { ChangeListener } from './change-feed.ts';
import { Engine } from './engine.ts';
import { createHttpEndpoint } from './http-endpoint.ts';
import { Operations } from './operations.ts';

export interface LocalDynamoOptions {
  /** Folder of the database; in memory without one. One process at a time may open it. */
  readonly path?: string;
  readonly log?: { error(message: string, facts?: Readonly<Record<string, unknown>>): void };
  readonly nowMs?: () => number;
  readonly sweepEveryMs?: number;
}

export interface LocalDynamo {
  listen(port: number, host?: string): Promise<{ readonly port: number }>;
  /** Every change of every item, in the form of a stream record; the result ends it. */
  onChange(listener: ChangeListener): () => void;
  /** Deletes what has expired now; it also happens by itself. */
  sweep(): Promise<void>;
  close(): Promise<void>;
}

const SWEEP_EVERY_MS = 1_000;

/** DynamoDB of one process over loopback HTTP: dynalite's engine and what it lacks. */
export function createLocalDynamo(options: LocalDynamoOptions = {}): LocalDynamo {
  const { log, nowMs = () => Date.now(), sweepEveryMs = SWEEP_EVERY_MS } = options;
  const engine = new Engine(options.path);
  const operations = new Operations(engine, nowMs);
  const server = createHttpEndpoint({
    call: (operation, parameters) => operations.call(operation, parameters),
    onFailure: (cause) => log?.error('DynamoDB request failed', { cause }),
  });
  let sweeping: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;

  function sweep(): Promise<void> {
    sweeping = sweeping.then(() => operations.sweep());
    return sweeping;
  }

  function sweepInBackground(): void {
    sweep().catch((cause: unknown) => {
      sweeping = Promise.resolve();
      log?.error('expired items could not be deleted', { cause });
    });
  }

  return {
    async listen(port, host = '127.0.0.1') {
      await operations.open();
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject).listen(port, host, resolve);
      });
      timer = setInterval(sweepInBackground, sweepEveryMs).unref();
      return { port: (server.address() as AddressInfo).port };
    },
    onChange: (listener) => operations.feed.listen(listener),
    sweep,
    async close() {
      clearInterval(timer);
      await sweeping.catch(() => undefined);
      server.closeAllConnections();
      await new Promise<void>((resolve) => {
        server.close(() => {
          resolve();
        });
      });
      await engine.close();
    },
  };
}

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startImsSimulator } from '../../local/src/ims/simulator.ts';
import { type Child, startChild } from './processes/child.ts';
import type { SignallingReady, SignallingSetUp } from './processes/signalling.ts';
import { benchWorld, DOMAIN } from './world.ts';

/** The product in processes of its own; the IMS core is in this one, with the clients. */
export interface Product {
  readonly port: number;
  readonly url: string;
  readonly origin: string;
  readonly sipPort: number;
  readonly mediaNode: Child;
  readonly signalling: Child;
  close(): Promise<void>;
}

const HOST = '127.0.0.1';
const CAPACITY = '1000';
const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined };

export async function startProduct(users: number, farPhones: number): Promise<Product> {
  const dataDir = await mkdtemp(join(tmpdir(), 'isthmus-bench-'));
  const world = benchWorld(users, farPhones);
  const { subscribers } = world;
  const simulator = await startImsSimulator({
    host: HOST,
    domains: [DOMAIN],
    subscribers,
    log: silent,
  });
  const setUp: SignallingSetUp = { dataDir, world, pcscfPort: simulator.sipPort };
  const signalling = await startChild('./signalling.ts', { args: [JSON.stringify(setUp)] });
  const { port, stage, nodeEnv } = signalling.ready as SignallingReady;
  const mediaNode = await startChild('./media-node.ts', {
    env: { ...nodeEnv, BIND_ADDRESS: HOST, ALLOW_LAN_MEDIA: 'true', CALL_CAPACITY: CAPACITY },
  });
  return {
    port,
    url: `ws://localhost:${String(port)}/${stage}`,
    origin: `http://localhost:${String(port)}`,
    sipPort: simulator.sipPort,
    mediaNode,
    signalling,
    async close() {
      await mediaNode.end();
      await signalling.end();
      await simulator.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

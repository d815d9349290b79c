import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DemoWorld } from '../../local/src/demo-world.ts';
import type { Core } from './cores.ts';
import { type Child, startChild } from './processes/child.ts';
import type { SignallingReady, SignallingSetUp } from './processes/signalling.ts';

/** The product in processes of its own, before a core that ends with it. */
export interface Product {
  readonly port: number;
  readonly stage: string;
  readonly url: string;
  readonly origin: string;
  readonly sipPort: number;
  readonly mediaNode: Child;
  readonly signalling: Child;
  /** Where the one table is. */
  readonly storage: { readonly endpoint: string; readonly tableName: string };
  close(): Promise<void>;
}

const HOST = '127.0.0.1';
const CAPACITY = '1000';

/** `env`: variables of the node that shall differ. */
export async function startProduct(
  world: DemoWorld,
  core: Core,
  env: Readonly<Record<string, string>> = {},
): Promise<Product> {
  const dataDir = await mkdtemp(join(tmpdir(), 'isthmus-bench-'));
  const setUp: SignallingSetUp = { dataDir, world, pcscf: core.pcscf };
  const signalling = await startChild('./signalling.ts', { args: [JSON.stringify(setUp)] });
  const { port, stage, nodeEnv } = signalling.ready as SignallingReady;
  const mediaNode = await startChild('./media-node.ts', {
    env: {
      ...nodeEnv,
      BIND_ADDRESS: HOST,
      ALLOW_LAN_MEDIA: 'true',
      CALL_CAPACITY: CAPACITY,
      ...env,
    },
  });
  return {
    port,
    stage,
    url: `ws://localhost:${String(port)}/${stage}`,
    origin: `http://localhost:${String(port)}`,
    sipPort: core.pcscf.port,
    mediaNode,
    signalling,
    storage: {
      endpoint: nodeEnv['DYNAMODB_ENDPOINT'] ?? '',
      tableName: nodeEnv['TABLE_NAME'] ?? '',
    },
    async close() {
      await mediaNode.end();
      await signalling.end();
      await core.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

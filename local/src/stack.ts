import { setTimeout as sleep } from 'node:timers/promises';
import { noMetrics } from '@isthmus/media-node/adapters/telemetry/no-metrics';
import { readEnv } from '@isthmus/media-node/env';
import { type RunningNode, startMediaNode } from '@isthmus/media-node/start-media-node';
import { type Ground, type GroundOptions, startGround } from './ground.ts';

export interface StackOptions extends GroundOptions {
  /** How often the node asks whether a connection is still there. */
  readonly probeIntervalS?: number;
  /** Variables of the node that shall differ from those of a lab on loopback. */
  readonly nodeEnv?: Readonly<Record<string, string>>;
}

export interface Stack extends Omit<Ground, 'onClose' | 'nodeEnv'> {
  readonly node: RunningNode;
}

const PROBE_INTERVAL_S = 15;
const TRUNKS_UP_MS = 5_000;

/** Everything Isthmus is made of, in one process on loopback. */
export async function startStack(options: StackOptions): Promise<Stack> {
  const ground = await startGround(options);
  try {
    const node = await openNode(ground, options);
    const { close, gateway, port, simulator, storage, world } = ground;
    return { port, world, gateway, node, simulator, storage, close };
  } catch (error) {
    await ground.close();
    throw error;
  }
}

async function openNode(ground: Ground, options: StackOptions): Promise<RunningNode> {
  const env = readEnv({
    ...ground.nodeEnv,
    PROBE_INTERVAL_S: String(options.probeIntervalS ?? PROBE_INTERVAL_S),
    ...options.nodeEnv,
  });
  const node = await startMediaNode(env, { log: options.log, metrics: noMetrics });
  ground.onClose(() => node.close());
  // An IMS that does not answer keeps its own users out, not the whole stack from starting.
  await Promise.race([node.settled(), sleep(TRUNKS_UP_MS, undefined, { ref: false })]);
  return node;
}

import { type Ground, type GroundOptions, startGround } from './ground.ts';
import { type NodeProcess, startNodeProcess } from './node-process.ts';

export interface ClusterOptions extends GroundOptions {
  readonly nodes: number;
  readonly nodeEnv?: Readonly<Record<string, string>>;
}

export interface Cluster extends Omit<Ground, 'onClose' | 'nodeEnv'> {
  /** Those that were started, whether they still run or not. */
  readonly nodes: readonly NodeProcess[];
  /** One more. */
  startNode(): Promise<NodeProcess>;
}

const FIRST_RTP_PORT = 40_000;
const PORTS_PER_NODE = 600;
const NODES_WITH_PORTS = 16;

/** The stack on loopback with several media nodes, each a process that can be killed. */
export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const ground = await startGround(options);
  const nodes: NodeProcess[] = [];
  ground.onClose(() => Promise.all(nodes.filter((it) => it.isRunning).map((it) => it.end())));
  const startNode = async (): Promise<NodeProcess> => {
    const variables = { ...ground.nodeEnv, ...own(nodes.length), ...options.nodeEnv };
    const node = await startNodeProcess(variables, options.log);
    nodes.push(node);
    return node;
  };
  try {
    for (let index = 0; index < options.nodes; index += 1) await startNode();
  } catch (error) {
    await ground.close();
    throw error;
  }
  const { close, gateway, port, simulator, storage, world } = ground;
  return { port, world, gateway, simulator, storage, nodes, startNode, close };
}

/** Ports toward IMS that no other node takes; drained within the patience of whoever waits. */
function own(index: number): Readonly<Record<string, string>> {
  const from = FIRST_RTP_PORT + (index % NODES_WITH_PORTS) * PORTS_PER_NODE;
  return {
    RTP_PORTS: `${String(from)}-${String(from + PORTS_PER_NODE - 1)}`,
    PROBE_INTERVAL_S: '15',
    DRAIN_S: '10',
  };
}

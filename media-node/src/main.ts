import { createEcsTaskProtection } from './adapters/ecs/ecs-task-protection.ts';
import { privateAddressOfTask, publicAddressOfTask } from './adapters/ecs/task-addresses.ts';
import { createEmfMetrics } from './adapters/telemetry/emf-metrics.ts';
import { createJsonLog } from './adapters/telemetry/json-log.ts';
import { systemClock as clock } from './adapters/time/system-clock.ts';
import { ProtectionKeeper } from './app/node/protection-keeper.ts';
import { Shutdown } from './app/node/shutdown.ts';
import { type Env, type LogLevel, processEnv, readEnv } from './env.ts';
import type { Log } from './ports/log.ts';
import { type RunningNode, startMediaNode } from './start-media-node.ts';

const stream = process.stdout;
const createLog = (level: LogLevel): Log => createJsonLog({ stream, clock }, { level });
/** Under these very names infra scales and alarms. */
const metrics = createEmfMetrics(
  { stream, clock },
  { namespace: 'Isthmus', dimensions: { service: 'media-node' } },
);

async function main(): Promise<void> {
  const env = readEnv(processEnv());
  const log = createLog(env.logLevel);
  const node = start(env, log);
  endOnSignal(node, { env, log });
  const { activeCalls, nodeId } = await node;
  log.info('node runs', { nodeId, activeCalls });
}

async function start(env: Env, log: Log): Promise<RunningNode> {
  const located = await locate(env);
  const { announcedAddress, controlAddress } = located;
  log.info('node starts', { announcedAddress, controlAddress });
  const node = await startMediaNode(located, { log, metrics });
  protect(node, located, log);
  return node;
}

/** A task learns its addresses only when it runs; those that were given stay. */
async function locate(env: Env): Promise<Env> {
  const { publicAddressUrl, taskMetadataUrl } = env.lookups;
  const [controlAddress, announcedAddress] = await Promise.all([
    taskMetadataUrl ? privateAddressOfTask({ clock }, taskMetadataUrl) : env.controlAddress,
    publicAddressUrl ? publicAddressOfTask({ clock }, publicAddressUrl) : env.announcedAddress,
  ]);
  return { ...env, controlAddress, announcedAddress };
}

function protect(node: RunningNode, { ecsAgentUrl }: Env, log: Log): void {
  if (!ecsAgentUrl) return;
  const protection = createEcsTaskProtection({ agentUrl: ecsAgentUrl });
  const activeCalls = (): number => node.activeCalls;
  new ProtectionKeeper({ clock, log, protection, activeCalls }).start();
}

function endOnSignal(
  node: Promise<RunningNode>,
  { env, log }: { readonly env: Env; readonly log: Log },
): void {
  const exit = (code: number): void => process.exit(code);
  const shutdown = new Shutdown({ node, clock, log, exit }, { drainMs: env.drainS * 1000 });
  const end = (): void => {
    // A start that fails is told, and ends the process, where it was begun.
    shutdown.request().catch(() => undefined);
  };
  process.on('SIGTERM', end).on('SIGINT', end);
  const fail = (cause: unknown): void => void shutdown.fail(cause);
  process.on('uncaughtException', fail).on('unhandledRejection', fail);
}

try {
  await main();
} catch (cause) {
  createLog('info').error('node could not start', reasonOf(cause));
  process.exit(1);
}

/** A variable that is wrong is no bug of ours: where in the program it was read helps nobody. */
function reasonOf(cause: unknown): Readonly<Record<string, unknown>> {
  const isEnvironment = cause instanceof TypeError && cause.message.startsWith('environment:');
  return isEnvironment ? { problem: cause.message } : { cause };
}

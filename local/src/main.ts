import { createVoiceCodecs } from '@isthmus/media-node/adapters/codecs/create-voice-codecs';
import { loadNativeAddon } from '@isthmus/media-node/adapters/codecs/native-addon';
import { createJsonLog } from '@isthmus/media-node/adapters/telemetry/json-log';
import { systemClock } from '@isthmus/media-node/adapters/time/system-clock';
import type { RegistrationOption } from '@isthmus/shared/domain/registration-option';
import { type Cluster, startCluster } from './cluster.ts';
import { type LocalSettings, settings, useLocalCredentials } from './env.ts';
import { type Stack, startStack } from './stack.ts';

const OPTION_NAMES: Readonly<Record<RegistrationOption, string>> = {
  'ip-pbx': 'IP-PBX',
  'same-credentials': 'Same credentials',
  token: 'Token',
};

/** Columns are parted by two or more spaces, so that a script can read them. */
const line = (...columns: readonly string[]): string => `${columns.join('  ')}\n`;

/** An operator's library, by its fate: it is opened here as the nodes open it. */
function librariesIn({ EVS_LIBRARY: path }: LocalSettings['nodeEnv']): readonly string[] {
  if (path === undefined) return [];
  const reason = createVoiceCodecs(loadNativeAddon(), path).missing.get('EVS');
  return [line('library', 'EVS', reason === undefined ? path : `cannot be loaded: ${reason}`)];
}

function introduction(stack: Stack | Cluster, nodeEnv: LocalSettings['nodeEnv']): string {
  const { port, world, simulator } = stack;
  const [first] = world.tenants;
  const users = world.users
    .filter(({ tenant }) => tenant === first?.tenant)
    .map(({ option, userName, password }) =>
      line('user', OPTION_NAMES[option].padEnd(16), userName.padEnd(26), password),
    );
  const numbers = (simulator?.services ?? []).map(({ number, what }) =>
    line('dial', number.padEnd(9), what),
  );
  const nodes = 'nodes' in stack ? stack.nodes : [];
  const processes = nodes.map(({ id, pid }) => line('node', id, String(pid)));
  return [
    ...users,
    ...numbers,
    ...processes,
    ...librariesIn(nodeEnv),
    `Isthmus is ready: http://localhost:${String(port)}\n`,
  ].join('');
}

function explain(error: unknown, port: number): string {
  const codes = codesOf(error);
  if (codes.includes('EADDRINUSE')) {
    return `Port ${String(port)} is taken. Set PORT to another one: PORT=${String(port + 1)} npm start`;
  }
  if (codes.includes('LEVEL_LOCKED')) {
    return 'Another Isthmus uses this data folder. Set DATA_DIR to another one.';
  }
  return error instanceof TypeError ? error.message : String((error as Error).stack ?? error);
}

/** Of an error and of what caused it: the database wraps the reason that tells. */
function codesOf(error: unknown): readonly unknown[] {
  if (!(error instanceof Error)) return [];
  return ['code' in error ? error.code : undefined, ...codesOf(error.cause)];
}

/** Ctrl-C ends what has been started, at whatever point it comes. */
function endOnSignal(starting: Promise<Stack | Cluster>): void {
  const end = (): void => {
    process.stderr.write('Ending: calls are released, IMS is de-registered.\n');
    const closing = starting.then((stack) => stack.close());
    void closing.catch(() => undefined).finally(() => process.exit());
  };
  process.once('SIGINT', end).once('SIGTERM', end);
}

async function main(): Promise<void> {
  useLocalCredentials();
  const { port, dataDir, logLevel, faults, nodes, nodeEnv } = settings();
  const log = createJsonLog({ stream: process.stderr, clock: systemClock }, { level: logLevel });
  const options = { port, dataDir, faults, log, nodeEnv };
  const isCluster = process.argv.includes('--cluster');
  const starting = isCluster ? startCluster({ ...options, nodes }) : startStack(options);
  endOnSignal(starting);
  try {
    process.stdout.write(introduction(await starting, nodeEnv));
  } catch (error) {
    process.stderr.write(`${explain(error, port)}\n`);
    process.exitCode = 1;
  }
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
}

/** What a user may set of the local stack. */
export interface LocalSettings {
  readonly port: number;
  readonly dataDir: string;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error';
  /** What the gateway does to messages: all that API Gateway may do, and rarely does. */
  readonly faults: readonly Fault[];
  /** Media nodes, each a process of its own; with `--cluster` only. */
  readonly nodes: number;
  /** Variables of the media node that are passed on to it as they are. */
  readonly nodeEnv: Readonly<Record<string, string>>;
}

export const FAULTS = ['reorder', 'duplicate', 'drop-disconnect'] as const;
export type Fault = (typeof FAULTS)[number];

const DEFAULT_PORT = 8080;
const MAX_PORT = 65_535;
const DEFAULT_NODES = 3;
const MAX_NODES = 16;
/** What a media node may have of a machine: the local stack has no word of its own for it. */
const PASSED_ON = ['MEDIA_PLANE', 'EVS_LIBRARY'] as const;
const LEVELS = ['debug', 'info', 'warn', 'error'] as const;

/** Throws a `TypeError` that names the setting. */
export function readSettings(source: Readonly<Record<string, string | undefined>>): LocalSettings {
  const { PORT, DATA_DIR, LOG_LEVEL } = source;
  const port = PORT === undefined || PORT === '' ? DEFAULT_PORT : Number(PORT);
  if (!Number.isInteger(port) || port < 0 || port > MAX_PORT) {
    throw new TypeError(`PORT is not a port number: ${String(PORT)}`);
  }
  return {
    port,
    dataDir: DATA_DIR === undefined || DATA_DIR === '' ? '.data' : DATA_DIR,
    nodes: nodesIn(source['NODES']),
    faults: faultsIn(source['FAULTS'] ?? ''),
    nodeEnv: passedOn(source),
    logLevel: LEVELS.find((level) => level === LOG_LEVEL) ?? 'warn',
  };
}

const passedOn = (
  source: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> =>
  Object.fromEntries(
    PASSED_ON.flatMap((name) => {
      const value = source[name];
      return value ? [[name, value]] : [];
    }),
  );

function nodesIn(text: string | undefined): number {
  const nodes = text === undefined || text === '' ? DEFAULT_NODES : Number(text);
  if (Number.isInteger(nodes) && nodes > 0 && nodes <= MAX_NODES) return nodes;
  throw new TypeError(`NODES is not a number from 1 to ${String(MAX_NODES)}: ${String(text)}`);
}

function faultsIn(text: string): readonly Fault[] {
  const names = text.split(',').filter((name) => name !== '');
  return names.map((name) => {
    const fault = FAULTS.find((known) => known === name);
    if (!fault) throw new TypeError(`FAULTS knows ${FAULTS.join(', ')}, not ${name}`);
    return fault;
  });
}

export const settings = (): LocalSettings => readSettings(process.env);

/** What a process we start needs of our own surroundings. */
export const inherited = (): Readonly<Record<string, string>> =>
  Object.fromEntries(
    ['PATH', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'].flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );

/** The SDK looks for credentials here; the embedded engines accept only these. */
export function useLocalCredentials(): void {
  process.env['AWS_ACCESS_KEY_ID'] = 'local';
  process.env['AWS_SECRET_ACCESS_KEY'] = 'local';
  process.env['AWS_REGION'] = 'us-east-1';
}

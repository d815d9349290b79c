/** What a user may set of the local stack. */
export interface LocalSettings {
  readonly port: number;
  readonly dataDir: string;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error';
  /** What the gateway does to messages: all that API Gateway may do, and rarely does. */
  readonly faults: readonly Fault[];
}

export const FAULTS = ['reorder', 'duplicate', 'drop-disconnect'] as const;
export type Fault = (typeof FAULTS)[number];

const DEFAULT_PORT = 8080;
const MAX_PORT = 65_535;
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
    faults: faultsIn(source['FAULTS'] ?? ''),
    logLevel: LEVELS.find((level) => level === LOG_LEVEL) ?? 'warn',
  };
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

/** The SDK looks for credentials here; the embedded engines accept only these. */
export function useLocalCredentials(): void {
  process.env['AWS_ACCESS_KEY_ID'] = 'local';
  process.env['AWS_SECRET_ACCESS_KEY'] = 'local';
  process.env['AWS_REGION'] = 'us-east-1';
}

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface PrintedUser {
  readonly option: string;
  readonly userName: string;
  readonly password: string;
}

/** `npm start` as a user sees it: its lines on stdout, its logs on stderr, its end by Ctrl-C. */
export interface IsthmusProcess {
  readonly url: string;
  readonly port: number;
  readonly users: readonly PrintedUser[];
  readonly numbers: readonly string[];
  /** Media nodes that are processes of their own. */
  readonly nodes: readonly { readonly id: string; readonly pid: number }[];
  readonly lines: readonly string[];
  stderr(): string;
  /** Holds the whole process still, sockets open, as a machine that hangs. */
  freeze(): void;
  thaw(): void;
  /** SIGINT; resolves with the exit code. */
  stop(): Promise<number | null>;
}

export interface StartOptions {
  readonly dataDir?: string;
  readonly port?: number;
  readonly faults?: boolean;
  /** So many media nodes, each a process of its own. */
  readonly nodes?: number;
  readonly env?: Readonly<Record<string, string>>;
}

const READY = /^Isthmus is ready: (http:\/\/localhost:(\d+))$/;
const READY_MS = 60_000;

export async function startIsthmus(options: StartOptions = {}): Promise<IsthmusProcess> {
  const scratch = options.dataDir ? undefined : await mkdtemp(join(tmpdir(), 'isthmus-e2e-'));
  const { nodes } = options;
  const child = spawn(process.execPath, ['local/src/main.ts', ...(nodes ? ['--cluster'] : [])], {
    env: {
      ...process.env,
      NODE_OPTIONS: '',
      ...(nodes ? { NODES: String(nodes) } : {}),
      PORT: String(options.port ?? 0),
      DATA_DIR: options.dataDir ?? scratch,
      LOG_LEVEL: 'info',
      ...(options.faults ? { FAULTS: 'reorder,duplicate,drop-disconnect' } : {}),
      ...options.env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk;
  });
  const lines = await readyLines(child, () => stderr);
  const ready = READY.exec(lines.at(-1) ?? '');
  return {
    url: ready?.[1] ?? '',
    port: Number(ready?.[2]),
    lines,
    users: lines.flatMap((line) => userOf(line) ?? []),
    nodes: lines.flatMap((line) => nodeOf(line) ?? []),
    numbers: lines.flatMap((line) => /^dial {2,}(\S+)/.exec(line)?.[1] ?? []),
    stderr: () => stderr,
    freeze: () => {
      child.kill('SIGSTOP');
    },
    thaw: () => {
      child.kill('SIGCONT');
    },
    async stop() {
      const code = await ended(child);
      if (scratch) await rm(scratch, { recursive: true, force: true });
      return code;
    },
  };
}

/** Runs a start that is expected to fail, and tells how. */
export async function failToStart(env: Readonly<Record<string, string>>) {
  const child = spawn(process.execPath, ['local/src/main.ts'], {
    env: { ...process.env, NODE_OPTIONS: '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk;
  });
  const code = await new Promise<number | null>((resolve) => child.once('exit', resolve));
  return { code, stderr };
}

function userOf(line: string): PrintedUser | undefined {
  const [kind, option, userName, password] = line.split(/ {2,}/);
  if (kind !== 'user' || !option || !userName || !password) return undefined;
  return { option, userName, password };
}

function nodeOf(line: string): IsthmusProcess['nodes'][number] | undefined {
  const [, id = '', pid] = /^node {2,}(\S+) {2,}(\d+)$/.exec(line) ?? [];
  return pid === undefined ? undefined : { id, pid: Number(pid) };
}

function readyLines(child: ChildProcess, stderr: () => string): Promise<readonly string[]> {
  return new Promise((resolve, reject) => {
    let out = '';
    const timer = setTimeout(() => {
      reject(new Error(`not ready in ${String(READY_MS)} ms: ${out}\n${stderr()}`));
    }, READY_MS);
    child.once('exit', (code) => {
      clearTimeout(timer);
      reject(new Error(`ended with ${String(code)}: ${stderr()}`));
    });
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      out += chunk;
      const lines = out.split('\n').filter((line) => line !== '');
      if (!READY.test(lines.at(-1) ?? '')) return;
      clearTimeout(timer);
      resolve(lines);
    });
  });
}

function ended(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null) return Promise.resolve(child.exitCode);
  return new Promise((resolve) => {
    child.removeAllListeners('exit').once('exit', resolve);
    child.kill('SIGINT');
  });
}

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Log } from '@isthmus/media-node/ports/log';
import { inherited } from './env.ts';

/** One media node in a process of its own, as a container runs it. */
export interface NodeProcess {
  /** As the registry names it. */
  readonly id: string;
  readonly pid: number;
  readonly isRunning: boolean;
  signal(name: 'SIGTERM' | 'SIGKILL'): void;
  /** Resolves when the process has gone. */
  readonly gone: Promise<void>;
  /** Drains it, and waits until it has gone. */
  end(): Promise<void>;
}

type Line = Readonly<Record<string, unknown>>;

const PROGRAM = fileURLToPath(import.meta.resolve('@isthmus/media-node/main'));
const RUNS = 'node runs';
const LOUD = ['warn', 'error'] as const;

/** Resolves once it is in the registry; rejects where it ends before. */
export async function startNodeProcess(
  variables: Readonly<Record<string, string>>,
  log: Log,
): Promise<NodeProcess> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', PROGRAM], {
    env: { ...inherited(), LOG_LEVEL: 'info', ...variables },
    stdio: ['ignore', 'pipe', 'inherit'],
    // A terminal's Ctrl-C is meant for whoever started us, and comes to the node from there.
    detached: true,
  });
  const gone = once(child, 'exit').then(() => undefined);
  const runs = firstLine(child, log);
  const died = gone.then(() => {
    throw new Error('a media node ended before it ran');
  });
  died.catch(() => undefined);
  const { nodeId } = await Promise.race([runs, died]);
  return {
    id: String(nodeId),
    pid: child.pid ?? 0,
    get isRunning() {
      return child.exitCode === null && child.signalCode === null;
    },
    signal: (name) => void child.kill(name),
    gone,
    async end() {
      child.kill('SIGTERM');
      await gone;
    },
  };
}

/** Resolves with the line that says that it runs; what is loud goes on to our own log. */
function firstLine(child: ChildProcess, log: Log): Promise<Line> {
  return new Promise((resolve) => {
    if (!child.stdout) return;
    createInterface({ input: child.stdout }).on('line', (text) => {
      const line = lineOf(text);
      if (line['message'] === RUNS) resolve(line);
      const level = LOUD.find((it) => it === line['level']);
      if (level) log[level](String(line['message']), { ...line, pid: child.pid });
    });
  });
}

function lineOf(text: string): Line {
  try {
    return JSON.parse(text) as Line;
  } catch {
    // A crash does not speak JSON; stderr has it in full.
    return {};
  }
}

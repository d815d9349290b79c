import { type ChildProcess, spawn } from 'node:child_process';

export interface ChildOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** It reads its standard input; without this that is empty. */
  readonly takesWords?: boolean;
}

export interface Child {
  readonly pid: number;
  /** The latest output, both streams, up to a bound. */
  output(): string;
  /** One line to its standard input. */
  say(line: string): void;
  /** Resolves with the exit code, or undefined where a signal ended it. */
  readonly exited: Promise<number | undefined>;
  stop(): Promise<void>;
  /** Without a chance to say good-bye to anyone. */
  kill(): Promise<void>;
}

/** A looping S-CSCF once wrote gigabytes in seconds, so output is bounded in memory. */
const OUTPUT_LIMIT_CHARS = 4_000_000;
const STOP_GRACE_MS = 4_000;

const signalGroup = (pid: number, signal: NodeJS.Signals): void => {
  try {
    process.kill(-pid, signal);
  } catch {
    // The whole group is gone already, which is what was wanted.
  }
};

function collectOutput(child: ChildProcess): () => string {
  let output = '';
  const append = (chunk: Buffer): void => {
    output += chunk.toString();
    if (output.length > OUTPUT_LIMIT_CHARS) output = output.slice(-OUTPUT_LIMIT_CHARS / 2);
  };
  child.stdout?.on('data', append);
  child.stderr?.on('data', append);
  return () => output;
}

/**
 * Starts a process in a group of its own, so that its workers end with it. A parent that is
 * killed outright runs no exit hook: then the kernel tells the child (PR_SET_PDEATHSIG).
 */
export async function startChild(options: ChildOptions): Promise<Child> {
  const child = spawn('setpriv', ['--pdeathsig', 'TERM', '--', options.command, ...options.args], {
    cwd: options.cwd,
    detached: true,
    stdio: [options.takesWords ? 'pipe' : 'ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...options.env },
  });
  const output = collectOutput(child);
  const exited = new Promise<number | undefined>((resolve) => {
    child.once('exit', (code) => {
      resolve(code ?? undefined);
    });
  });
  await new Promise((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', reject);
  });
  const pid = child.pid ?? 0;
  // What is said to a program that has just ended is nobody's to hear.
  child.stdin?.on('error', () => undefined);
  const killNow = (): void => {
    signalGroup(pid, 'SIGKILL');
  };
  process.once('exit', killNow);
  void exited.then(() => process.off('exit', killNow));
  return {
    pid,
    output,
    say: (line) => {
      child.stdin?.write(`${line}\n`);
    },
    exited,
    async stop() {
      signalGroup(pid, 'SIGTERM');
      const timer = setTimeout(killNow, STOP_GRACE_MS);
      await exited;
      clearTimeout(timer);
      // The leader is gone; a worker that outlived it must not.
      killNow();
    },
    async kill() {
      killNow();
      await exited;
    },
  };
}

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Question, Usage } from './usage.ts';

export interface Child {
  /** What it said when it was ready. */
  readonly ready: unknown;
  ask(question: Exclude<Question, 'end'>): Promise<Usage>;
  end(): Promise<void>;
}

export interface ChildOptions {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** The engines on this machine accept only these. */
const CREDENTIALS = { AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'local' };
const END_MS = 10_000;

/** One process of the product; rejects where it ends before it is ready. */
export async function startChild(
  file: string,
  { args = [], env = {} }: ChildOptions,
): Promise<Child> {
  const child = fork(fileURLToPath(new URL(file, import.meta.url)), [...args], {
    execArgv: ['--expose-gc', '--disable-warning=ExperimentalWarning'],
    env: { ...process.env, ...CREDENTIALS, ...env },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const ended = once(child, 'exit');
  const died = ended.then(([code]) => {
    throw new Error(`${file} ended with ${String(code)}`);
  });
  died.catch(() => undefined);
  const said = async (): Promise<unknown> => {
    const [message] = (await Promise.race([once(child, 'message'), died])) as [unknown];
    return message;
  };
  return {
    ready: await said(),
    async ask(question) {
      const answer = said();
      child.send(question);
      return (await answer) as Usage;
    },
    async end() {
      if (child.exitCode !== null) return;
      child.send('end');
      const timer = setTimeout(() => child.kill('SIGKILL'), END_MS);
      await ended;
      clearTimeout(timer);
    },
  };
}

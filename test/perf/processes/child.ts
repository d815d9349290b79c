import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Question, Usage } from './usage.ts';

export interface Child {
  /** What it said when it was ready. */
  readonly ready: unknown;
  readonly pid: number;
  ask(question: Exclude<Question, 'end'>): Promise<Usage>;
  /** For a process with questions of its own; one at a time. */
  order(order: object): Promise<unknown>;
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
  const answerTo = async (message: Question | object): Promise<unknown> => {
    const answer = said();
    child.send(message);
    return await answer;
  };
  return {
    ready: await said(),
    pid: child.pid ?? 0,
    ask: async (question) => (await answerTo(question)) as Usage,
    order: answerTo,
    async end() {
      if (child.exitCode !== null) return;
      child.send('end');
      const timer = setTimeout(() => child.kill('SIGKILL'), END_MS);
      await ended;
      clearTimeout(timer);
    },
  };
}

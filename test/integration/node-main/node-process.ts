import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { until } from '../../support/until.ts';

type Line = Readonly<Record<string, unknown>>;

/** A program of the media node as a container runs it: variables in, lines out, ended by signal. */
export class NodeProcess {
  readonly #child: ChildProcess;
  readonly #exit: Promise<number | null>;
  #out = '';
  #err = '';

  constructor(variables: Readonly<Record<string, string>>, program = 'main') {
    this.#child = spawn(process.execPath, [`media-node/src/${program}.ts`], {
      env: { PATH: process.env['PATH'], ...variables },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    // A pipe may still hold lines when the process has gone: `close` comes after them.
    this.#exit = once(this.#child, 'close').then(([code]) => code as number | null);
    this.#child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      this.#out += chunk;
    });
    this.#child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
      this.#err += chunk;
    });
  }

  get lines(): readonly Line[] {
    const whole = this.#out.slice(0, this.#out.lastIndexOf('\n') + 1);
    return whole
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Line);
  }

  get errors(): string {
    return this.#err;
  }

  says(message: string): boolean {
    return this.lines.some((line) => line['message'] === message);
  }

  async untilItSays(message: string): Promise<void> {
    await until(() => this.says(message) || this.#child.exitCode !== null);
    if (!this.says(message)) throw new Error(`never said "${message}": ${this.#out}${this.#err}`);
  }

  isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  signal(name: 'SIGTERM' | 'SIGINT'): void {
    this.#child.kill(name);
  }

  exit(): Promise<number | null> {
    return this.#exit;
  }

  /** For a test that failed half-way. */
  async kill(): Promise<void> {
    if (this.isRunning()) this.#child.kill('SIGKILL');
    await this.#exit;
  }
}

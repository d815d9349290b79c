import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Child } from './child.ts';

export interface SippRun {
  /** Zero where every step came as the scenario says; undefined where it was killed. */
  readonly exitCode: number | undefined;
  /** What the scenario logged. */
  readonly log: string;
  readonly output: string;
  /** Every SIP message sent and received. */
  readonly messages: string;
}

interface SippFailure extends SippRun {
  /** Of the phone: its scenario, and whose it is. */
  readonly name: string;
  /** Of the errors: the unexpected message, and what was expected instead. */
  readonly errors: string;
  readonly dir: string;
}

const SEEN_WITHIN_MS = 15_000;
const POLL_MS = 50;
const LAST_MESSAGES = 30;
const LAST_ERROR_CHARS = 2_000;
const RULE = /^-{20,} /m;
const MESSAGE = /^\S+ (\S+)\n\S+ (?:control )?message (sent|received) .*\n\n(.*)/;
const CSEQ = /^CSeq: *(.*)/im;

const fileOf = async (dir: string, ending: string): Promise<string> => {
  const name = (await readdir(dir)).find((each) => each.endsWith(ending));
  return name === undefined ? '' : readFile(join(dir, name), 'utf8');
};

/** When, which way, what, and of which request. */
const stepsIn = (messages: string): readonly string[] =>
  messages.split(RULE).flatMap((block) => {
    const [, at, way, start] = MESSAGE.exec(block.replaceAll('\r', '')) ?? [];
    if (at === undefined || start === undefined) return [];
    return [`${at} ${way === 'sent' ? '->' : '<-'} ${start} (${CSEQ.exec(block)?.[1] ?? ''})`];
  });

const failureOf = ({ name, exitCode, messages, errors, dir }: SippFailure): Error => {
  const end = exitCode === undefined ? 'was stopped before it was through' : 'gave up';
  const steps = stepsIn(messages).slice(-LAST_MESSAGES);
  return new Error(
    [
      `sipp (${name}) ${end} (exit ${String(exitCode)}):`,
      errors.trim().slice(-LAST_ERROR_CHARS),
      ...['its messages:', ...(steps.length === 0 ? ['none'] : steps)],
      `the whole of them is kept in ${dir}`,
    ].join('\n'),
  );
};

/** One sipp at work in a folder of its own, which stays where it fails. */
export class SippProcess {
  readonly pid: number;
  /** Rejects with why where it was not through; whoever killed it knows that already. */
  readonly done: Promise<SippRun>;
  readonly #child: Child;
  readonly #dir: string;
  #isKilled = false;

  constructor(name: string, child: Child, dir: string) {
    this.pid = child.pid;
    this.#child = child;
    this.#dir = dir;
    this.done = this.#collect(name);
    // A test that fails for another reason asks nobody.
    this.done.catch(() => undefined);
  }

  /** Resolves when it has sent or received so many messages that begin like this. */
  async seen(startOfLine: string, count: number): Promise<void> {
    const deadlineMs = Date.now() + SEEN_WITHIN_MS;
    for (;;) {
      const messages = await fileOf(this.#dir, '_messages.log');
      const lines = messages.split(/\r?\n/).filter((line) => line.startsWith(startOfLine));
      if (lines.length >= count) return;
      if (Date.now() > deadlineMs)
        throw new Error(`sipp has not seen ${startOfLine}:\n${stepsIn(messages).join('\n')}`);
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  stop(): Promise<void> {
    return this.#child.stop();
  }

  /** As where the power fails: nobody is told. */
  kill(): Promise<void> {
    this.#isKilled = true;
    return this.#child.kill();
  }

  async #collect(name: string): Promise<SippRun> {
    const exitCode = await this.#child.exited;
    const dir = this.#dir;
    const errors = await fileOf(dir, '_errors.log');
    const run = {
      exitCode,
      log: await fileOf(dir, '_logs.log'),
      messages: await fileOf(dir, '_messages.log'),
      output: `${this.#child.output()}\n${errors}`,
    };
    if (exitCode !== 0 && !this.#isKilled) throw failureOf({ ...run, name, errors, dir });
    await rm(dir, { recursive: true, force: true });
    return run;
  }
}

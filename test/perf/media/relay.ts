import { setTimeout as sleep } from 'node:timers/promises';
import { type Child, startChild } from '../../support/ims-lab/child.ts';
import type { Suite } from './keys.ts';

/** Where one call enters and leaves a relay, and the key it speaks SRTP with. */
export interface RelayedCall {
  readonly accessPort: number;
  readonly imsPort: number;
  /** Master key and salt of the relay toward the access side, in hex. */
  readonly key: string;
}

/** A relay that carries a number of calls, on a processor of its own. */
export interface Relay {
  readonly pid: number;
  readonly calls: readonly RelayedCall[];
  stop(): Promise<void>;
}

export interface RelaySubject {
  readonly name: string;
  readonly suite: Suite;
  readonly ramp: 'script' | 'native';
  start(calls: number): Promise<Relay>;
}

const RELAY_CPU = '1';
const GENERATOR_CPU = '0';
const READY_MS = 20_000;
const POLL_MS = 20;

/**
 * On one processor, and before whatever else the machine does: what is measured beside other work
 * would be that work. Linux weighs sessions before it weighs processes (sched(7), autogroup).
 */
const RAISED = `echo -15 2>/dev/null >/proc/self/autogroup
cpu=$1; shift
exec nice -n -15 taskset -c "$cpu" "$@"`;

const pinnedTo = (cpu: string, command: string, args: readonly string[]): Promise<Child> =>
  startChild({ command: 'sh', args: ['-c', RAISED, 'sh', cpu, command, ...args], cwd: '/' });

export const pinned = (command: string, args: readonly string[]): Promise<Child> =>
  pinnedTo(RELAY_CPU, command, args);

/** Runs to its end beside the relay; what it said. */
export async function runBeside(command: string, args: readonly string[]): Promise<string> {
  const child = await pinnedTo(GENERATOR_CPU, command, args);
  const code = await child.exited;
  if (code !== 0) throw new Error(`${command} ended with ${String(code)}: ${child.output()}`);
  return child.output();
}

/** Resolves with what follows the word on its line. */
export async function untilSaid(child: Child, word: string): Promise<string> {
  const line = new RegExp(`^${word}(.*)$`, 'm');
  const until = performance.now() + READY_MS;
  for (;;) {
    const said = line.exec(child.output());
    if (said) return said[1] ?? '';
    const exited = await Promise.race([child.exited.then(() => true), sleep(POLL_MS, false)]);
    if (exited || performance.now() > until) {
      await child.stop();
      throw new Error(`it did not start: ${child.output().trim().slice(-200)}`);
    }
  }
}

import { cpus } from 'node:os';
import { type Options, optionsFrom } from './plan.ts';
import { barsOf, type Limit, type Report, type Row } from './report.ts';
import { textOf } from './table.ts';

export const tell = (words: string): void => {
  process.stderr.write(`${String(Math.round(performance.now() / 1_000))} s: ${words}\n`);
};

const machine = (): string =>
  `${String(cpus().length)} × ${process.arch}, ${process.platform}, Node ${process.versions.node}`;

/** A benchmark from its flags to its exit code; ends the process. */
export const runBench = (
  bench: Report['bench'],
  limits: readonly Limit[],
  measure: (options: Options) => Promise<readonly Row[]>,
): Promise<void> => runBenchWith(optionsFrom, { bench, limits, measure });

export interface Bench<O extends Options> {
  readonly bench: Report['bench'];
  readonly limits: readonly Limit[];
  readonly measure: (options: O) => Promise<readonly Row[]>;
}

/** One that has flags of its own. */
export async function runBenchWith<O extends Options>(
  read: (args: readonly string[]) => O,
  { bench, limits, measure }: Bench<O>,
): Promise<void> {
  try {
    const options = read(process.argv.slice(2));
    const rows = await measure(options);
    const bars = barsOf(rows, limits);
    const report: Report = { bench, machine: machine(), quick: options.quick, rows, bars };
    process.stderr.write(textOf(report));
    if (options.json) process.stdout.write(`${JSON.stringify(report)}\n`);
    if (options.strict && bars.some(({ pass }) => !pass)) process.exitCode = 1;
  } catch (error) {
    process.stderr.write(`${String((error as Error).stack)}\n`);
    process.exitCode = 1;
  }
  // Sockets of clients may still be open; what was to be written is.
  process.stdout.write('', () => process.exit());
}

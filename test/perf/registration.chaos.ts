import { cpus } from 'node:os';
import { deadNodeRows, drainedNodeRows } from './chaos/cases.ts';
import { startFleet } from './chaos/fleet.ts';
import { optionsFrom } from './plan.ts';
import { barsOf, type Limit, type Row } from './report.ts';
import { table } from './table.ts';

const USERS = { full: 300, quick: 30 };
const NODES = 3;

const bar = (of: string, figure: string, limit: number): Limit => ({
  case: of,
  figure,
  limit,
  sense: 'max',
});

/** A lease is lost after 20 s at most; what is left is for registering again. */
const LIMITS: readonly Limit[] = [
  bar('a node is killed', 'allRegisteredAgainS', 30),
  bar('a node is killed', 'identitiesNotReached', 0),
  bar('a node drains', 'callsNotReached', 0),
  bar('a node drains', 'identitiesNotReached', 0),
];

const tell = (words: string): void => {
  process.stderr.write(`${String(Math.round(performance.now() / 1_000))} s: ${words}\n`);
};

const machine = (): string =>
  `${String(cpus().length)} × ${process.arch}, ${process.platform}, Node ${process.versions.node}`;

async function measure(quick: boolean): Promise<readonly Row[]> {
  const users = quick ? USERS.quick : USERS.full;
  tell(`registering ${String(users)} users on ${String(NODES)} nodes; IMS is the local simulator`);
  const fleet = await startFleet({ users, nodes: NODES });
  try {
    tell('killing one');
    const dead = await deadNodeRows(fleet);
    tell('draining one');
    await fleet.startNode();
    return [...dead, ...(await drainedNodeRows(fleet))];
  } finally {
    await fleet.close();
  }
}

function textOf(rows: readonly Row[], bars: ReturnType<typeof barsOf>): string {
  const figures = rows.flatMap(({ case: of, subject, ...rest }) =>
    Object.entries(rest).map(([name, value]) => [of, subject, name, value] as const),
  );
  const met = bars.map(({ limit, name, pass, value }) => {
    return [name, value, limit, pass ? 'met' : 'MISSED'] as const;
  });
  return `${table([['case', 'subject', 'figure', 'value'], ...figures])}\n${table([['bar', 'value', 'max', ''], ...met])}`;
}

async function main(): Promise<void> {
  const { json, quick, strict } = optionsFrom(process.argv.slice(2));
  const rows = await measure(quick);
  const bars = barsOf(rows, LIMITS);
  process.stderr.write(textOf(rows, bars));
  const report = { bench: 'registration-chaos', machine: machine(), quick, rows, bars };
  if (json) process.stdout.write(`${JSON.stringify(report)}\n`);
  if (strict && bars.some(({ pass }) => !pass)) process.exitCode = 1;
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${String((error as Error).stack)}\n`);
  process.exitCode = 1;
}
// Sockets of clients may still be open; what was to be written is.
process.stdout.write('', () => process.exit());

import { runBench } from './bench-run.ts';
import type { Limit, Row } from './report.ts';
import { type LossCase, lossRow, nameOf } from './transcode/loss.ts';
import type { Network } from './transcode/network.ts';
import { rtpengineLossRows } from './transcode/rtpengine-loss.ts';

const LOSSLESS: Network = { lossPercent: 0, inBursts: false, jitterMs: 0 };
const JUDGED: Network = { ...LOSSLESS, lossPercent: 10 };
const PAIRS = [
  { phone: 'AMR-WB', from: 'browser' },
  { phone: 'AMR-WB', from: 'ims' },
  { phone: 'AMR', from: 'browser' },
  { phone: 'AMR', from: 'ims' },
  { phone: 'G722', from: 'browser' },
  { phone: 'G722', from: 'ims' },
  { phone: 'PCMA', from: 'browser' },
  { phone: 'PCMA', from: 'ims' },
] as const;

const JITTERS_MS = [0, 20, 60];
const NETWORKS: readonly Network[] = [
  LOSSLESS,
  ...JITTERS_MS.slice(1).map((jitterMs) => ({ ...LOSSLESS, jitterMs })),
  ...[2, 5, 10, 20].flatMap((lossPercent) =>
    JITTERS_MS.flatMap((jitterMs) => [
      { lossPercent, inBursts: false, jitterMs },
      { lossPercent, inBursts: true, jitterMs },
    ]),
  ),
];
const LIMITS: readonly Limit[] = [
  { case: 'STOI lost at 10 %', figure: 'lostStoi', limit: 0.03, sense: 'max' },
  { case: 'STOI above rtpengine at 10 %', figure: 'leadStoi', limit: 0, sense: 'min' },
];

await runBench('loss', LIMITS, async ({ quick }) => {
  const networks = quick ? [LOSSLESS, JUDGED] : NETWORKS;
  const pairs = quick ? PAIRS.slice(0, 1) : PAIRS;
  const cases = pairs.flatMap((pair) =>
    networks.map((network): LossCase => ({ ...pair, network })),
  );
  const ours = cases.map(lossRow);
  const theirs = await rtpengineLossRows(cases);
  return [...ours, ...theirs, ...judged(ours, theirs)];
});

/** Opus → AMR-WB at 10 %: against the same speech without loss, and against rtpengine. */
function judged(ours: readonly Row[], theirs: readonly Row[]): readonly Row[] {
  const subject = 'Opus → AMR-WB';
  const stoiOf = (rows: readonly Row[], name: string): number | undefined => {
    const row = rows.find((it) => it.subject === subject && it.case === name);
    return row && Number(row['stoi']);
  };
  const lossless = stoiOf(ours, nameOf(LOSSLESS)) ?? Number.NaN;
  const lossy = stoiOf(ours, nameOf(JUDGED)) ?? Number.NaN;
  const peer = stoiOf(theirs, `rtpengine, ${nameOf(JUDGED)}`);
  const lost = { case: 'STOI lost at 10 %', subject, lostStoi: rounded(lossless - lossy) };
  if (peer === undefined) return [lost];
  const lead = { case: 'STOI above rtpengine at 10 %', subject, leadStoi: rounded(lossy - peer) };
  return [lost, lead];
}

function rounded(value: number): number {
  return Number(value.toFixed(3));
}

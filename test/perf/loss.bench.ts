import { runBench } from './bench-run.ts';
import type { Row } from './report.ts';
import { lossRow, type Network } from './transcode/loss.ts';

const LOSSLESS: Network = { lossPercent: 0, inBursts: false, jitterMs: 0 };
const PAIRS = [
  { phone: 'AMR-WB', from: 'browser' },
  { phone: 'AMR-WB', from: 'ims' },
  { phone: 'AMR', from: 'browser' },
  { phone: 'AMR', from: 'ims' },
  { phone: 'G722', from: 'browser' },
  { phone: 'PCMA', from: 'browser' },
  { phone: 'PCMA', from: 'ims' },
] as const;

const NETWORKS = [2, 5, 10, 20].flatMap((lossPercent): readonly Network[] => [
  { lossPercent, inBursts: false, jitterMs: 0 },
  { lossPercent, inBursts: true, jitterMs: 0 },
  { lossPercent, inBursts: false, jitterMs: 20 },
]);
const JITTER: readonly Network[] = [20, 60].map((jitterMs) => ({ ...LOSSLESS, jitterMs }));

await runBench(
  'loss',
  [{ case: 'STOI lost at 10 %', figure: 'lostStoi', limit: 0.03, sense: 'max' }],
  ({ quick }) => {
    const networks = quick
      ? NETWORKS.filter((it) => it.lossPercent === 10).slice(0, 1)
      : [...JITTER, ...NETWORKS];
    const rows: Row[] = [];
    for (const pair of quick ? PAIRS.slice(0, 1) : PAIRS) {
      for (const network of [LOSSLESS, ...networks]) rows.push(lossRow({ ...pair, network }));
    }
    return Promise.resolve([...rows, lostAtTenPercent(rows)]);
  },
);

/** Of Opus → AMR-WB, against the same speech without loss. */
function lostAtTenPercent(rows: readonly Row[]): Row {
  const subject = 'Opus → AMR-WB';
  const stoiOf = (name: string): number =>
    Number(rows.find((row) => row.subject === subject && row.case === name)?.['stoi']);
  const lostStoi = Number(
    (stoiOf('0 % at random, 0 ms') - stoiOf('10 % at random, 0 ms')).toFixed(3),
  );
  return { case: 'STOI lost at 10 %', subject, lostStoi };
}

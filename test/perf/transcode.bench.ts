import { runBench } from './bench-run.ts';
import type { Limit } from './report.ts';
import { codecWork } from './transcode/codec-work.ts';
import { lateness } from './transcode/lateness.ts';

const LIMITS: readonly Limit[] = [
  { case: 'codec work of AMR-WB', figure: 'callsPerCore', limit: 40, sense: 'min' },
];

await runBench('transcode', LIMITS, async ({ quick }) => {
  const plan = quick ? { calls: 4, seconds: 4 } : { calls: 20, seconds: 10 };
  const phones = ['AMR-WB', 'AMR', 'G722', 'PCMA'] as const;
  const work = phones.map((phone) => codecWork(phone, plan));
  const late = [];
  for (const calls of quick ? [10] : [10, 20, 30]) late.push(await lateness(calls, quick ? 4 : 10));
  const judged = work.slice(0, 1).map((row) => ({ ...row, case: 'codec work of AMR-WB' }));
  return [...judged, ...work.slice(1), ...late];
});

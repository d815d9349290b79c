import { runBench } from './bench-run.ts';
import { range } from './in-turn.ts';
import type { Limit, Row } from './report.ts';
import { codecsAtComplexity10, codecWork } from './transcode/codec-work.ts';
import { lateness } from './transcode/lateness.ts';
import { rtpengineRows } from './transcode/rtpengine-work.ts';

const LIMITS: readonly Limit[] = [
  { case: 'codec work of AMR-WB', figure: 'callsPerCore', limit: 40, sense: 'min' },
  { case: 'beside rtpengine', figure: 'ratio', limit: 0.6, sense: 'max' },
];
/** A slot of four: later than that, a call waits for the calls of another slot. */
const IN_TIME_MS = 5;
const FIRST_LOAD = 10;
const STEP = 5;

/** More and more calls, until the last hundredth of the turns comes too late. */
async function risingLoad(loads: readonly number[], seconds: number): Promise<readonly Row[]> {
  const rows: Row[] = [];
  let inTime = 0;
  for (const calls of loads) {
    const row = await lateness(calls, seconds);
    rows.push(row);
    if (Number(row['p99Ms']) >= IN_TIME_MS) break;
    inTime = calls;
  }
  return [...rows, { case: 'in time', subject: 'Opus ↔ AMR-WB, p99 below 5 ms', calls: inTime }];
}

await runBench('transcode', LIMITS, async ({ quick }) => {
  const plan = quick ? { calls: 4, seconds: 4 } : { calls: 20, seconds: 10 };
  const phones = ['AMR-WB', 'AMR', 'G722', 'PCMA'] as const;
  const work = phones.map((phone) => codecWork(phone, plan));
  const judged = work.slice(0, 1).map((row) => ({ ...row, case: 'codec work of AMR-WB' }));
  const like = { ...codecWork('AMR-WB', plan, codecsAtComplexity10()), case: 'at complexity 10' };
  const oursUs = Number(work[0]?.['cpuPerCallUs']);
  const peer = { phone: 'AMR-WB', calls: quick ? 4 : 10, seconds: quick ? 4 : 10 } as const;
  const beside = await rtpengineRows(peer, oursUs);
  const loads = range(quick ? 3 : 9).map((step) => FIRST_LOAD + step * STEP);
  const late = await risingLoad(loads, quick ? 3 : 6);
  return [...judged, ...work.slice(1), like, ...beside, ...late];
});

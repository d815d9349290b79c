import { setTimeout as sleep } from 'node:timers/promises';
import { ACCESS_LIMITS, accessRows, besideJanus, SET_UP } from './access/access-rows.ts';
import type { AccessSubject } from './access/access-subject.ts';
import { startIsthmusAccess } from './access/isthmus-access.ts';
import { startJanusAccess } from './access/janus-access.ts';
import { openSettingUpPage, type SettingUpPage } from './access/setting-up-page.ts';
import { runBench, tell } from './bench-run.ts';
import { inTurn, range } from './in-turn.ts';
import { processTreeCpuMs } from './os-usage.ts';
import { mediansOf } from './registration/rounds.ts';
import type { Row } from './report.ts';

const STARTS = {
  'Janus, NoSIP plugin': startJanusAccess,
  'Isthmus, portable': () => startIsthmusAccess('portable'),
  'Isthmus, native': () => startIsthmusAccess('native'),
} as const;
/** Set-ups under way at once; a browser alone sets up one. */
const AT_A_TIME = 4;
const SETTLE_MS = 500;

async function setUp(subject: AccessSubject, page: SettingUpPage, calls: readonly number[]) {
  const tookMs: number[] = [];
  await inTurn(calls, AT_A_TIME, async (call) => {
    const offer = await page.offer(call);
    const startedAtMs = performance.now();
    await page.connect(call, await subject.answer(call, offer));
    tookMs.push(performance.now() - startedAtMs);
    await page.close(call);
    await subject.release(call);
  });
  return tookMs;
}

/** In a page of its own: Chromium lets one have 500 connections in its life. */
async function measured(
  start: () => Promise<AccessSubject>,
  { warmUp, calls }: { readonly warmUp: number; readonly calls: number },
): Promise<Row> {
  const page = await openSettingUpPage();
  const subject = await start();
  try {
    await setUp(subject, page, range(warmUp));
    await sleep(SETTLE_MS);
    const before = { cpuMs: await processTreeCpuMs(subject.pid), atMs: performance.now() };
    const tookMs = await setUp(subject, page, range(calls, warmUp));
    const elapsedS = (performance.now() - before.atMs) / 1_000;
    // What ends late, timers and threads, belongs to the calls as well.
    await sleep(SETTLE_MS);
    const cpuMs = (await processTreeCpuMs(subject.pid)) - before.cpuMs;
    return accessRows(subject.name, { calls, cpuMs, elapsedS, tookMs });
  } finally {
    await page.end();
    await subject.stop();
  }
}

await runBench('access', ACCESS_LIMITS, async ({ quick }) => {
  const plan = quick ? { rounds: 1, warmUp: 10, calls: 40 } : { rounds: 3, warmUp: 20, calls: 100 };
  const rounds: Row[][] = [];
  for (const round of range(plan.rounds)) {
    const rows: Row[] = [];
    for (const [subject, start] of Object.entries(STARTS)) {
      tell(`round ${String(round + 1)}: ${subject}`);
      const row = await measured(start, plan).catch((error: unknown) => ({
        ...{ case: SET_UP, subject },
        error: error instanceof Error ? error.message.slice(0, 200) : 'failed',
      }));
      rows.push(row);
    }
    rounds.push(rows);
  }
  const rows = mediansOf(rounds);
  return [...rows, ...besideJanus(rows)];
});

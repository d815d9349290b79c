import { setTimeout as sleep } from 'node:timers/promises';
import { runBenchWith, tell } from './bench-run.ts';
import { type Churned, churn, end, type Scene, SET_UP_LIMIT_MS, setUp } from './churn/churn.ts';
import { type ChurnPlan, churnOptionsFrom } from './churn/plan.ts';
import {
  CHURN_LIMITS,
  growthRows,
  HELD,
  LEFT,
  moreRows,
  portsRow,
  SET_UPS,
  talkRow,
} from './churn/rows.ts';
import { type Subject, startSubject } from './churn/subject.ts';
import { startTalkers } from './churn/talkers.ts';
import { inTurn, range } from './in-turn.ts';
import { processTreeCpuMs } from './os-usage.ts';
import type { Row } from './report.ts';

const AT_A_TIME = 5;
const SHOWN = 10;
/** Beyond the numbers of all others. */
const FIRST_OF_PEAK = 10_000_000;
/** Beyond the port's second of rest (`quarantineMs` of the subject). */
const REST_MS = 1_500;

/** Each pair is used again and again, so that a lost one is soon missed; enough for a busy machine. */
const pairsFor = ({ held, setUpsPerS, lifeMs }: ChurnPlan): number =>
  held + Math.ceil((setUpsPerS * (SET_UP_LIMIT_MS + lifeMs + REST_MS)) / 1_000);

async function hold(scene: Scene, calls: readonly number[]) {
  const setUpMs: number[] = [];
  const failures: string[] = [];
  await inTurn(calls, AT_A_TIME, async (call) => {
    await setUp(scene, call).then(
      (tookMs) => setUpMs.push(tookMs),
      (error: unknown) => failures.push(error instanceof Error ? error.message : 'failed'),
    );
  });
  return { setUpMs, failures };
}

async function letGo(scene: Scene, calls: readonly number[]): Promise<Churned['heard']> {
  const heard: Churned['heard'][number][] = [];
  await inTurn(calls, AT_A_TIME, async (call) => {
    heard.push(await end(scene, call));
  });
  return heard;
}

/** As many calls as there can be, once: an allocator keeps what a peak took, and that is no leak. */
async function peak(scene: Scene, pairs: number): Promise<void> {
  const calls = range(pairs, FIRST_OF_PEAK);
  await hold(scene, calls);
  await letGo(scene, calls);
  await sleep(REST_MS);
}

/** So many seconds of it, one call after another in one numbering. */
function churning(scene: Scene, plan: ChurnPlan) {
  let firstCall = plan.held;
  return async (seconds: number): Promise<Churned> => {
    const calls = seconds * plan.setUpsPerS;
    const how = { firstCall, calls, perS: plan.setUpsPerS, lifeMs: plan.lifeMs };
    firstCall += calls;
    const churned = await churn(scene, how);
    for (const it of churned.failures.slice(0, SHOWN)) tell(it);
    await sleep(plan.settleMs);
    return churned;
  };
}

const coresOf = async (pid: number, work: () => Promise<void>): Promise<number> => {
  const [cpuMs, atMs] = [await processTreeCpuMs(pid), performance.now()];
  await work();
  return ((await processTreeCpuMs(pid)) - cpuMs) / (performance.now() - atMs);
};

async function measure(scene: Scene & { subject: Subject }, plan: ChurnPlan, pairs: number) {
  const { subject } = scene;
  const run = churning(scene, plan);
  tell(`${String(pairs)} calls at once`);
  await peak(scene, pairs);
  // What is made once and kept is made by these.
  await run(Math.ceil(plan.warmUpS / 2));
  const idle = await subject.count();
  tell(`${String(plan.held)} calls to be held`);
  const calls = range(plan.held);
  const begun = await hold(scene, calls);
  await run(Math.ceil(plan.warmUpS / 2));
  const before = await subject.count();
  tell(`${String(plan.setUpsPerS)} set-ups a second for ${String(plan.churnS)} s`);
  let churned: Churned = { setUpMs: [], heard: [], failures: [] };
  const cores = await coresOf(subject.pid, async () => {
    churned = await run(plan.churnS);
  });
  const after = await subject.count();
  tell('letting go');
  const heard = await letGo(scene, calls);
  await sleep(plan.settleMs);
  const left = await subject.count();
  const free = await subject.fill();
  const rows: readonly Row[] = [
    { ...talkRow(SET_UPS, churned), cores: Math.round(cores * 100) / 100 },
    { ...talkRow(HELD, { ...begun, heard }), lost: left.lost },
    ...growthRows(before, after, churned.heard.length),
    ...moreRows(LEFT, idle, left),
    portsRow(pairs, free),
  ];
  return rows;
}

await runBenchWith(churnOptionsFrom, {
  bench: 'soak-media',
  limits: CHURN_LIMITS,
  async measure({ plan }) {
    const pairs = pairsFor(plan);
    const talkers = await startTalkers(plan.packetMs);
    const subject = await startSubject(pairs);
    try {
      return await measure({ subject, talkers }, plan, pairs);
    } finally {
      await subject.stop();
      await talkers.stop();
    }
  },
});

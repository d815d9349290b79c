import { runBench, tell } from './bench-run.ts';
import { idleRows } from './cases/idle.ts';
import { incomingRows, outgoingRows } from './cases/latency.ts';
import { liveCallRows } from './cases/live-calls.ts';
import { setUpCostRows } from './cases/set-up-cost.ts';
import { ChromiumPhone } from './clients/chromium-phone.ts';
import { FarPhone } from './clients/far-phone.ts';
import { LightPhone } from './clients/light-phone.ts';
import type { NearPhone } from './clients/near-phone.ts';
import { startSimulatedCore } from './cores.ts';
import { LIMITS } from './limits.ts';
import { type Plan, planFor } from './plan.ts';
import { type Product, startProduct } from './product.ts';
import type { Row } from './report.ts';
import { benchWorld } from './world.ts';

const CHROMIUM = 'Chromium with the SDK';
const LIGHT = 'bare WebSocket and werift';

async function openPeople(product: Product, plan: Plan) {
  const near: LightPhone[] = [];
  const far: FarPhone[] = [];
  for (let index = 0; index < plan.idleUsers; index += 1) {
    near.push(await LightPhone.open(product, index));
  }
  for (let index = 0; index < plan.liveCalls; index += 1) {
    far.push(await FarPhone.open(product.sipPort, index));
  }
  const pairs = far.flatMap((it, index) => {
    const light = near[index];
    return light ? [{ near: light, far: it }] : [];
  });
  return { pairs, users: near.length };
}

async function latencies(near: NearPhone, far: FarPhone, given: LatencyCounts) {
  const { subject, calls, warmUp } = given;
  await outgoingRows(near, far, { subject, calls: warmUp });
  const outgoing = await outgoingRows(near, far, { subject, calls });
  await incomingRows(near, far, { subject, calls: warmUp });
  return [...outgoing, ...(await incomingRows(near, far, { subject, calls }))];
}

interface LatencyCounts {
  readonly subject: string;
  readonly calls: number;
  readonly warmUp: number;
}

async function inChromium(product: Product, far: FarPhone, plan: Plan): Promise<readonly Row[]> {
  const chromium = await ChromiumPhone.open(product, plan.idleUsers);
  try {
    const given = { subject: CHROMIUM, calls: plan.browserCalls, warmUp: plan.warmUpCalls };
    return await latencies(chromium, far, given);
  } finally {
    await chromium.close();
  }
}

async function measure(product: Product, plan: Plan): Promise<readonly Row[]> {
  tell(`registering ${String(plan.idleUsers)} users`);
  const { pairs, users } = await openPeople(product, plan);
  const [first] = pairs;
  if (!first) throw new Error('a plan without calls');
  const light = { subject: LIGHT, calls: plan.lightCalls, warmUp: plan.warmUpCalls };
  tell(`latency, ${LIGHT}`);
  const ofLight = await latencies(first.near, first.far, light);
  tell('CPU per call');
  const ofSetUp = await setUpCostRows(product, first, plan.lightCalls);
  tell('live calls');
  const ofLive = await liveCallRows(product, pairs, plan.audioS);
  tell('idle');
  const ofIdle = await idleRows(product, users, plan.idleS);
  tell(`latency, ${CHROMIUM}`);
  return [
    ...(await inChromium(product, first.far, plan)),
    ...ofLight,
    ...ofSetUp,
    ...ofLive,
    ...ofIdle,
  ];
}

await runBench('call', LIMITS, async (options) => {
  const plan = planFor(options);
  tell('starting the product');
  const world = benchWorld(plan.idleUsers + 1, plan.liveCalls);
  const product = await startProduct(world, await startSimulatedCore(world));
  try {
    return await measure(product, plan);
  } finally {
    await product.close();
  }
});

import { setTimeout as sleep } from 'node:timers/promises';
import { percentile, rounded, spreadOf, toHundredth } from '../numbers.ts';
import { cpuMsOf } from '../os-usage.ts';
import type { Row } from '../report.ts';
import type { CallingPeer, CallTimes } from './calling-peer.ts';
import { SET_UP_WITHIN_MS } from './limits.ts';
import { CALM_PER_S, type SessionPlan, WARM_UP_PER_S } from './plan.ts';

export const CALL = 'call, set up and released';
const JUST_STARTED = 'call of a peer just started';
const SUSTAINED = 'calls sustained';
const SETTLE_MS = 1_000;
const P99 = 0.99;

/** CPU of calls that come calmly, to a peer just started and to one at work, and how many a second are too many. */
export async function sessionRows(peer: CallingPeer, plan: SessionPlan): Promise<readonly Row[]> {
  await peer.call({ calls: plan.firstCalls, perS: CALM_PER_S });
  const fresh = await calmRow(JUST_STARTED, peer, plan);
  await peer.call({ calls: plan.warmUpCalls, perS: WARM_UP_PER_S });
  return [fresh, await calmRow(CALL, peer, plan), await sustainedRow(peer, plan)];
}

async function calmRow(name: string, peer: CallingPeer, plan: SessionPlan): Promise<Row> {
  const idleMsPerMs = await idleOf(peer);
  const [cpuMs, startedMs] = [await cpuMsOf(peer.pid), performance.now()];
  const times = await peer.call({ calls: plan.calls, perS: CALM_PER_S });
  await sleep(SETTLE_MS);
  const wallMs = performance.now() - startedMs;
  const usedMs = (await cpuMsOf(peer.pid)) - cpuMs;
  const calls = times.setUpMs.length;
  return {
    ...{ case: name, subject: peer.subject, calls, failed: times.failures.length },
    cpuMs: toHundredth(usedMs / calls),
    cpuMsWithoutIdle: toHundredth((usedMs - idleMsPerMs * wallMs) / calls),
    ...spreadOf(times.setUpMs),
  };
}

async function idleOf({ pid }: CallingPeer): Promise<number> {
  const cpuMs = await cpuMsOf(pid);
  await sleep(SETTLE_MS * 2);
  return ((await cpuMsOf(pid)) - cpuMs) / (SETTLE_MS * 2);
}

/** The highest rate of the ramp at which all calls came about, nearly all of them in time. */
async function sustainedRow(peer: CallingPeer, { ramp, rampS }: SessionPlan): Promise<Row> {
  let sustained = 0;
  let p99Ms = Number.NaN;
  for (const perS of ramp) {
    const times = await peer.call({ calls: perS * rampS, perS });
    const slowMs = percentile(times.setUpMs, P99);
    if (!isInTime(times, slowMs)) break;
    sustained = perS;
    p99Ms = slowMs;
    await sleep(SETTLE_MS);
  }
  return {
    ...{ case: SUSTAINED, subject: peer.subject, callsPerS: sustained },
    ...{ setUpP99Ms: rounded(p99Ms), triedUpToPerS: ramp.at(-1) ?? 0 },
  };
}

const isInTime = ({ failures }: CallTimes, slowMs: number): boolean =>
  failures.length === 0 && slowMs <= SET_UP_WITHIN_MS;

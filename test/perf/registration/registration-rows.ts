import { setTimeout as sleep } from 'node:timers/promises';
import { toHundredth } from '../numbers.ts';
import { cpuMsOf, residentBytesOf } from '../os-usage.ts';
import type { Registrar } from '../peers/registrar.ts';
import type { Row } from '../report.ts';
import { AT_A_TIME, type RegistrationPlan } from './plan.ts';
import type { RegisteringPeer } from './registering-peer.ts';

export const FIRST = 'first registration';
export const REFRESH = 'refresh';
const IDLE = 'registered and idle';

/** What the peer still has to do when the last answer is here. */
const SETTLE_MS = 500;
const KB = 1_000;

interface Spent {
  readonly cpuMs: number;
  readonly wallMs: number;
  /** Without the time it took to settle. */
  readonly workMs: number;
  readonly requests: number;
  readonly done: number;
}

/** First registrations, a rest, and refreshes, of one peer that has just started. */
export async function registrationRows(
  peer: RegisteringPeer,
  registrar: Registrar,
  { users, idleS }: Pick<RegistrationPlan, 'users' | 'idleS'>,
): Promise<readonly Row[]> {
  const work = { users, atATime: AT_A_TIME };
  const emptyBytes = await residentBytesOf(peer.pid);
  const first = await spent(peer.pid, registrar, () => peer.register(work));
  const idle = await spent(peer.pid, registrar, () => sleep(idleS * 1_000, 0));
  const fullBytes = await residentBytesOf(peer.pid);
  const refresh = await spent(peer.pid, registrar, () => peer.refresh(work));
  const idleMsPerUserMs = idle.cpuMs / idle.wallMs / users;
  // Users who wait for the others are half of all, on the average.
  const idleOfFirst = idleMsPerUserMs * (first.wallMs / 2);
  const idleOfRefresh = idleMsPerUserMs * refresh.wallMs;
  return [
    {
      ...{ case: FIRST, subject: peer.subject, ...figuresOf(first) },
      cpuMsWithoutIdle: toHundredth(first.cpuMs / first.done - idleOfFirst),
    },
    {
      ...{ case: IDLE, subject: peer.subject, users },
      cpuUsPerUserPerS: toHundredth(idleMsPerUserMs * 1_000_000),
      residentKbPerUser: toHundredth((fullBytes - emptyBytes) / users / KB),
    },
    {
      ...{ case: REFRESH, subject: peer.subject, ...figuresOf(refresh) },
      cpuMsWithoutIdle: toHundredth(refresh.cpuMs / refresh.done - idleOfRefresh),
    },
  ];
}

async function spent(
  pid: number,
  registrar: Registrar,
  work: () => Promise<number>,
): Promise<Spent> {
  const [cpuMs, requests, startedMs] = [await cpuMsOf(pid), await registrar.registers(), now()];
  const done = await work();
  const workedMs = now();
  await sleep(SETTLE_MS);
  return {
    ...{ done, workMs: workedMs - startedMs, wallMs: now() - startedMs },
    cpuMs: (await cpuMsOf(pid)) - cpuMs,
    requests: (await registrar.registers()) - requests,
  };
}

const now = (): number => performance.now();

const figuresOf = ({ cpuMs, workMs, requests, done }: Spent) => ({
  users: done,
  cpuMs: toHundredth(cpuMs / done),
  perS: toHundredth((done / workMs) * 1_000),
  requests: toHundredth(requests / done),
});

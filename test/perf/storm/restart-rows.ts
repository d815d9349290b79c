import { setTimeout as sleep } from 'node:timers/promises';
import { ManyAccounts, type Person } from '../../support/many-accounts.ts';
import { tell } from '../bench-run.ts';
import { rounded } from '../numbers.ts';
import type { Row } from '../report.ts';
import { curveOf, peakPerS } from './arrivals.ts';
import { RESTART, type StormPlan } from './plan.ts';
import type { RestartingCore } from './restarting-core.ts';

const BACK_WITHIN_MS = 120_000;

/** Closes the core. */
export async function restartRow(
  core: RestartingCore,
  people: readonly Person[],
  plan: StormPlan,
): Promise<Row> {
  const users = new ManyAccounts();
  try {
    users.register(people, { ...core.access, registrationsPerS: plan.capPerS });
    if (!(await users.until(people.length, BACK_WITHIN_MS))) {
      throw new Error('not all could register to begin with');
    }
    return await restarted(core, users, plan);
  } finally {
    await users.close();
    await core.close();
  }
}

async function restarted(core: RestartingCore, users: ManyAccounts, plan: StormPlan): Promise<Row> {
  const { subject } = core;
  await core.crash();
  await users.until(0, BACK_WITHIN_MS);
  await sleep(plan.downS * 1_000);
  tell(`${String(plan.users)} users have lost a core: ${subject}`);
  const upAtMs = Date.now();
  await core.restart();
  await users.until(plan.users, BACK_WITHIN_MS);
  const backAtMs = Date.now();
  const back = users.registeredCount;
  await sleep(plan.watchS * 1_000);
  const { answersMs, freshMs } = await core.arrivals();
  const curve = curveOf(freshMs, upAtMs);
  tell(`registrations begun in each second after it came back: ${curve.join(' ')}`);
  return {
    ...{ case: RESTART, subject, users: plan.users, capPerS: plan.capPerS },
    ...{ peakPerS: peakPerS(freshMs), peakShareOfCap: share(peakPerS(freshMs), plan.capPerS) },
    laterPeakShareOfCap: share(peakPerS(freshMs.filter((it) => it > backAtMs)), plan.capPerS),
    freshPerUser: share(freshMs.length, plan.users),
    answersPerUser: share(answersMs.length, plan.users),
    backShare: back / plan.users,
    allBackS: rounded((backAtMs - upAtMs) / 1_000),
    curvePerS: curve.join(' '),
  };
}

const share = (part: number, whole: number): number => Math.round((part / whole) * 100) / 100;

import { setTimeout as sleep } from 'node:timers/promises';
import type { ImsAccess } from '@isthmus/shared/store/ims-access';
import { createBench } from '../../support/sip-account-bench.ts';
import { tell } from '../bench-run.ts';
import { range } from '../in-turn.ts';
import { rounded } from '../numbers.ts';
import { personOf } from '../people.ts';
import { type Child, startChild } from '../processes/child.ts';
import type { Arrivals, StormRegistrarOptions } from '../processes/storm-registrar.ts';
import type { Row } from '../report.ts';
import { curveOf, peakPerS } from './arrivals.ts';
import { RESTART, type StormPlan } from './plan.ts';

const HOST = '127.0.22.1';
const REALM = 'storm.test';
const BACK_WITHIN_MS = 120_000;
const POLL_MS = 100;

export interface Core {
  readonly subject: string;
  readonly capacityPerS: number;
}

/** Users of one node on one flow, counted as they are registered and lost. */
class Users {
  readonly #bench = createBench();
  readonly #registered = new Set<number>();

  get registeredCount(): number {
    return this.#registered.size;
  }

  register(count: number, access: Partial<ImsAccess> & Pick<ImsAccess, 'pcscf'>): void {
    for (const index of range(count)) {
      const { account, heard } = this.#bench.open({ ...personOf(index, REALM), access });
      account.register();
      heard.listen((event) => {
        if (event.kind === 'registered') this.#registered.add(index);
        else this.#registered.delete(index);
      });
    }
  }

  /** False where that has not come about in time. */
  async until(count: number): Promise<boolean> {
    const deadlineMs = Date.now() + BACK_WITHIN_MS;
    while (this.registeredCount !== count && Date.now() < deadlineMs) await sleep(POLL_MS);
    return this.registeredCount === count;
  }

  async close(): Promise<void> {
    await this.#bench.accounts.close();
  }
}

const startRegistrar = (options: Omit<StormRegistrarOptions, 'host' | 'realm'>): Promise<Child> =>
  startChild('./storm-registrar.ts', {
    args: [JSON.stringify({ ...options, host: HOST, realm: REALM })],
  });

/** A registrar process is killed with all its users registered, and started again. */
export async function restartRow({ subject, capacityPerS }: Core, plan: StormPlan): Promise<Row> {
  const first = await startRegistrar({ port: 0, capacityPerS: 10 * plan.capPerS });
  const { port } = first.ready as { readonly port: number };
  const users = new Users();
  users.register(plan.users, {
    ...{ pcscf: [{ host: HOST, port }], homeDomain: REALM, registrationsPerS: plan.capPerS },
  });
  if (!(await users.until(plan.users))) throw new Error('not all could register to begin with');
  process.kill(first.pid, 'SIGKILL');
  await users.until(0);
  await sleep(plan.downS * 1_000);
  tell(`${String(plan.users)} users have lost a core that ${subject}`);
  const upAtMs = Date.now();
  const second = await startRegistrar({ port, capacityPerS });
  try {
    await users.until(plan.users);
    const backAtMs = Date.now();
    const back = users.registeredCount;
    await sleep(plan.watchS * 1_000);
    const { answersMs, freshMs } = (await second.order({ kind: 'arrivals' })) as Arrivals;
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
  } finally {
    await users.close();
    await second.end();
  }
}

const share = (part: number, whole: number): number => Math.round((part / whole) * 100) / 100;

import { createHurriedClock } from '../../perf/hurried-clock.ts';
import { inTurn, range } from '../../perf/in-turn.ts';
import { cpuMsOf, residentBytesOf } from '../../perf/os-usage.ts';
import { REGISTRATION_LIMITS } from '../../perf/registration/limits.ts';
import { registrationPlanFor } from '../../perf/registration/plan.ts';
import { againstJanus, mediansOf } from '../../perf/registration/rounds.ts';
import { barsOf, type Row } from '../../perf/report.ts';

const rowsOf = (subject: string, cpuMs: number, perS: number): readonly Row[] => [
  { case: 'first registration', subject, cpuMs, perS, cpuMsWithoutIdle: cpuMs },
  { case: 'refresh', subject, cpuMs, requests: 2, cpuMsWithoutIdle: cpuMs },
];

describe('rounds of the registration benchmark', () => {
  it('are told as the median of each figure', () => {
    const rounds = [rowsOf('ours', 1, 30), rowsOf('ours', 3, 10), rowsOf('ours', 2, 20)];

    expect(mediansOf(rounds)[0]).toMatchObject({ subject: 'ours', cpuMs: 2, perS: 20, rounds: 3 });
  });

  it('keep the reason why a peer did not run', () => {
    const failed = { case: 'first registration', subject: 'Janus', error: 'not installed' };

    expect(mediansOf([[failed]])[0]).toMatchObject({ error: 'not installed' });
  });

  it('tell of a failure that only a later round had', () => {
    const failed = { case: 'refresh', subject: 'ours', error: 'gone' };

    const [, refresh] = mediansOf([rowsOf('ours', 1, 30), [failed]]);

    expect(refresh).toMatchObject({ error: 'gone' });
  });

  it('are compared with those of Janus, for each of our transports', () => {
    const ours = [...rowsOf('TCP', 1, 300), ...rowsOf('UDP', 2, 150)];

    const rows = againstJanus(ours, rowsOf('Janus', 4, 10));

    expect(rows).toMatchObject([
      { subject: 'TCP', cpuShareOfRegistration: 0.25, cpuShareOfRefresh: 0.25, timesItsRate: 30 },
      { subject: 'UDP', cpuShareOfRegistration: 0.5, cpuShareOfRefresh: 0.5, timesItsRate: 15 },
    ]);
  });

  it('miss every bar against a Janus that did not run', () => {
    const rows = againstJanus(rowsOf('TCP', 1, 300), []);

    const bars = barsOf(rows, REGISTRATION_LIMITS);

    expect(bars.every(({ pass }) => !pass)).toBe(true);
  });
});

describe('the plan of the registration benchmark', () => {
  it('looks at the heap after a minute, and sooner only when told to be quick', () => {
    const options = { json: false, strict: false };

    expect(registrationPlanFor({ ...options, quick: false })).toMatchObject({
      coreUsers: 2_000,
      restS: 60,
    });
    expect(registrationPlanFor({ ...options, quick: true }).restS).toBeLessThan(60);
  });
});

describe('the hurried clock', () => {
  it('lets long timers run out when told, once, and those that were cancelled never', () => {
    const clock = createHurriedClock();
    const rang: string[] = [];
    clock.after(3_000_000, () => rang.push('first'));
    clock.after(3_000_000, () => rang.push('cancelled'))();
    const last = clock.after(3_000_000, () => rang.push('last'));

    const long = clock.long();
    long[0]?.();

    expect(long).toHaveLength(2);
    expect(rang).toEqual(['first']);
    expect(clock.long()).toHaveLength(1);
    last();
  });

  it('names the next due first, so that a refresh comes before the end it prevents', () => {
    const clock = createHurriedClock();
    const rang: string[] = [];
    const cancels = [
      clock.after(3_600_000, () => rang.push('end')),
      clock.after(3_000_000, () => rang.push('refresh')),
    ];

    clock.long()[0]?.();

    expect(rang).toEqual(['refresh']);
    for (const cancel of cancels) cancel();
  });
});

describe('work in turn', () => {
  it('is done once for every item, never more than so many at a time', async () => {
    let running = 0;
    let most = 0;
    const done: number[] = [];

    await inTurn(range(10, 5), 3, async (item) => {
      running += 1;
      most = Math.max(most, running);
      await Promise.resolve();
      running -= 1;
      done.push(item);
    });

    expect(done.toSorted((one, other) => one - other)).toEqual(range(10, 5));
    expect(most).toBe(3);
  });
});

describe('what the system knows of a process', () => {
  it('is its CPU with all threads, and its memory', async () => {
    const { user, system } = process.cpuUsage();

    const cpuMs = await cpuMsOf(process.pid);

    expect(cpuMs).toBeGreaterThan((user + system) / 1_000 - 100);
    await expect(residentBytesOf(process.pid)).resolves.toBeGreaterThan(1_000_000);
  });
});

import { Timers } from 'sip.js/lib/core/index.js';
import {
  correctTimers,
  makesTransaction,
  timersOf,
} from '../../../../../media-node/src/adapters/sipjs/sip-timers.ts';

const transport = (timers: Parameters<typeof timersOf>[0]) => ({
  ...{ protocol: 'UDP', timers: timersOf(timers) },
  send: () => Promise.resolve(),
});

describe('SES-7: the timers of a transaction are those of its trunk', () => {
  beforeAll(() => {
    correctTimers();
  });

  it.each([
    ['RFC 3261 §17, table 4', undefined, [500, 4_000, 5_000]],
    ['3GPP TS 24.229 §7.7', { t1Ms: 2_000, t2Ms: 16_000, t4Ms: 17_000 }, [2_000, 16_000, 17_000]],
  ])('%s', (_what, timers, [t1 = 0, t2, t4]) => {
    makesTransaction(transport(timers));

    const { TIMER_B, TIMER_D, TIMER_F, TIMER_H, TIMER_I, TIMER_J, TIMER_K } = Timers;

    expect([Timers.T1, Timers.T2]).toEqual([t1, t2]);
    expect([TIMER_I, TIMER_K]).toEqual([t4, t4]);
    expect(new Set([TIMER_B, TIMER_D, TIMER_F, TIMER_H, TIMER_J])).toEqual(new Set([64 * t1]));
  });
});

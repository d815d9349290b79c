import { type Churned, churn, type Scene } from '../../perf/churn/churn.ts';
import { newIceName, offerOf, whereaboutsIn } from '../../perf/churn/descriptions.ts';
import { churnOptionsFrom } from '../../perf/churn/plan.ts';
import {
  CHURN_LIMITS,
  GROWTH,
  growthRows,
  HELD,
  LEFT,
  moreRows,
  PORTS,
  portsRow,
  SET_UPS,
  talkRow,
} from '../../perf/churn/rows.ts';
import type { PlaneCount } from '../../perf/churn/subject.ts';
import type { Heard } from '../../perf/churn/talkers.ts';
import { memoryAndThreadsIn } from '../../perf/os-usage.ts';
import { barsOf } from '../../perf/report.ts';

const ANSWER = [
  'a=ice-ufrag:node',
  'a=ice-pwd:secret/of+the+node',
  'a=fingerprint:sha-256 AB:CD',
  'a=candidate:1 1 UDP 2130706431 127.0.0.1 40001 typ host',
].join('\r\n');
const IMS_OFFER = 'v=0\r\nm=audio 24002 RTP/AVP 8 101\r\n';

const heard = (more: Partial<Heard> = {}): Heard => ({
  ...{ sentByBrowser: 100, heardByIms: 99, sentByIms: 100, heardByBrowser: 98, misdirected: 0 },
  ...more,
});
const talked = (more: Partial<Churned> = {}): Churned => ({
  ...{ setUpMs: [20, 30], heard: [heard()], failures: [] },
  ...more,
});

const count = (more: { sockets?: number; worker?: number; heap?: number } = {}): PlaneCount => ({
  ...{ live: 0, lost: 0 },
  mediaProcess: {
    ...{ threads: 11, openFiles: 30, sockets: 4, anonymousBytes: 0 },
    heapBytes: more.heap ?? 8_192,
  },
  worker: {
    ...{ threads: 12, openFiles: 25, sockets: more.sockets ?? 3 },
    anonymousBytes: more.worker ?? 20_480,
  },
});

const missed = (rows: Parameters<typeof barsOf>[0], name: string) =>
  barsOf(rows, CHURN_LIMITS)
    .filter((it) => !it.pass && it.name.startsWith(name))
    .map((it) => it.value);

describe('the plan of a soak of the media plane', () => {
  it('is 200 calls held and 20 set-ups a second for 15 minutes unless told otherwise', () => {
    expect(churnOptionsFrom([]).plan).toMatchObject({ held: 200, setUpsPerS: 20, churnS: 900 });
    const flags = ['--minutes', '2', '--held', '10', '--per-second', '5'];
    expect(churnOptionsFrom(flags).plan).toMatchObject({ held: 10, setUpsPerS: 5, churnS: 120 });
  });

  it.each([
    [['--minutes', '0'], /not a number/],
    [['--hours'], /--hours/],
  ])('refuses %j', (flags, words) => {
    expect(() => churnOptionsFrom(flags)).toThrow(words);
  });
});

describe('the descriptions of a soak of the media plane', () => {
  it('name a browser by as much chance as ICE asks for', () => {
    const name = newIceName();

    expect([name.fragment.length, name.password.length]).toEqual([8, 24]);
    expect(offerOf(name, 'AB:CD')).toContain(`a=ice-ufrag:${name.fragment}\r\n`);
  });

  it('say where the plane awaits both sides', () => {
    expect(whereaboutsIn(ANSWER, IMS_OFFER)).toEqual({
      ...{ fragment: 'node', password: 'secret/of+the+node', fingerprint: 'AB:CD' },
      ...{ accessPort: 40_001, imsPort: 24_002 },
    });
    expect(() => whereaboutsIn('a=ice-ufrag:node', IMS_OFFER)).toThrow(/ice-pwd/);
  });
});

describe('the calls that come and go', () => {
  const scene = (more: Partial<Scene['talkers']> = {}) => {
    const closed: number[] = [];
    const it: Scene = {
      subject: {
        open: () => Promise.resolve({ accessAnswer: ANSWER, imsOffer: IMS_OFFER }),
        close(call) {
          closed.push(call);
          return Promise.resolve();
        },
      },
      talkers: {
        ...{ fingerprint: 'AB:CD', imsPort: 5_000 },
        connect: () => Promise.resolve(),
        end: () => Promise.resolve(heard()),
        ...more,
      },
    };
    return { scene: it, closed };
  };
  const plan = { firstCall: 7, calls: 3, perS: 10_000, lifeMs: 0 };

  it('are numbered on, timed, and closed at the plane', async () => {
    const { scene: it, closed } = scene();

    const churned = await churn(it, plan);

    expect(churned.setUpMs).toHaveLength(3);
    expect(churned.heard).toHaveLength(3);
    expect(closed.toSorted()).toEqual([7, 8, 9]);
  });

  it('are closed as well where the browser never came through', async () => {
    const { scene: it, closed } = scene({
      connect: (call) => (call === 8 ? Promise.reject(new Error('never')) : Promise.resolve()),
    });

    const churned = await churn(it, plan);

    expect(churned.failures).toEqual(['never']);
    expect(closed).toHaveLength(3);
  });
});

describe('what a soak of the media plane finds', () => {
  it('is a call in which one side missed most of what the other said', () => {
    const silent = heard({ heardByBrowser: 40 });

    expect(talkRow(SET_UPS, talked())).toMatchObject({ calls: 1, silent: 0, lostPercent: 1.5 });
    expect(missed([talkRow(SET_UPS, talked({ heard: [silent] }))], SET_UPS)).toContain(1);
    expect(missed([talkRow(HELD, talked({ heard: [heard({ misdirected: 2 })] }))], HELD)).toContain(
      2,
    );
  });

  it('counts a call that failed once', () => {
    const never = heard({ sentByBrowser: 0, heardByIms: 0, sentByIms: 0, heardByBrowser: 0 });

    expect(
      talkRow(SET_UPS, talked({ heard: [heard(), never], failures: ['never'] })),
    ).toMatchObject({ failed: 1, silent: 0 });
  });

  it('is memory that grew by more than it breathes', () => {
    const grown = growthRows(count(), count({ worker: 20_480 + 3 * 2 ** 20 }), 1_000);
    const breathing = growthRows(count(), count({ heap: 8_192 + 2 ** 20 }), 1_000);

    expect(missed(grown, GROWTH)).toEqual([3_072]);
    expect(missed(breathing, GROWTH)).toEqual([]);
    expect(grown).toContainEqual(
      expect.objectContaining({ subject: 'memory of the worker', bytesPerCall: 3_146 }),
    );
  });

  it('is a socket that stayed, and a pair of ports that did not come back', () => {
    expect(missed(moreRows(LEFT, count(), count({ sockets: 5 })), LEFT)).toEqual([2]);
    expect(missed([portsRow(400, 399)], PORTS)).toEqual([1]);
    expect(missed([portsRow(400, 400)], PORTS)).toEqual([]);
  });

  it('is read where the system keeps it', () => {
    expect(memoryAndThreadsIn('VmRSS:\t 900 kB\nRssAnon:\t  20 kB\nThreads:\t7\n')).toEqual({
      ...{ threads: 7, anonymousBytes: 20_480 },
    });
  });
});

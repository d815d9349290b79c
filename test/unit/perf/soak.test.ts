import { barsOf } from '../../perf/report.ts';
import {
  type Census,
  leastOf,
  leftRow,
  leftRows,
  MEMORY,
  memoryRow,
} from '../../perf/soak/census.ts';
import { Chance } from '../../perf/soak/chance.ts';
import { SOAK_LIMITS } from '../../perf/soak/limits.ts';
import { soakOptionsFrom } from '../../perf/soak/plan.ts';
import { checkRecords, contentOf } from '../../perf/soak/records.ts';
import { causeOf, drawScript, OUTCOMES } from '../../perf/soak/script.ts';

const TALK = { talkMs: { from: 3_000, to: 15_000 } };

describe('the calls of a soak', () => {
  const drawn = (seed: number, calls = 2_000) => {
    const chance = new Chance(seed);
    return Array.from({ length: calls }, () => drawScript(chance, TALK));
  };

  it('are the same calls with the same seed, and others with another', () => {
    expect(drawn(7, 20)).toEqual(drawn(7, 20));
    expect(drawn(7, 20)).not.toEqual(drawn(8, 20));
  });

  it('come to every outcome in both directions, and are as long as they may be', () => {
    const scripts = drawn(1);
    const seen = new Set(scripts.map(({ direction, outcome }) => `${direction} ${outcome}`));
    const lengths = scripts.map(({ talkMs }) => talkMs);

    const all = Object.entries(OUTCOMES).flatMap(([direction, outcomes]) =>
      outcomes.map((outcome) => `${direction} ${outcome}`),
    );
    expect([...seen].sort()).toEqual(all.sort());
    expect(Math.min(...lengths)).toBeGreaterThanOrEqual(TALK.talkMs.from);
    expect(Math.max(...lengths)).toBeLessThanOrEqual(TALK.talkMs.to);
  });

  it('have the cause that whoever ended them makes', () => {
    const [script] = drawn(1, 1);
    if (!script) throw new Error('nothing drawn');
    const cause = (more: Partial<typeof script>) => causeOf({ ...script, ...more });

    expect(cause({ outcome: 'talk', ending: 'near' })).toBe('hung-up');
    expect(cause({ outcome: 'talk', ending: 'far' })).toBe('remote-hung-up');
    expect(cause({ outcome: 'talk', ending: 'handed on' })).toBe('transferred');
    expect(cause({ outcome: 'busy' })).toBe('busy');
  });
});

describe('the plan of a soak', () => {
  it('is 200 calls a minute for 20 minutes unless told otherwise', () => {
    expect(soakOptionsFrom([]).plan).toMatchObject({ calls: 4_000, perMinute: 200 });
    const flags = ['--minutes', '5', '--per-minute', '60', '--seed', '9'];
    expect(soakOptionsFrom(flags).plan).toMatchObject({ calls: 300, seed: 9 });
  });

  it.each([
    [['--minutes', '0'], /not a number/],
    [['--pairs', 'many'], /not a number/],
    [['--hours'], /--hours/],
  ])('refuses %j', (flags, words) => {
    expect(() => soakOptionsFrom(flags)).toThrow(words);
  });
});

describe('what a soak finds', () => {
  const census = (more: Partial<Census>): Census => ({
    ...{ objects: {}, resources: {}, openFiles: 10, heapBytes: 1_000, residentBytes: 5_000 },
    ...more,
  });

  it('is a leak where something is left of one kind', () => {
    const rows = leftRows('node', {
      before: census({ objects: { dialogs: 3 } }),
      after: census({ objects: { dialogs: 4 }, resources: { Timeout: 0 } }),
    });
    const failed = barsOf(rows, SOAK_LIMITS).filter(
      ({ pass, name }) => !pass && name.startsWith('left'),
    );

    expect(rows).toContainEqual(leftRow('node: dialogs', 3, 4));
    expect(failed).toMatchObject([{ value: 1, limit: 0 }]);
  });

  it('is no leak what is there at one look and gone at another', () => {
    const looks = [
      census({ objects: { dialogs: 1 }, resources: { TCPSocketWrap: 4 }, openFiles: 12 }),
      census({ objects: { dialogs: 1 }, resources: { Timeout: 2 } }),
    ];

    expect(leastOf(looks)).toEqual(
      census({ objects: { dialogs: 1 }, resources: { TCPSocketWrap: 0, Timeout: 0 } }),
    );
  });

  it('tells memory a call', () => {
    const how = { before: census({}), after: census({ heapBytes: 9_000 }), calls: 4 };

    expect(memoryRow({ case: MEMORY, subject: 'node' }, how)).toMatchObject({
      ...{ heapBytesPerCall: 2_000, residentBytesPerCall: 0 },
    });
  });

  it('is every record that is missing, twice there, or of another cause', () => {
    const content = contentOf([
      { pk: 'a', attemptId: '1', callId: 'one', cause: 'busy' },
      { pk: 'b', attemptId: '2', callId: 'twice', cause: 'busy' },
      { pk: 'c', attemptId: '3', callId: 'twice', cause: 'busy' },
      { pk: 'd', attemptId: '4', callId: 'live' },
      { pk: 'TENANT#t#USAGE#2026-11', sk: 'SHARD#00' },
      { pk: 'e', ttl: 5 },
      { pk: 'f' },
    ]);
    const played = (callId: string) => ({ callId, cause: 'declined' as const, words: 'a call' });

    expect(content).toMatchObject({ lasting: 1, passing: 1, openAttempts: 1 });
    expect(checkRecords(['one', 'twice', 'none'].map(played), content)).toEqual({
      ...{ missing: 1, repeated: 1 },
      wrong: Array.from({ length: 2 }, () => 'busy where declined was due: a call'),
    });
  });
});

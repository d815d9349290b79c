import { isInSet } from '@isthmus/shared/domain/wildcard-impu';
import { identitiesFor } from '../../../../functions/src/policy/impu-allocation.ts';

const D = 'ims.example';
const own = `sip:pbx@${D}`;
const first = (count: number, entries: readonly string[], userName = 'anna'): string[] => {
  const found: string[] = [];
  for (const identity of identitiesFor({ entries, own }, userName)) {
    if (found.length === count) break;
    found.push(identity);
  }
  return found;
};

describe('REG-1: identities offered to a user', () => {
  it('are those named in the set, the own identity of the trunk last', () => {
    const offered = first(9, [own, `sip:a@${D}`, `sip:b@${D}`]);

    expect(offered).toHaveLength(3);
    expect(offered.at(-1)).toBe(own);
    expect(new Set(offered)).toEqual(new Set([own, `sip:a@${D}`, `sip:b@${D}`]));
  });

  it('are the own identity alone when the set has no other', () => {
    expect(first(9, [own])).toEqual([own]);
  });

  it('are none when the set is empty', () => {
    expect(first(9, [])).toEqual([]);
  });

  it('begin at different places for different users, and at the same for the same', () => {
    const entries = Array.from({ length: 40 }, (_, at) => `sip:line${String(at)}@${D}`);
    const users = Array.from({ length: 40 }, (_, at) => `user${String(at)}`);

    const starts = users.map((user) => first(1, entries, user)[0]);

    expect(new Set(starts).size).toBeGreaterThan(15);
    expect(users.map((user) => first(1, entries, user)[0])).toEqual(starts);
    for (const user of users) expect(new Set(first(99, entries, user))).toEqual(new Set(entries));
  });

  it('leave out tel URIs, which are other names of SIP ones', () => {
    expect(first(9, ['tel:+4930123', `sip:a@${D}`])).toEqual([`sip:a@${D}`]);
  });

  it('covered by a wildcard carry the name of the user, then numbers', () => {
    const offered = first(42, [own, `sip:web!.*!@${D}`], 'Anna Lee@shop.example');

    expect(offered.slice(0, 3)).toEqual([
      `sip:webanna-lee@${D}`,
      `sip:webanna-lee2@${D}`,
      `sip:webanna-lee-2@${D}`,
    ]);
    expect(offered.at(-1)).toMatch(/^sip:web\d@ims\.example$/);
  });

  it('covered by a wildcard come after those named and before the own', () => {
    const offered = first(2, [own, `sip:web!.*!@${D}`, `sip:a@${D}`]);

    expect(offered).toEqual([`sip:a@${D}`, `sip:webanna@${D}`]);
  });

  it('always match the expression of the wildcard', () => {
    const inside = first(50, [`sip:!\\+4930555[0-9]{2}!@${D}`]);
    const outside = first(50, [`sip:+4930555![0-9]{2}!@${D}`]);

    for (const numbers of [inside, outside]) {
      expect(new Set(numbers).size).toBe(50);
      for (const number of numbers) expect(number).toMatch(/^sip:\+4930555\d\d@ims\.example$/);
    }
  });

  it('covered by a small wildcard are all offered, once each, before the own', () => {
    const offered = first(999, [own, `sip:desk![1-9][0-9]!@${D}`]);

    expect(offered).toHaveLength(91);
    expect(new Set(offered).size).toBe(91);
    expect(offered.at(-1)).toBe(own);
  });

  it.each(['sip:web!(!@d', 'sip:web!!@d', 'sip:web!a', `sip:web!${'a'.repeat(65)}!@d`])(
    'are none for %j, which is no wildcard that could be read',
    (entry) => {
      expect(first(9, [entry])).toEqual([]);
    },
  );

  it('exist for a user name without one usable letter', () => {
    expect(first(1, [`sip:web!.*!@${D}`], '山田')[0]).toMatch(/^sip:web\d@ims\.example$/);
  });
});

describe('REG-7: an identity is in the set', () => {
  const entries = [own, `sip:a@${D}`, `sip:web!.*!@${D}`];

  it.each([
    [`sip:a@${D}`, true],
    [own, true],
    [`sip:webanna@${D}`, true],
    [`sip:b@${D}`, false],
    ['sip:webanna@evil.example', false],
    [`sip:xwebanna@${D}`, false],
    ['sip:web@ims', false],
  ])('%s: %s', (identity, expected) => {
    expect(isInSet(entries, identity)).toBe(expected);
  });

  it('does not let before and after of a wildcard overlap', () => {
    expect(isInSet(['sip:aa!.*!aa@d'], 'sip:aaa@d')).toBe(false);
  });
});

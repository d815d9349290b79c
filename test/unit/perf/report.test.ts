import { optionsFrom } from '../../perf/plan.ts';
import { barsOf, type Limit } from '../../perf/report.ts';
import { table, textOf } from '../../perf/table.ts';

const atMost: Limit = { case: 'ringing', figure: 'p95Ms', limit: 300, sense: 'max' };
const atLeast: Limit = { case: 'audio', figure: 'arrivedShare', limit: 0.99, sense: 'min' };
const ringing = (p95Ms: number) => ({ case: 'ringing', subject: 'Chromium', p95Ms });

describe('a bar of a benchmark', () => {
  it.each([
    [300, true],
    [301, false],
    [Number.NaN, false],
  ])('of at most 300 is met by %p: %p', (value, pass) => {
    expect(barsOf([ringing(value)], [atMost])[0]).toMatchObject({ value, pass });
  });

  it.each([
    [0.99, true],
    [0.98, false],
  ])('of at least 0.99 is met by %p: %p', (arrivedShare, pass) => {
    const rows = [{ case: 'audio', subject: 'media node', arrivedShare }];

    expect(barsOf(rows, [atLeast])[0]).toMatchObject({ sense: 'min', pass });
  });

  it('is missed where nothing was measured', () => {
    expect(barsOf([], [atMost])).toMatchObject([{ value: Number.NaN, pass: false }]);
  });
});

describe('the table of a benchmark', () => {
  it('aligns words to the left and numbers to the right', () => {
    expect(
      table([
        ['name', 'value'],
        ['a', 7],
        ['longer', 12],
      ]),
    ).toBe(['name    value', 'a           7', 'longer     12', ''].join('\n'));
  });

  it('tells figures with their units and bars with their outcome', () => {
    const rows = [ringing(301)];
    const bars = barsOf(rows, [atMost]);

    const text = textOf({ bench: 'call', machine: 'a machine', quick: true, rows, bars });

    expect(text).toContain('quick call benchmark on a machine');
    expect(text).toContain('p95Ms 301');
    expect(text).toMatch(/ringing \(Chromium\): p95Ms +301 +max 300 +MISSED/);
  });
});

describe('the command line of a benchmark', () => {
  it('takes its three flags and no other', () => {
    expect(optionsFrom(['--quick', '--json'])).toEqual({ quick: true, json: true, strict: false });
    expect(() => optionsFrom(['--quik'])).toThrow('--quik');
  });
});

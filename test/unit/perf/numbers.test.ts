import { median, percentile, spreadOf } from '../../perf/numbers.ts';

describe('the figures of a benchmark', () => {
  const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);

  it.each([
    [0.5, 50],
    [0.95, 95],
    [1, 100],
    [0, 1],
  ])('share %p of a hundred values is a value that was measured', (share, expected) => {
    expect(percentile(hundred, share)).toBe(expected);
  });

  it('leave the values in their order', () => {
    const values = [3, 1, 2];

    expect(median(values)).toBe(2);
    expect(values).toEqual([3, 1, 2]);
  });

  it('say what was not measured', () => {
    expect(spreadOf([])).toEqual({ samples: 0, p50Ms: Number.NaN, p95Ms: Number.NaN });
  });

  it('are rounded to a tenth', () => {
    expect(spreadOf([1.26])).toEqual({ samples: 1, p50Ms: 1.3, p95Ms: 1.3 });
  });
});

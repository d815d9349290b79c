import { curveOf, peakPerS } from '../../perf/storm/arrivals.ts';

describe('what the storm benchmark makes of arrivals', () => {
  it('the peak is the fullest second, wherever it begins', () => {
    expect(peakPerS([0, 900, 1_000, 1_100, 1_899, 1_900, 5_000])).toBe(4);
    expect(peakPerS([])).toBe(0);
  });

  it('the curve counts each second from the start, empty ones too', () => {
    expect(curveOf([100, 150, 1_100, 3_050, 20], 50)).toEqual([2, 1, 0, 1]);
    expect(curveOf([], 0)).toEqual([]);
  });
});

import { backOffMs } from '../../../../client/src/core/back-off.ts';

describe('SES-8: the wait before another attempt', () => {
  it.each([
    [0, 0, 250],
    [0, 1, 500],
    [3, 1, 4_000],
    [3, 0.5, 3_000],
    [40, 1, 20_000],
  ])('after %d failures, by chance %d, is %d ms', (attempt, fraction, expectedMs) => {
    expect(backOffMs(attempt, fraction)).toBe(expectedMs);
  });
});

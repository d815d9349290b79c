import { backoffMs } from '../../media-node/src/core/registration/backoff.ts';

const MAX_MS = 1_800_000;

describe('REG-8: RFC 5626 §4.5 – how long to wait after so many failures', () => {
  it('the example of the RFC: three failures with a base of 30 s are 240 s at most', () => {
    expect(backoffMs({ count: 3, isBound: false }, 1)).toBe(240_000);
  });

  it.each([
    ['all flows have failed', false, 30_000],
    ['one still holds', true, 90_000],
  ])('doubles the base where %s, up to 1800 s', (_what, isBound, baseMs) => {
    for (let count = 1; count <= 60; count++) {
      expect(backoffMs({ count, isBound }, 1)).toBe(Math.min(MAX_MS, baseMs * 2 ** count));
    }
  });

  it.each([0, 0.25, 0.5, 0.75, 1])('a chance of %d lies between half and all of it', (chance) => {
    for (const count of [1, 2, 5, 20]) {
      const upper = backoffMs({ count, isBound: false }, 1);
      const delay = backoffMs({ count, isBound: false }, chance);
      expect(delay).toBe(Math.round(upper * (0.5 + chance / 2)));
      expect(delay).toBeGreaterThanOrEqual(upper / 2);
    }
  });
});

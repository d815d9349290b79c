import { createFate, type Impairment, seeded } from '../../support/impairment.ts';

const fatesOf = (impairment: Impairment, seed: number) => {
  const fate = createFate(impairment, seeded(seed));
  return Array.from({ length: 20_000 }, fate);
};
const lostIn = (fates: readonly (number | 'lost')[]) => fates.filter((it) => it === 'lost').length;

describe('the network of the tests', () => {
  it('does the same for the same seed, and something else for another', () => {
    const bad = { lossShare: 0.03, delayMs: 40, jitterMs: 20, reorderShare: 0.01 };

    expect(fatesOf(bad, 1)).toEqual(fatesOf(bad, 1));
    expect(fatesOf(bad, 2)).not.toEqual(fatesOf(bad, 1));
  });

  it('loses about as many as it should, and in bursts', () => {
    expect(lostIn(fatesOf({ lossShare: 0.03 }, 3)) / 20_000).toBeCloseTo(0.03, 2);

    const fates = fatesOf({ bursts: { share: 0.001, packets: 5 } }, 3);
    const runs =
      fates
        .map(String)
        .join(' ')
        .match(/(?:lost ?)+/g) ?? [];
    expect(runs.length).toBeGreaterThan(5);
    expect(runs.every((run) => run.trim().split(' ').length >= 5)).toBe(true);
  });

  it('delays within its jitter, and never into the past', () => {
    const delays = fatesOf({ delayMs: 40, jitterMs: 20 }, 4).map(Number);

    expect(Math.min(...delays)).toBeGreaterThanOrEqual(20);
    expect(Math.max(...delays)).toBeLessThanOrEqual(60);
    expect(Math.min(...fatesOf({ jitterMs: 20 }, 4).map(Number))).toBe(0);
  });
});

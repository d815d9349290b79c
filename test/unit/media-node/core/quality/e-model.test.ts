import { impairmentOf } from '../../../../../media-node/src/core/quality/codec-impairments.ts';
import {
  type CodecImpairment,
  mosOf,
  ratingOf,
} from '../../../../../media-node/src/core/quality/e-model.ts';

const STILL = { lossRatio: 0, oneWayDelayMs: 0 };
const known = (codec: string): CodecImpairment => {
  const found = impairmentOf(codec);
  if (!found) throw new Error(`${codec} is not known`);
  return found;
};

describe('MED-13: the E-model of ITU-T G.107', () => {
  it('rates a default connection 93.2, a score of 4.41', () => {
    expect(ratingOf(known('PCMA'), STILL)).toBeCloseTo(93.2, 10);
    expect(mosOf(93.2, 'narrowband')).toBeCloseTo(4.41, 2);
  });

  // G.107 Annex B, table B.1: the limits of the categories of user satisfaction.
  it.each([
    [90, 4.34],
    [80, 4.03],
    [70, 3.6],
    [60, 3.1],
    [50, 2.58],
  ])('turns R %d into the score %d', (rating, mos) => {
    // The table rounds as it likes.
    expect(Math.abs(mosOf(rating, 'narrowband') - mos)).toBeLessThan(0.01);
  });

  it('stays between 1 and 4.5', () => {
    expect([-10, 0, 3].map((rating) => mosOf(rating, 'narrowband'))).toEqual([1, 1, 1]);
    expect(mosOf(120, 'narrowband')).toBe(4.5);
  });

  it('counts loss against G.711 by its robustness of 25.1 (G.113 Appendix I)', () => {
    // Ie,eff = 95 × 5 / (5 + 25.1).
    const rating = ratingOf(known('PCMU'), { ...STILL, lossRatio: 0.05 });

    expect(93.2 - rating).toBeCloseTo(15.78, 2);
  });

  it('feels no delay of 100 ms, and loses 24 points at 400 ms', () => {
    const at = (oneWayDelayMs: number) => ratingOf(known('PCMA'), { ...STILL, oneWayDelayMs });

    expect(at(100)).toBeCloseTo(93.2, 10);
    // Two octaves: 25 × (65^(1/6) − 3 × (1 + (2/3)^6)^(1/6) + 2).
    expect(93.2 - at(400)).toBeCloseTo(24.06, 1);
    expect(at(150)).toBeLessThan(at(120));
  });
});

describe('MED-13: the wideband E-model of ITU-T G.107.1', () => {
  // R = 129 − Ie,WB by the table of G.113 Appendix IV; the score of R / 1.29.
  it.each([
    [0, 4.5],
    [1, 4.494],
    [8, 4.4206],
    [13, 4.3371],
    [41, 3.5123],
    [56, 2.922],
  ])('scores an impairment of %d with %d', (equipment, mos) => {
    const codec: CodecImpairment = { band: 'wideband', equipment, lossRobustness: 4.3 };

    expect(mosOf(ratingOf(codec, STILL), 'wideband')).toBeCloseTo(mos, 3);
  });

  it('scores AMR-WB of 12.65 kbit/s under 2 % of loss as its published factors say', () => {
    const rating = ratingOf(known('AMR-WB'), { ...STILL, lossRatio: 0.02 });

    expect(129 - rating).toBeCloseTo(43.81, 2);
    expect(mosOf(rating, 'wideband')).toBeCloseTo(3.406, 2);
  });

  it.each(['G722', 'AMR-WB', 'opus', 'PCMA', 'AMR', 'EVS'])(
    'and the other rate %s good without loss and worse with each loss more',
    (name) => {
      const codec = known(name);
      const scores = [0, 0.01, 0.03, 0.1, 0.3].map((lossRatio) =>
        mosOf(ratingOf(codec, { lossRatio, oneWayDelayMs: 50 }), codec.band),
      );

      expect(scores[0]).toBeGreaterThan(4);
      expect(scores).toEqual(scores.toSorted((a, b) => b - a));
      expect(new Set(scores).size).toBe(scores.length);
    },
  );

  it('rate no codec that nothing is known of', () => {
    expect(impairmentOf('iLBC')).toBeUndefined();
  });
});

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

describe('MED-13: the modes of AMR and AMR-WB', () => {
  const only = (mode: number): readonly number[] => [...Array<number>(mode).fill(0), 50];
  const costs = (codec: string, modes: number) =>
    Array.from({ length: modes }, (_, mode) => {
      const cost = impairmentOf(codec, only(mode));
      return cost && [cost.equipment, cost.lossRobustness];
    });

  // 14.25, 18.25 and 19.85 kbit/s are not published: no better than the next below them.
  it('of AMR-WB cost what G.113 Appendix IV says of them (tables IV.3 and IV.4)', () => {
    expect(costs('AMR-WB', 9)).toEqual([
      ...[
        [56, 4.3],
        [41, 4.3],
        [20, 4.3],
        [20, 4.3],
      ],
      ...[
        [17, 4.3],
        [17, 4.3],
        [17, 4.3],
        [8, 4.6],
        [10, 4.9],
      ],
    ]);
  });

  it('of AMR cost what the codecs do that they are, and below 7.4 kbit/s nothing is known', () => {
    expect(costs('AMR', 8)).toEqual([
      ...[undefined, undefined, undefined, undefined],
      ...[
        [10, 10],
        [10, 10],
        [10, 10],
        [5, 10],
      ],
    ]);
  });

  it('are rated as often as they were spoken', () => {
    // Three of 6.6 kbit/s to one of 23.05.
    const mixed = impairmentOf('AMR-WB', [30, 0, 0, 0, 0, 0, 0, 10]);

    expect(mixed).toMatchObject({ band: 'wideband', equipment: (3 * 56 + 8) / 4 });
    expect(mixed?.lossRobustness).toBeCloseTo((3 * 4.3 + 4.6) / 4, 10);
    expect(impairmentOf('AMR', [1, 0, 0, 0, 0, 0, 0, 99])).toBeUndefined();
  });

  it('before anybody has spoken are those that phones begin with', () => {
    expect(impairmentOf('AMR-WB')).toEqual(impairmentOf('AMR-WB', only(2)));
    expect(impairmentOf('AMR', [0, 0])).toEqual(impairmentOf('AMR', only(7)));
  });
});

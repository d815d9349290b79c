import { qualityBetween } from '../../../../client/src/core/quality.ts';

const at = (packetsReceived: number, packetsLost: number) => ({
  packetsReceived,
  packetsLost,
  jitterMs: 2,
  roundTripMs: 30,
});

describe('MED-13: quality in words', () => {
  it.each([
    ['a good line', { lost: 0, roundTripMs: 30 }, 'Good'],
    ['a satellite', { lost: 0, roundTripMs: 560 }, 'Fair'],
    ['one packet in twenty lost', { lost: 5, roundTripMs: 30 }, 'Fair'],
    ['every fifth packet lost', { lost: 25, roundTripMs: 30 }, 'Poor'],
    ['both', { lost: 10, roundTripMs: 900 }, 'Poor'],
  ])('calls %s what it sounds like', (_what, { lost, roundTripMs }, words) => {
    const after = { ...at(100, lost), roundTripMs };

    expect(qualityBetween(at(0, 0), after).words).toBe(words);
  });

  it('rates a perfect line as G.711 is rated', () => {
    const { mos } = qualityBetween(at(0, 0), { ...at(50, 0), jitterMs: 0, roundTripMs: 0 });

    expect(mos).toBeCloseTo(4.39, 1);
  });

  it('looks at the last interval only, and takes a recount for no loss', () => {
    expect(qualityBetween(at(100, 50), at(150, 49)).lossRatio).toBe(0);
    expect(qualityBetween(at(100, 50), at(100, 50)).lossRatio).toBe(0);
  });
});

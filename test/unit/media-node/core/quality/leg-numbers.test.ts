import { NO_TRAFFIC } from '../../../../../media-node/src/core/media/no-traffic.ts';
import { numbersOfMedia } from '../../../../../media-node/src/core/quality/leg-numbers.ts';
import type { VoiceLegStats } from '../../../../../media-node/src/ports/media-plane.ts';

const leg = (more: Partial<VoiceLegStats> = {}): VoiceLegStats => ({
  ...NO_TRAFFIC,
  ...{ packetsReceived: 900, octetsReceived: 154_800, packetsSent: 1000, octetsSent: 172_000 },
  ...more,
});
const numbersOf = (
  ims: VoiceLegStats,
  codec: string | undefined = 'PCMA',
  since: 'begin' | 'last-report' = 'begin',
) => numbersOfMedia({ access: NO_TRAFFIC, ims }, { ims: codec }, since);

describe('MED-13: the numbers of a leg', () => {
  it('are quiet about what is not known: no traffic, no report, no codec', () => {
    const { access } = numbersOf(leg());

    expect(access).toEqual({
      packetsReceived: 0,
      octetsReceived: 0,
      packetsLost: 0,
      packetsSent: 0,
      octetsSent: 0,
    });
  });

  it('score each direction by itself', () => {
    const far = { packetsLost: 100, recentLoss: 0, jitterMs: 1 };
    const { ims } = numbersOf(leg({ packetsLost: 0, roundTripMs: 20.04, far }));

    expect(ims).toMatchObject({ codec: 'PCMA', roundTripMs: 20, mos: 4.41 });
    // A tenth lost: Ie,eff 27.1.
    expect(ims.far?.mos).toBeCloseTo(3.4, 1);
  });

  it('score a record by all that was lost, and a live call by what was lost of late', () => {
    const stats = leg({ packetsLost: 100, recentLoss: 0 });

    expect(numbersOf(stats, 'PCMA', 'begin').ims.mos).toBeLessThan(3.6);
    expect(numbersOf(stats, 'PCMA', 'last-report').ims.mos).toBe(4.41);
  });

  it('count jitter and round trip as delay', () => {
    const near = numbersOf(leg({ roundTripMs: 10 })).ims.mos ?? 0;
    const far = numbersOf(leg({ roundTripMs: 500 })).ims.mos ?? 0;
    const uneven = numbersOf(leg({ roundTripMs: 10, jitterMs: 100 })).ims.mos ?? 0;

    expect(far).toBeLessThan(near);
    expect(uneven).toBeLessThan(near);
  });

  it('give no score where the codec has none', () => {
    expect(numbersOf(leg(), 'iLBC').ims).not.toHaveProperty('mos');
    expect(numbersOf(leg(), 'iLBC').ims).toHaveProperty('jitterMs');
  });
});

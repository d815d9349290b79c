import { NO_PICTURES, NO_TRAFFIC } from '../../../../../media-node/src/core/media/no-traffic.ts';
import { mosOf } from '../../../../../media-node/src/core/quality/e-model.ts';
import {
  numbersOfMedia,
  numbersOfVideo,
} from '../../../../../media-node/src/core/quality/leg-numbers.ts';
import type { VoiceLegStats } from '../../../../../media-node/src/ports/media-stats.ts';
import { legNumbers } from '../../../../../shared/src/domain/call-numbers.ts';
import { MEASURED } from '../../../../support/voip-metrics.ts';

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

describe('MED-13: what a phone at the far end has measured', () => {
  const far = { packetsLost: 100, recentLoss: 0, jitterMs: 1 };

  it('is told beside what the node reckons, and does not touch it', () => {
    const { ims } = numbersOf(leg({ far: { ...far, metrics: MEASURED } }));

    expect(ims.far?.measured).toEqual({
      ...{ lossPercent: 12.5, discardPercent: 6.3, burstPercent: 50, burstMs: 300 },
      ...{ gapPercent: 0.4, gapMs: 5_000, jitterBufferMs: 60, roundTripMs: 80 },
      ...{ endSystemDelayMs: 110, rating: 82, mosListening: 4.1, mosConversational: 3.9 },
    });
    expect(legNumbers.parse(ims)).toEqual(ims);
    expect(ims.far?.mos).toBe(numbersOf(leg({ far })).ims.far?.mos);
  });

  it('is left out where it does not know, and where it said nothing', () => {
    const { lossRatio, discardRatio, burst, gap, jitterBuffer } = MEASURED;
    const metrics = { lossRatio, discardRatio, burst, gap, jitterBuffer };
    const { ims } = numbersOf(leg({ far: { ...far, metrics } }));

    expect(Object.keys(ims.far?.measured ?? {}).toSorted()).toEqual(
      ['burstMs', 'burstPercent', 'discardPercent', 'gapMs', 'gapPercent'].concat(
        ...['jitterBufferMs', 'lossPercent'],
      ),
    );
    expect(numbersOf(leg({ far })).ims.far).not.toHaveProperty('measured');
  });
});

describe('MED-13: the modes of a transcoded leg', () => {
  const far = { packetsLost: 0, recentLoss: 0, jitterMs: 1 };
  // Nine seconds of 23.05 kbit/s, and now one of 6.6; what we send is 12.65 all the time.
  const heardModes = { latest: 0, frames: [50, 0, 0, 0, 0, 0, 0, 450, 0] };
  const sentModes = { latest: 2, frames: [0, 0, 500, 0, 0, 0, 0, 0, 0] };
  const playout = { late: 0, concealed: 0, heardModes, sentModes };
  const spoken = leg({ far, playout });
  const scoreOf = (equipment: number) => Number(mosOf(129 - equipment, 'wideband').toFixed(2));

  it('are told and rated each way by itself', () => {
    const { ims } = numbersOf(spoken, 'AMR-WB', 'begin');

    expect(ims).toMatchObject({ kbitPerSHeard: 23.05, kbitPerSSent: 12.65 });
    expect(ims.mos).toBe(scoreOf((56 + 9 * 8) / 10));
    expect(ims.far?.mos).toBe(scoreOf(20));
    expect(ims.playout).toEqual({ late: 0, concealed: 0 });
  });

  it('are those of now to who looks now', () => {
    const { ims } = numbersOf(spoken, 'AMR-WB', 'last-report');

    expect(ims).toMatchObject({ kbitPerSHeard: 6.6, kbitPerSSent: 12.65 });
    expect(ims.mos).toBe(scoreOf(56));
  });

  it('give no score where none is published, and the rate all the same', () => {
    const lowest = { latest: 0, frames: [9, 0, 0, 0, 0, 0, 0, 0] };
    const { ims } = numbersOf(leg({ playout: { ...playout, heardModes: lowest } }), 'AMR');

    expect(ims).not.toHaveProperty('mos');
    expect(ims.kbitPerSHeard).toBe(4.75);
  });

  it('are not told of a codec that has none, nor before anybody has spoken', () => {
    const { ims } = numbersOf(leg({ playout: { late: 0, concealed: 0 } }), 'AMR-WB');

    expect(ims).not.toHaveProperty('kbitPerSHeard');
    expect(ims.mos).toBe(scoreOf(20));
  });
});

describe('MED-13: the numbers of video', () => {
  const far = { packetsLost: 5, recentLoss: 0.5, jitterMs: 12.345 };
  const access = {
    ...NO_PICTURES,
    ...{ packetsReceived: 100, octetsReceived: 120_000, packetsLost: 3, jitterMs: 7.77 },
    requestsSent: { nacks: 2, pictures: 1 },
  };
  const ims = { ...NO_PICTURES, packetsSent: 100, octetsSent: 60_000, roundTripMs: 30, far };
  const carried = { access, ims, codecs: { access: 'VP8', ims: 'H264' }, onMs: 4_000.4 };

  it('are those of a leg and a rate over the time it was on, and no score', () => {
    const video = numbersOfVideo(carried);

    expect(video.onMs).toBe(4_000);
    expect(video.access).toMatchObject({ codec: 'VP8', packetsLost: 3, jitterMs: 7.8 });
    expect(video.access).toMatchObject({ bitsPerSReceived: 239_976, bitsPerSSent: 0 });
    expect(video.access.requestsSent).toEqual({ nacks: 2, pictures: 1 });
    expect(video.ims).toMatchObject({ codec: 'H264', roundTripMs: 30, bitsPerSSent: 119_988 });
    expect(video.ims.far).toEqual({ packetsLost: 5, jitterMs: 12.3 });
    expect(video.access).not.toHaveProperty('mos');
  });

  it('have no rate where it was on for no time', () => {
    expect(numbersOfVideo({ ...carried, onMs: 0 }).access.bitsPerSReceived).toBe(0);
  });
});

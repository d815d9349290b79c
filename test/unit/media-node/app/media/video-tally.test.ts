import { VideoTally } from '../../../../../media-node/src/app/media/video-tally.ts';
import { NO_PICTURES } from '../../../../../media-node/src/core/media/no-traffic.ts';
import type { VideoLegStats } from '../../../../../media-node/src/ports/media-stats.ts';
import { FakeClock } from '../../../../support/fake-clock.ts';

const SHUT = { toIms: false, toBrowser: false };
const leg = (packetsReceived: number, more: Partial<VideoLegStats> = {}): VideoLegStats => ({
  ...NO_PICTURES,
  ...{ packetsReceived, octetsReceived: 1000 * packetsReceived },
  ...more,
});
const requests = (nacks: number, pictures: number) => ({ nacks, pictures });

function aTally() {
  const clock = new FakeClock();
  return { clock, tally: new VideoTally(clock) };
}

describe('MED-13: the video of a call that comes and goes', () => {
  it('is none where no picture could ever pass', () => {
    const { clock, tally } = aTally();
    tally.gateSet(SHUT);
    clock.advance(1_000);
    tally.ended({ access: leg(3), ims: leg(0) });

    expect(tally.read(undefined)).toBeUndefined();
  });

  it('lasted as long as pictures could pass, one way or both', () => {
    const { clock, tally } = aTally();
    tally.gateSet({ toIms: true, toBrowser: false });
    clock.advance(1_000);
    tally.gateSet({ toIms: true, toBrowser: true });
    clock.advance(2_000);
    // On hold.
    tally.gateSet({ ...SHUT, rtcp: true });
    clock.advance(40_000);
    tally.gateSet({ toIms: false, toBrowser: true });
    clock.advance(3_000);
    const live = tally.read({ access: leg(1), ims: leg(1) });
    tally.ended({ access: leg(1), ims: leg(1) });
    clock.advance(50_000);

    expect(live?.onMs).toBe(6_000);
    expect(tally.read(undefined)?.onMs).toBe(6_000);
  });

  it('carried what all its streams did, each of which counts from nought', () => {
    const { tally } = aTally();
    tally.codecs = { access: 'VP8', ims: 'H264' };
    tally.gateSet({ toIms: true, toBrowser: true });
    const far = { packetsLost: 4, recentLoss: 0, jitterMs: 9 };
    tally.ended({
      access: leg(10, { packetsLost: 1, requestsSent: requests(2, 1), far, jitterMs: 5 }),
      ims: leg(20, { requestsReceived: requests(0, 1) }),
    });

    const carried = tally.read({
      access: leg(5, { packetsLost: 2, requestsSent: requests(1, 1), jitterMs: 3 }),
      ims: leg(7, { requestsReceived: requests(4, 0), far }),
    });

    expect(carried).toMatchObject({
      codecs: { access: 'VP8', ims: 'H264' },
      access: { packetsReceived: 15, octetsReceived: 15_000, packetsLost: 3, jitterMs: 3 },
      ims: { packetsReceived: 27, requestsReceived: requests(4, 1), far },
    });
    expect(carried?.access).toMatchObject({ requestsSent: requests(3, 2), far });
  });
});

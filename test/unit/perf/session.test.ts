import { createCallMediaFactory } from '../../../media-node/src/app/media/call-media-factory.ts';
import { stillMediaPlane } from '../../perf/processes/still-media-plane.ts';
import { barsOf } from '../../perf/report.ts';
import { besideJanus } from '../../perf/session/beside-janus.ts';
import { runLoad } from '../../perf/session/call-load.ts';
import { SESSION_LIMITS } from '../../perf/session/limits.ts';
import { BROWSER_OFFER } from '../../perf/session/offer.ts';
import { FakeClock } from '../../support/fake-clock.ts';

const AT_ONCE = 1_000_000;
const call = 'call, set up and released';

describe('a load of calls', () => {
  it('is carried by users who are in one call at a time', async () => {
    const inCall = new Set<number>();
    let most = 0;

    const { setUpMs, failures } = await runLoad(
      { calls: 12, perS: AT_ONCE },
      { users: 3, betweenCallsMs: 0 },
      (user) => {
        if (inCall.has(user)) throw new Error('called while in a call');
        inCall.add(user);
        most = Math.max(most, inCall.size);
        const released = Promise.resolve().then(() => inCall.delete(user));
        return Promise.resolve({ released });
      },
    );

    expect(failures).toEqual([]);
    expect(setUpMs).toHaveLength(12);
    expect(most).toBeLessThanOrEqual(3);
  });

  it('goes on after calls that failed, and tells why they did', async () => {
    let calls = 0;

    const { setUpMs, failures } = await runLoad(
      { calls: 4, perS: AT_ONCE },
      { users: 1, betweenCallsMs: 0 },
      () => {
        calls += 1;
        if (calls === 2) return Promise.reject(new Error('busy'));
        return Promise.resolve({ released: Promise.resolve() });
      },
    );

    expect(setUpMs).toHaveLength(3);
    expect(failures).toEqual(['busy']);
  });
});

describe('calls beside Janus', () => {
  const theirs = { case: call, subject: 'Janus', cpuMs: 4, cpuMsWithoutIdle: 2 };
  const ours = { case: call, subject: 'Isthmus', cpuMs: 3, cpuMsWithoutIdle: 3 };

  it('are told as shares of what Janus takes', () => {
    expect(besideJanus([theirs, ours])).toEqual([
      expect.objectContaining({
        subject: 'Isthmus',
        cpuShareOfCall: 0.75,
        cpuShareWithoutIdle: 1.5,
      }),
    ]);
  });

  it('have a bar for SIP and session work, and none where media is in it', () => {
    const withPlane = { ...ours, subject: 'Isthmus, with its media plane' };

    expect(barsOf(besideJanus([theirs, ours, withPlane]), SESSION_LIMITS)).toHaveLength(1);
  });

  it('miss the bar where Janus did not run', () => {
    const rows = besideJanus([{ case: call, subject: 'Janus', error: 'not installed' }, ours]);

    expect(barsOf(rows, SESSION_LIMITS)).toEqual([expect.objectContaining({ pass: false })]);
  });
});

describe('the offer of the session benchmark', () => {
  it('is one a node takes, and makes an offer of RTP to IMS out of', async () => {
    const ids = { random: () => 'r', uuid: () => 'u' };
    const factory = createCallMediaFactory(
      { plane: stillMediaPlane, ids, clock: new FakeClock() },
      { addressPolicy: { allowLocal: true, refusedRanges: [] } },
    );
    const media = factory.create({ callId: 'c', codecs: ['PCMU'] }, () => undefined);

    const taken = await media.takeBrowserOffer(BROWSER_OFFER);

    expect(taken).toMatchObject({ ok: true });
    expect(taken.ok && taken.value.imsOffer).toContain('RTP/AVP 0');
  });
});

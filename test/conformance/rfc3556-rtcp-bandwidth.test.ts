import { aCallMedia, linesOf, taken } from '../support/a-call-media.ts';
import { aBrowserSdp, anImsSdp } from '../support/an-sdp.ts';

const OFF = ['b=RS:0', 'b=RR:0'];

describe('RFC 3556 §2: RTCP switched off by IMS (MED-10)', () => {
  it.each([
    ['neither bandwidth', ['b=AS:30'], 30_001],
    ['receivers alone', ['b=RS:600', 'b=RR:0'], 30_001],
    ['senders alone', ['b=RS:0'], 30_001],
    ['both of nothing', OFF, 0],
    ['both of nothing, whatever port is named', [...OFF, 'a=rtcp:30009'], 0],
  ])('%s in an answer', async (_name, audioLines, rtcpPort) => {
    const { media, call } = aCallMedia();
    await media.takeBrowserOffer(aBrowserSdp());

    taken(media.takeImsAnswer(anImsSdp({ audioLines })));

    expect(call.remoteIms).toMatchObject({ rtpPort: 30_000, rtcpPort });
  });

  it('is answered with nothing for either, and not where there is something', async () => {
    const answers = [OFF, ['b=RS:600', 'b=RR:2000']].map(async (audioLines) => {
      const { media, call } = aCallMedia();
      taken(await media.takeImsOffer(anImsSdp({ audioLines })));
      taken(media.takeBrowserAnswer(aBrowserSdp({ setup: 'active' })));
      return { answer: linesOf(taken(media.imsAnswer()), 'b='), port: call.remoteIms?.rtcpPort };
    });

    expect(await Promise.all(answers)).toEqual([
      { answer: OFF, port: 0 },
      { answer: [], port: 30_001 },
    ]);
  });

  it('holds for every stream where the session says so, and a stream may say otherwise', async () => {
    const { media, call } = aCallMedia();
    await media.takeBrowserOffer(aBrowserSdp());
    const answer = anImsSdp({ audioLines: ['b=RR:1000'] }).replace(
      't=0 0',
      'b=RS:0\r\nb=RR:0\r\nt=0 0',
    );

    taken(media.takeImsAnswer(answer));

    expect(call.remoteIms?.rtcpPort).toBe(30_001);
  });
});

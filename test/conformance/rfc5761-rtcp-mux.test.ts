import { aCallMedia, linesOf, taken } from '../support/a-call-media.ts';
import { aBrowserSdp, anImsSdp } from '../support/an-sdp.ts';

const MUX = { audioLines: ['a=rtcp:30009', 'a=rtcp-mux'] };
const willing = () => aCallMedia({ policy: { rtcpMux: true } });

describe('RFC 5761 §5.1.1: one port for RTP and RTCP toward IMS (MED-3)', () => {
  it('is offered by policy alone, with a port for who cannot', async () => {
    const sdps = [willing(), aCallMedia()].map(async ({ media }) => {
      const { imsOffer } = taken(await media.takeBrowserOffer(aBrowserSdp()));
      return [linesOf(imsOffer, 'a=rtcp-mux').length, linesOf(imsOffer, 'a=rtcp:')];
    });

    expect(await Promise.all(sdps)).toEqual([
      [1, ['a=rtcp:40001']],
      [0, ['a=rtcp:40001']],
    ]);
  });

  it.each([
    ['is used where the answer takes it', MUX, 30_000],
    ['is not where the answer leaves it', { audioLines: ['a=rtcp:30009'] }, 30_009],
    ['is not where the answer says nothing of RTCP', {}, 30_001],
  ])('%s', async (_name, lines, rtcpPort) => {
    const { media, call } = willing();
    await media.takeBrowserOffer(aBrowserSdp());

    taken(media.takeImsAnswer(anImsSdp(lines)));

    expect(call.remoteIms).toMatchObject({ rtpPort: 30_000, rtcpPort });
  });

  it.each([
    ['is taken where IMS offers it and the policy allows', willing, true, 30_000],
    ['is left where the policy does not', aCallMedia, false, 30_009],
  ])('%s', async (_name, create, isTaken, rtcpPort) => {
    const { media, call } = create();
    taken(await media.takeImsOffer(anImsSdp(MUX)));
    taken(media.takeBrowserAnswer(aBrowserSdp({ setup: 'active' })));

    const answer = taken(media.imsAnswer());

    expect(linesOf(answer, 'a=rtcp-mux').length > 0).toBe(isTaken);
    expect(call.remoteIms).toMatchObject({ rtcpPort });
  });

  it('ends with a re-offer that has it no more', async () => {
    const { media, call } = willing();
    await media.takeBrowserOffer(aBrowserSdp());
    taken(media.takeImsAnswer(anImsSdp(MUX)));

    const { imsAnswer } = taken(media.takeImsReoffer(anImsSdp()));

    expect(imsAnswer).not.toContain('rtcp-mux');
    expect(call.remoteIms).toMatchObject({ rtcpPort: 30_001 });
  });
});

import { aCallMedia, codeOf, taken } from '../../../../support/a-call-media.ts';
import { aBrowserSdp, anImsSdp } from '../../../../support/an-sdp.ts';

describe('SES-7: media toward IMS over IPv6', () => {
  const six = anImsSdp({ address: '2001:db8::9' }).replaceAll('IN IP4', 'IN IP6');

  it('goes where IMS says, from a node that speaks it there', async () => {
    const { media, call } = aCallMedia({ family: 6 });
    taken(await media.takeBrowserOffer(aBrowserSdp()));
    taken(media.takeImsAnswer(six));

    expect(call.remoteIms).toMatchObject({ address: '2001:db8::9', rtpPort: 30_000 });
  });

  it.each([
    [4, six],
    [6, anImsSdp()],
  ] as const)('an offer that a node of IPv%i cannot reach is refused', async (family, sdp) => {
    const { media } = aCallMedia({ family });

    expect(codeOf(await media.takeImsOffer(sdp))).toBe('sdp.malformed');
  });
});

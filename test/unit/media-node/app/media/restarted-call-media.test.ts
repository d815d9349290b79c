import { aCallMedia, codeOf, linesOf, taken } from '../../../../support/a-call-media.ts';
import { aBrowserSdp, anImsSdp } from '../../../../support/an-sdp.ts';

/** The same browser with new names, as Chromium offers it again: all its codecs, numbered as before. */
const anotherWay = (sdp = aBrowserSdp()): string =>
  sdp
    .replace('a=ice-ufrag:wxyz', 'a=ice-ufrag:abcd')
    .replace('a=ice-pwd:abcdefghijklmnopqrstuvwx', 'a=ice-pwd:0123456789abcdefghijklmn');

async function talking() {
  const { media, call } = aCallMedia();
  const offered = taken(await media.takeBrowserOffer(aBrowserSdp()));
  taken(media.takeImsAnswer(anImsSdp()));
  return { media, call, offered };
}

describe('SES-8 and MED-5: a browser that restarts ICE', () => {
  it('is answered with new names, the certificate and the source it knows', async () => {
    const { media, call, offered } = await talking();

    const { accessAnswer } = taken(media.restartAccess(anotherWay()));

    expect(call.restarts).toEqual([
      { usernameFragment: 'abcd', password: '0123456789abcdefghijklmn' },
    ]);
    expect(linesOf(accessAnswer, 'a=ice-')).toEqual([
      'a=ice-ufrag:node2',
      'a=ice-pwd:a-password-of-the-node-2',
      'a=ice-options:trickle',
    ]);
    for (const same of ['a=fingerprint', 'a=setup', 'a=ssrc', 'a=msid', 'a=candidate']) {
      expect(linesOf(accessAnswer, same)).toEqual(linesOf(offered.accessAnswer, same));
    }
  });

  it('goes on in the codec that was agreed, and nothing passes otherwise than before', async () => {
    const { media, call } = await talking();
    const before = call.rewrite;

    const { accessAnswer } = taken(media.restartAccess(anotherWay()));

    expect(linesOf(accessAnswer, 'm=')[0]).toMatch(/^m=audio 5000 UDP\/TLS\/RTP\/SAVPF 9 /);
    expect(call.rewrite).toEqual(before);
  });

  it('is known by its new names in every later description', async () => {
    const { media } = await talking();
    taken(media.restartAccess(anotherWay()));

    const { reoffer = '' } = taken(media.takeImsReoffer(anImsSdp({ formats: '0' })));

    expect(linesOf(reoffer, 'a=ice-ufrag')).toEqual(['a=ice-ufrag:node2']);
  });

  it('brings its candidates along', async () => {
    const { media, call } = await talking();
    const candidates = ['1 1 udp 1 203.0.113.5 4000 typ host'];

    taken(media.restartAccess(anotherWay(aBrowserSdp({ candidates }))));

    expect(call.candidates).toEqual(['candidate:1 1 udp 1 203.0.113.5 4000 typ host']);
  });

  it.each([
    ['with another certificate', anotherWay().replaceAll('CD', 'EF'), 'sdp.malformed'],
    ['that cannot be read', 'v=0', 'sdp.malformed'],
    [
      'without the voice that is agreed',
      anotherWay(aBrowserSdp({ formats: '13' })),
      'sdp.no-common-codec',
    ],
  ])('%s is refused, and nothing changes', async (_, sdp, code) => {
    const { media, call } = await talking();

    expect(codeOf(media.restartAccess(sdp))).toBe(code);
    expect(call.restarts).toEqual([]);
  });

  it('has to answer an offer of ours first', async () => {
    const { media, call } = await talking();
    taken(media.takeImsReoffer(anImsSdp({ formats: '0' })));

    expect(codeOf(media.restartAccess(anotherWay()))).toBe('call.wrong-state');
    expect(call.restarts).toEqual([]);
  });

  it('has nothing to restart before it is connected', () => {
    expect(codeOf(aCallMedia().media.restartAccess(anotherWay()))).toBe('call.wrong-state');
  });
});

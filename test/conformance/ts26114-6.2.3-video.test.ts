import { aCallMedia, linesOf, taken } from '../support/a-call-media.ts';
import { aBrowserSdp, anImsSdp, answerTo } from '../support/an-sdp.ts';
import { browserVideo, imsVideo } from '../support/video/a-video-sdp.ts';

const CODECS = ['G722', 'PCMA', 'H264', 'VP8'];
const OPEN = { toIms: true, toBrowser: true };

async function called(direction?: string) {
  const set = aCallMedia({ codecs: CODECS });
  const offer = aBrowserSdp({ sections: browserVideo(direction) });
  return { ...set, ...taken(await set.media.takeBrowserOffer(offer)) };
}

describe('3GPP TS 26.114 §6.2.3: video of a browser toward IMS (MED-9)', () => {
  it('is offered at a port of its own, without what repairs or wraps it (MED-2)', async () => {
    const { imsOffer } = await called();

    expect(linesOf(imsOffer, 'm=video')).toEqual(['m=video 40002 RTP/AVPF 108 114 96']);
    expect(imsOffer).toContain('b=AS:2000\r\n');
    expect(imsOffer).not.toMatch(/rtx|red\/|BUNDLE|mid/);
  });

  it('is not begun by the browser until IMS has taken it, and then in its format alone', async () => {
    const { media, accessAnswer } = await called();

    const { reoffer = '' } = taken(media.takeImsAnswer(anImsSdp({ sections: imsVideo() })));

    const [, early] = accessAnswer.split('m=video');
    const [, later] = reoffer.split('m=video');
    expect(early).toContain('a=inactive\r\n');
    expect(later).toMatch(/^ 5000 UDP\/TLS\/RTP\/SAVPF 108\r\n/);
    expect(later).toContain('a=sendrecv\r\n');
    // The level is that of IMS, which is to decode it (RFC 6184 §8.2.2).
    expect(later).toContain('a=fmtp:108 profile-level-id=42c00d;packetization-mode=1\r\n');
    expect(reoffer).toContain('a=group:BUNDLE 0 1\r\n');
  });

  it('passes once the browser has answered, orientation and feedback as negotiated', async () => {
    const { media, call } = await called();
    media.setGate(OPEN);
    const { reoffer = '' } = taken(media.takeImsAnswer(anImsSdp({ sections: imsVideo() })));
    const before = call.video?.gate;

    taken(media.takeBrowserAnswer(answerTo(reoffer)));

    expect(before).toEqual({ toIms: false, toBrowser: false });
    expect(call.video?.gate).toEqual(OPEN);
    expect(call.video?.remoteIms).toMatchObject({ rtpPort: 30_002, rtcpPort: 30_003 });
    expect(call.video?.rewrite).toEqual({
      payloadToIms: new Map([[108, 99]]),
      payloadToBrowser: new Map([[108, 108]]),
      orientation: { browser: 13, ims: 7 },
      feedback: { browser: ['nack', 'pli', 'fir', 'remb'], ims: ['pli'] },
    });
  });

  it.each([
    ['port 0', imsVideo([], 0)],
    ['another profile', imsVideo().map((it) => it.replace('42c00d', '64001f'))],
    ['another packetization mode', imsVideo().map((it) => it.replace('mode=1', 'mode=2'))],
    ['no section', []],
  ])('is over with %s in the answer, and the voice goes on', async (_name, sections) => {
    const { media, call } = await called();
    media.setGate(OPEN);

    const answered = taken(media.takeImsAnswer(anImsSdp({ sections })));

    expect(answered).toEqual({});
    expect(call.video?.isClosed).toBe(true);
    expect(call.gate).toEqual(OPEN);
    // None of the sections is ever taken away (RFC 3264 §8).
    expect(linesOf(taken(media.offerIms({ isHeld: false })), 'm=')).toEqual([
      expect.stringMatching(/^m=audio 40000 /),
      expect.stringMatching(/^m=video 0 /),
    ]);
  });

  it('is refused where the tenant has none of its formats', async () => {
    const { media, call } = aCallMedia({ codecs: ['G722'] });
    const offer = aBrowserSdp({ sections: browserVideo() });

    const { accessAnswer, imsOffer } = taken(await media.takeBrowserOffer(offer));

    expect(linesOf(accessAnswer, 'm=video')[0]).toMatch(/^m=video 0 /);
    expect(linesOf(imsOffer, 'm=video')).toEqual([]);
    expect(call.video).toBeUndefined();
  });
});

describe('3GPP TS 26.114 §6.2.3: video of IMS toward a browser (MED-9)', () => {
  async function ringing() {
    const set = aCallMedia({ codecs: CODECS });
    const offer = anImsSdp({ sections: imsVideo(['a=rtcp:30009']) });
    const { accessOffer } = taken(await set.media.takeImsOffer(offer));
    return { ...set, accessOffer };
  }

  it('is offered in the bundle, numbered by us, and answered with what the browser takes', async () => {
    const { media, call, accessOffer } = await ringing();
    media.setGate(OPEN);

    taken(media.takeBrowserAnswer(answerTo(accessOffer)));
    const answer = taken(media.imsAnswer());

    expect(linesOf(accessOffer, 'm=video')).toEqual(['m=video 5000 UDP/TLS/RTP/SAVPF 112']);
    expect(linesOf(answer, 'm=video')).toEqual(['m=video 40002 RTP/AVPF 99']);
    expect(answer).toContain('a=extmap:7 urn:3gpp:video-orientation\r\n');
    expect(call.video?.rewrite?.payloadToIms).toEqual(new Map([[112, 99]]));
    expect(call.video?.remoteIms).toMatchObject({ rtpPort: 30_002, rtcpPort: 30_009 });
    expect(call.video?.gate).toEqual(OPEN);
  });

  it('is answered without the parameter sets of the offer, which the browser gets', async () => {
    const { media } = aCallMedia({ codecs: CODECS });
    const sections = imsVideo().map((it) =>
      it.replace('mode=1', 'mode=1;sprop-parameter-sets=Z0LAHt,aM48gA'),
    );
    const { accessOffer } = taken(await media.takeImsOffer(anImsSdp({ sections })));
    taken(media.takeBrowserAnswer(answerTo(accessOffer)));

    expect(accessOffer).toContain('sprop-parameter-sets=Z0LAHt,aM48gA\r\n');
    expect(taken(media.imsAnswer())).toContain(
      'a=fmtp:99 profile-level-id=42c00d;packetization-mode=1\r\n',
    );
  });

  it('is refused in its place by a browser without a camera', async () => {
    const { media, call } = await ringing();
    taken(media.takeBrowserAnswer(aBrowserSdp({ setup: 'active' })));

    expect(linesOf(taken(media.imsAnswer()), 'm=video')).toEqual(['m=video 0 RTP/AVPF 99']);
    expect(call.video?.isClosed).toBe(true);
  });

  it('is ended in mid-call by either description, and the browser is told', async () => {
    const { media, call, accessOffer } = await ringing();
    taken(media.takeBrowserAnswer(answerTo(accessOffer)));
    taken(media.imsAnswer());

    const ended = taken(media.takeImsReoffer(anImsSdp({ sections: imsVideo([], 0) })));

    expect(linesOf(ended.imsAnswer, 'm=video')).toEqual(['m=video 0 RTP/AVPF 99']);
    expect(ended.reoffer?.split('m=video')[1]).toContain('a=inactive\r\n');
    expect(call.video?.isClosed).toBe(true);
  });

  it('is turned in mid-call as IMS says', async () => {
    const { media, call, accessOffer } = await ringing();
    media.setGate(OPEN);
    taken(media.takeBrowserAnswer(answerTo(accessOffer)));
    taken(media.imsAnswer());

    const turned = taken(media.takeImsReoffer(anImsSdp({ sections: imsVideo(['a=sendonly']) })));

    expect(turned.imsAnswer.split('m=video')[1]).toContain('a=recvonly\r\n');
    expect(turned.reoffer?.split('m=video')[1]).toContain('a=sendonly\r\n');
    taken(media.takeBrowserAnswer(answerTo(turned.reoffer ?? '')));
    expect(call.video?.gate).toEqual({ toIms: false, toBrowser: true });
  });
});

import { aCallMedia, linesOf, taken } from '../support/a-call-media.ts';
import { aBrowserSdp, anImsSdp, answerTo } from '../support/an-sdp.ts';

const CODECS = ['G722', 'H264', 'VP8'];
const OPEN = { toIms: true, toBrowser: true };

const imsVideo = (direction = 'sendrecv', port = 30_002) => [
  `m=video ${String(port)} RTP/AVPF 99`,
  'a=rtpmap:99 H264/90000',
  'a=fmtp:99 profile-level-id=42c00d;packetization-mode=1',
  'a=rtcp-fb:* nack pli',
  `a=${direction}`,
];
/** An answer of IMS to our own numbers. */
const ourVideo = (direction = 'sendrecv', port = 30_002) => [
  `m=video ${String(port)} RTP/AVPF 122`,
  'a=rtpmap:122 VP8/90000',
  `a=${direction}`,
];
const withVideo = (sections: readonly string[]) => anImsSdp({ sections });
const videoIn = (sdp = ''): string => sdp.split('m=video')[1] ?? '';
const linesWith = (sdp: string) => linesOf(sdp, 'm=').map((it) => it.split(' ', 2).join(' '));

/** A call of voice that is on; the browser has never spoken of video. */
async function talking(codecs = CODECS) {
  const { media, call } = aCallMedia({ codecs });
  taken(await media.takeBrowserOffer(aBrowserSdp()));
  taken(media.takeImsAnswer(anImsSdp()));
  media.setGate(OPEN);
  return { media, call, offerOurs: () => taken(media.offerIms({ isHeld: false })) };
}

/** The same, and our user has added VP8. */
async function filming() {
  const set = await talking();
  await set.media.video.want('sendrecv');
  set.offerOurs();
  const { reoffer = '' } = taken(set.media.takeImsAnswer(withVideo(ourVideo())));
  taken(set.media.takeBrowserAnswer(answerTo(reoffer)));
  return set;
}

describe('RFC 3264 §8.1: our user adds video (SES-5, MED-9)', () => {
  it('is offered to IMS behind the audio, in what every browser has (RFC 7742 §5)', async () => {
    const { media, offerOurs } = await talking();

    expect(await media.video.want('sendrecv')).toBe(true);
    const offer = offerOurs();

    expect(linesOf(offer, 'm=')).toEqual([
      expect.stringMatching(/^m=audio 40000 /),
      'm=video 40002 RTP/AVPF 120 121 122',
    ]);
    expect(videoIn(offer)).toContain('a=sendrecv\r\n');
  });

  it('and then to the browser, in the bundle, in the one format that IMS took', async () => {
    const { media, call, offerOurs } = await talking();
    await media.video.want('sendrecv');
    offerOurs();

    const news = taken(media.takeImsAnswer(withVideo(ourVideo())));

    expect(news.voiceGoesOn).toBe(true);
    expect(linesOf(news.reoffer ?? '', 'a=group')).toEqual(['a=group:BUNDLE 0 1']);
    expect(videoIn(news.reoffer)).toMatch(/^ 5000 UDP\/TLS\/RTP\/SAVPF 122\r\n/);
    // The voice does not wait for the picture.
    expect(call.gate).toEqual(OPEN);
  });

  it('passes both ways once the browser has answered', async () => {
    const { media, call } = await filming();

    expect(call.video?.gate).toEqual(OPEN);
    expect(media.video.view).toEqual({ ours: true, theirs: true });
  });

  it('is forgotten where IMS leaves it out, and the browser never hears of it', async () => {
    const { media, call, offerOurs } = await talking();
    await media.video.want('sendrecv');
    offerOurs();

    expect(taken(media.takeImsAnswer(withVideo(ourVideo('inactive', 0))))).toEqual({});
    expect(media.video.view).toEqual({ ours: false, theirs: false });
    expect(call.video?.isClosed).toBe(true);
    expect(linesWith(offerOurs())).toEqual(['m=audio 40000', 'm=video 0']);
  });

  it('is forgotten where IMS refuses the whole offer (RFC 3261 §14.1)', async () => {
    const { media, call, offerOurs } = await talking();
    await media.video.want('sendrecv');
    offerOurs();

    expect(media.video.revert()).toEqual({});
    expect(call.video?.isClosed).toBe(true);
    expect(linesWith(offerOurs())).toEqual(['m=audio 40000', 'm=video 0']);
  });

  it('is not even asked for where the tenant has none of its formats', async () => {
    const { media, call } = await talking(['G722']);

    expect(await media.video.want('sendrecv')).toBe(false);
    expect(call.video).toBeUndefined();
  });

  it('that the browser refuses is ended with IMS too, in its place (§8.2)', async () => {
    const { media, offerOurs } = await talking();
    await media.video.want('sendrecv');
    offerOurs();
    const { reoffer = '' } = taken(media.takeImsAnswer(withVideo(ourVideo())));
    const no = answerTo(reoffer).replace(/m=video \d+/, 'm=video 0');

    expect(taken(media.takeBrowserAnswer(no))).toEqual({ refusesVideo: true });
    expect(await media.video.want('none')).toBe(true);
    expect(linesWith(offerOurs())).toEqual(['m=audio 40000', 'm=video 0']);
  });
});

describe('RFC 3264 §8.2, §8.3: our user turns the camera, and ends video (SES-5)', () => {
  it('the camera off is recvonly, on again sendrecv', async () => {
    const { media, call, offerOurs } = await filming();

    await media.video.want('recvonly');
    const off = offerOurs();
    const shown = taken(media.takeImsAnswer(withVideo(ourVideo('sendonly'))));
    taken(media.takeBrowserAnswer(answerTo(shown.reoffer ?? '')));
    const gate = call.video?.gate;
    await media.video.want('sendrecv');

    expect(videoIn(off)).toContain('a=recvonly\r\n');
    expect(gate).toEqual({ toIms: false, toBrowser: true });
    expect(videoIn(offerOurs())).toContain('a=sendrecv\r\n');
  });

  it('nothing is sent to a side that agreed to nothing, whatever the browser sends', async () => {
    const { media, call, offerOurs } = await filming();
    await media.video.want('recvonly');
    offerOurs();

    taken(media.takeImsAnswer(withVideo(ourVideo('sendrecv'))));

    expect(call.video?.gate.toIms).toBe(false);
  });

  it('the same again asks nobody', async () => {
    const { media } = await filming();

    expect(await media.video.want('sendrecv')).toBe(false);
  });

  it('the end is port 0 in its place, and inactive for the browser, whose section stays', async () => {
    const { media, call, offerOurs } = await filming();

    expect(await media.video.want('none')).toBe(true);
    const offer = offerOurs();
    const news = taken(media.takeImsAnswer(withVideo(ourVideo('inactive', 0))));

    expect(linesWith(offer)).toEqual(['m=audio 40000', 'm=video 0']);
    expect(videoIn(news.reoffer)).toContain('a=inactive\r\n');
    expect(call.video?.isClosed).toBe(true);
  });

  it('video may come again, in the sections it had (§8.1)', async () => {
    const { media, call, offerOurs } = await filming();
    await media.video.want('none');
    offerOurs();
    const ended = taken(media.takeImsAnswer(withVideo(ourVideo('inactive', 0))));
    taken(media.takeBrowserAnswer(answerTo(ended.reoffer ?? '')));

    await media.video.want('sendrecv');
    const offer = offerOurs();
    const { reoffer = '' } = taken(media.takeImsAnswer(withVideo(ourVideo())));
    taken(media.takeBrowserAnswer(answerTo(reoffer)));

    expect(linesWith(offer)).toEqual(['m=audio 40000', 'm=video 40002']);
    expect(linesOf(reoffer, 'a=group')).toEqual(['a=group:BUNDLE 0 1']);
    expect(call.video?.gate).toEqual(OPEN);
  });

  it('a section that the browser refused is left alone, and another one opened', async () => {
    const { media, offerOurs } = await talking();
    await media.video.want('sendrecv');
    offerOurs();
    const first = taken(media.takeImsAnswer(withVideo(ourVideo()))).reoffer ?? '';
    taken(media.takeBrowserAnswer(answerTo(first).replace(/m=video \d+/, 'm=video 0')));
    await media.video.want('none');
    offerOurs();
    taken(media.takeImsAnswer(withVideo(ourVideo('inactive', 0))));

    await media.video.want('sendrecv');
    offerOurs();
    const { reoffer = '' } = taken(media.takeImsAnswer(withVideo(ourVideo())));

    expect(linesOf(reoffer, 'm=video')).toEqual([
      expect.stringMatching(/^m=video 0 /),
      expect.stringMatching(/^m=video 5000 /),
    ]);
    expect(linesOf(reoffer, 'a=group')).toEqual(['a=group:BUNDLE 0 2']);
  });
});

describe('RFC 3264 §8.1: the other side adds video (SES-5, MED-9)', () => {
  const offered = async (direction?: string) => {
    const set = await talking();
    const offer = withVideo(imsVideo(direction));
    await set.media.video.makeRoom(offer);
    return { ...set, ...taken(set.media.takeImsReoffer(offer)) };
  };

  it('is seen at once, and our camera stays off until its user turns it on', async () => {
    const { media, call, imsAnswer, reoffer = '' } = await offered();
    taken(media.takeBrowserAnswer(answerTo(reoffer)));

    expect(linesOf(imsAnswer, 'm=video')).toEqual(['m=video 40002 RTP/AVPF 99']);
    expect(videoIn(imsAnswer)).toContain('a=recvonly\r\n');
    expect(videoIn(reoffer)).toContain('profile-level-id=42c00d');
    expect(call.video?.gate).toEqual({ toIms: false, toBrowser: true });
    expect(media.video.view).toEqual({ ours: false, theirs: true });
  });

  it('and with the camera on, both are seen without the browser being asked again', async () => {
    const { media, call, offerOurs, reoffer = '' } = await offered();
    taken(media.takeBrowserAnswer(answerTo(reoffer)));

    await media.video.want('sendrecv');
    const ours = offerOurs();
    const news = taken(media.takeImsAnswer(withVideo(imsVideo())));

    expect(videoIn(ours)).toContain('a=sendrecv\r\n');
    expect(news).toEqual({});
    expect(call.video?.gate).toEqual(OPEN);
  });

  it('is refused in its place where no format of it is one of ours', async () => {
    const { media, call } = await talking();
    const offer = withVideo(['m=video 30002 RTP/AVP 34', 'a=rtpmap:34 H263/90000']);

    expect(media.video.makeRoom(offer)).toBeUndefined();
    const { imsAnswer } = taken(media.takeImsReoffer(offer));

    expect(linesOf(imsAnswer, 'm=video')).toEqual(['m=video 0 RTP/AVP 34']);
    expect(call.video).toBeUndefined();
  });

  it('where both add it at once, theirs is answered as ours was wanted (RFC 3261 §14.1)', async () => {
    const { media, offerOurs } = await talking();
    await media.video.want('sendrecv');
    offerOurs();
    const theirs = withVideo(imsVideo());

    expect(media.video.makeRoom(theirs)).toBeUndefined();
    const { imsAnswer } = taken(media.takeImsReoffer(theirs));

    expect(videoIn(imsAnswer)).toContain('a=sendrecv\r\n');
    expect(linesWith(offerOurs())).toEqual(['m=audio 40000', 'm=video 40002']);
  });

  it('an offer of theirs without it leaves ours to be made', async () => {
    const { media, offerOurs } = await talking();
    await media.video.want('sendrecv');
    offerOurs();

    taken(media.takeImsReoffer(anImsSdp({ audioLines: ['a=sendonly'] })));

    expect(linesWith(offerOurs())).toEqual(['m=audio 40000', 'm=video 40002']);
  });
});

describe('RFC 3264 §8.4: holding a call with video (SES-5)', () => {
  it('our hold is sendonly in both sections, and ends in both', async () => {
    const { media } = await filming();

    const held = taken(media.offerIms({ isHeld: true }));
    taken(media.takeImsAnswer(withVideo(ourVideo('recvonly'))));
    const resumed = taken(media.offerIms({ isHeld: false }));

    expect(linesOf(held, 'a=sendonly')).toHaveLength(2);
    expect(linesOf(resumed, 'a=sendrecv')).toHaveLength(2);
  });

  it('a stream they hold is not asked back (3GPP TS 24.610 §4.5.2.1)', async () => {
    const { media } = await filming();
    const sections = ourVideo('sendonly');
    taken(media.takeImsReoffer(anImsSdp({ audioLines: ['a=sendonly'], sections })));

    const ours = taken(media.offerIms({ isHeld: true }));

    expect(linesOf(ours, 'a=inactive')).toHaveLength(2);
  });
});

import { aCallMedia, linesOf, taken } from '../support/a-call-media.ts';
import { aBrowserSdp, anImsSdp, answerTo } from '../support/an-sdp.ts';
import { asReadWithout, browserVideoOf, imsVideo } from '../support/video/a-video-sdp.ts';
import { FakeVideoTranscoder } from '../support/video/fake-video-transcoder.ts';

const OPEN = { toIms: true, toBrowser: true };
const H264_OF_OURS = imsVideo().map((it) => it.replaceAll('99', '120'));
const HIGH = imsVideo().map((it) => it.replace('42c00d', '64001e'));
const vp8 = (number = 100) => [
  `m=video 30002 RTP/AVPF ${String(number)}`,
  `a=rtpmap:${String(number)} VP8/90000`,
  `a=rtcp-fb:${String(number)} ccm fir`,
];
const withVideo = (sections: readonly string[]) => anImsSdp({ sections: [...sections] });
const formatsIn = (sdp: string): readonly string[] =>
  linesOf(sdp.slice(sdp.indexOf('m=video')), 'a=rtpmap:').map((it) => it.replace(/^\S+ /, ''));
/** Port and formats, whatever the profile. */
const videoLines = (sdp: string) =>
  linesOf(sdp, 'm=video').map((it) => it.replace(/ \S*RTP\S*/, ''));

/** A call of voice that is on. Of video the browser has said what is in `sections`, and IMS refused it. */
async function talking(
  sections: readonly string[] = [],
  { codecs = ['G722', 'H264', 'VP8'], transcoder = new FakeVideoTranscoder() } = {},
) {
  const { media, call } = aCallMedia({ codecs, videoTranscoder: transcoder });
  taken(await media.takeBrowserOffer(aBrowserSdp({ sections: [...sections] })));
  taken(media.takeImsAnswer(anImsSdp()));
  media.setGate(OPEN);
  const offerOurs = (): string => taken(media.offerIms({ isHeld: false }));
  return { media, call, transcoder, offerOurs };
}
type Talk = Awaited<ReturnType<typeof talking>>;

/** Our user shows himself, and IMS answers with that. */
async function filming({ media, offerOurs }: Talk, answer: readonly string[]) {
  await media.video.want('sendrecv');
  offerOurs();
  const { reoffer = '' } = taken(media.takeImsAnswer(withVideo(answer)));
  return reoffer;
}

/** IMS offers that in mid-call. */
async function offered({ media }: Talk, sections: readonly string[]) {
  await media.video.makeRoom(withVideo(sections));
  return taken(media.takeImsReoffer(withVideo(sections)));
}

describe('3GPP TS 26.114 §6.2.3: our user adds video, and IMS takes what his browser may lack (MED-9, MED-4)', () => {
  it('which is offered to the browser with what it can be made of behind', async () => {
    const reoffer = await filming(await talking(), H264_OF_OURS);

    expect(formatsIn(reoffer)).toEqual(['H264/90000', 'H264/90000', 'VP8/90000']);
    expect(linesOf(reoffer, 'a=fmtp:120')[0]).toContain('profile-level-id=42c00d');
  });

  it('is transcoded where the browser has the other alone', async () => {
    const talk = await talking();
    const reoffer = await filming(talk, H264_OF_OURS);

    const answer = answerTo(asReadWithout('H264', reoffer));

    expect(taken(talk.media.takeBrowserAnswer(answer))).toEqual({});
    expect(talk.transcoder.plans.at(-1)).toMatchObject({
      browser: { codec: 'VP8', arriving: 122, leaving: 122 },
      ims: { codec: 'H264', arriving: 120, leaving: 120, limits: { level: 13 } },
    });
    expect(talk.call.video?.detour).toBeDefined();
    expect(talk.call.video?.gate).toEqual(OPEN);
  });

  it('is so where the tenant has that of IMS alone: what it is made of is not offered to IMS', async () => {
    const talk = await talking([], { codecs: ['G722', 'H264'] });
    await talk.media.video.want('sendrecv');
    const offer = talk.offerOurs();
    const { reoffer = '' } = taken(talk.media.takeImsAnswer(withVideo(H264_OF_OURS)));

    taken(talk.media.takeBrowserAnswer(answerTo(asReadWithout('H264', reoffer))));

    expect(videoLines(offer)).toEqual(['m=video 40002 120 121']);
    expect(talk.transcoder.plans.at(-1)).toMatchObject({ browser: { codec: 'VP8' } });
  });

  it('is VP8 of IMS for a browser with H.264 alone just so', async () => {
    const talk = await talking();
    const reoffer = await filming(talk, vp8(122));

    taken(talk.media.takeBrowserAnswer(answerTo(asReadWithout('VP8', reoffer))));

    expect(talk.transcoder.plans.at(-1)).toMatchObject({
      browser: { codec: 'H264' },
      ims: { codec: 'VP8' },
    });
  });

  it('passes where the browser has it, and the place is free again', async () => {
    const talk = await talking();
    const reoffer = await filming(talk, H264_OF_OURS);
    const before = talk.transcoder.load.used;

    taken(talk.media.takeBrowserAnswer(answerTo(reoffer)));

    expect(before).toBe(1);
    expect(talk.transcoder.load.used).toBe(0);
    expect(talk.call.video?.detour).toBeUndefined();
    expect(talk.call.video?.rewrite?.payloadToIms).toEqual(new Map([[120, 120]]));
  });

  it('is offered alone where no place is left, and refused by who lacks it', async () => {
    const talk = await talking([], { transcoder: new FakeVideoTranscoder({ capacity: 0 }) });
    const reoffer = await filming(talk, H264_OF_OURS);
    const no = answerTo(reoffer).replace(/m=video \d+/, 'm=video 0');

    expect(formatsIn(reoffer)).toEqual(['H264/90000']);
    expect(taken(talk.media.takeBrowserAnswer(no))).toEqual({ refusesVideo: true });
  });

  it('is asked of the browser once: a hold and its end change the direction alone', async () => {
    const talk = await talking();
    const reoffer = await filming(talk, H264_OF_OURS);
    taken(talk.media.takeBrowserAnswer(answerTo(asReadWithout('H264', reoffer))));

    const same = taken(talk.media.takeImsReoffer(withVideo(H264_OF_OURS)));
    const held = taken(talk.media.takeImsReoffer(withVideo([...H264_OF_OURS, 'a=sendonly'])));

    expect(same.reoffer).toBeUndefined();
    expect(formatsIn(held.reoffer ?? '')).toEqual(['VP8/90000']);
  });
});

describe('3GPP TS 26.114 §6.2.3: IMS adds video that the browser lacks (MED-9, MED-4)', () => {
  it('is seen transcoded where the browser said at first what it has', async () => {
    const talk = await talking(browserVideoOf('VP8'));
    const { imsAnswer, reoffer = '' } = await offered(talk, imsVideo());
    taken(talk.media.takeBrowserAnswer(answerTo(reoffer)));

    expect(videoLines(imsAnswer)).toEqual(['m=video 40002 99']);
    expect(formatsIn(reoffer)).toEqual(['VP8/90000']);
    expect(talk.transcoder.plans.at(-1)).toMatchObject({
      browser: { codec: 'VP8', arriving: 96 },
      ims: { codec: 'H264', arriving: 99 },
    });
    expect(talk.call.video?.gate).toEqual({ toIms: false, toBrowser: true });
  });

  it('of a profile no browser has is offered as what every browser has', async () => {
    const talk = await talking();
    const { imsAnswer, reoffer = '' } = await offered(talk, HIGH);
    taken(talk.media.takeBrowserAnswer(answerTo(reoffer)));

    expect(videoLines(imsAnswer)).toEqual(['m=video 40002 99']);
    expect(formatsIn(reoffer)).toEqual(['H264/90000', 'H264/90000', 'VP8/90000']);
    expect(talk.transcoder.plans.at(-1)).toMatchObject({
      browser: { codec: 'H264', profile: 'constrained-baseline' },
      ims: { codec: 'H264', profile: 'high' },
    });
  });

  it('is refused where no place is left', async () => {
    const transcoder = new FakeVideoTranscoder({ capacity: 0 });
    const talk = await talking(browserVideoOf('VP8'), { transcoder });

    const { imsAnswer, reoffer } = await offered(talk, imsVideo());

    expect(videoLines(imsAnswer)).toEqual(['m=video 0 99']);
    expect(reoffer).toBeUndefined();
  });
});

describe('RFC 3264 §8.3.2: IMS changes the format of video in mid-call (MED-9)', () => {
  /** H.264 passes, in a call with a browser that has both. */
  async function passing() {
    const talk = await talking();
    taken(talk.media.takeBrowserAnswer(answerTo(await filming(talk, H264_OF_OURS))));
    return talk;
  }

  it('to one the browser may have: it is offered that, and both are seen on', async () => {
    const talk = await passing();

    const { imsAnswer, reoffer = '' } = taken(talk.media.takeImsReoffer(withVideo(vp8())));
    const meanwhile = talk.call.video?.gate;
    taken(talk.media.takeBrowserAnswer(answerTo(reoffer)));

    expect(videoLines(imsAnswer)).toEqual(['m=video 40002 100']);
    expect(formatsIn(reoffer)[0]).toBe('VP8/90000');
    expect(meanwhile).toEqual({ toIms: false, toBrowser: false });
    expect(talk.call.video?.gate).toEqual(OPEN);
    expect(talk.call.video?.rewrite?.payloadToIms).toEqual(new Map([[122, 100]]));
    expect(talk.transcoder.load.used).toBe(0);
  });

  it('to one the browser lacks: it is transcoded, and the browser is not asked', async () => {
    const talk = await talking(browserVideoOf('VP8'));
    taken(talk.media.takeBrowserAnswer(answerTo(await filming(talk, vp8(96)))));
    const before = talk.transcoder.load.used;

    const { imsAnswer, reoffer } = taken(talk.media.takeImsReoffer(withVideo(imsVideo())));

    expect(before).toBe(0);
    expect(videoLines(imsAnswer)).toEqual(['m=video 40002 99']);
    expect(reoffer).toBeUndefined();
    expect(talk.transcoder.plans.at(-1)).toMatchObject({
      browser: { codec: 'VP8', arriving: 96 },
      ims: { codec: 'H264', arriving: 99 },
    });
    expect(talk.call.video?.gate).toEqual(OPEN);
  });

  it('and back to what the browser has: it passes again, and the place is free', async () => {
    const talk = await talking(browserVideoOf('VP8'));
    taken(talk.media.takeBrowserAnswer(answerTo(await filming(talk, vp8(96)))));
    taken(talk.media.takeImsReoffer(withVideo(imsVideo())));

    taken(talk.media.takeImsReoffer(withVideo(vp8())));

    expect(talk.call.video?.detour).toBeUndefined();
    expect(talk.transcoder.load.used).toBe(0);
    expect(talk.call.video?.rewrite?.payloadToIms).toEqual(new Map([[96, 100]]));
  });

  it('ends the video alone where it can be neither passed nor made', async () => {
    const transcoder = new FakeVideoTranscoder({ capacity: 0 });
    const talk = await talking(browserVideoOf('VP8'), { transcoder });
    taken(talk.media.takeBrowserAnswer(answerTo(await filming(talk, vp8(96)))));

    const { imsAnswer, reoffer = '' } = taken(talk.media.takeImsReoffer(withVideo(imsVideo())));

    expect(videoLines(imsAnswer)).toEqual(['m=video 0 99']);
    expect(reoffer.split('m=video')[1]).toContain('a=inactive\r\n');
    expect(talk.call.gate).toEqual(OPEN);
  });

  it('keeps what is in use where the offer has it still, whatever stands before it', async () => {
    const talk = await passing();
    const [line = '', ...rest] = imsVideo();
    const both = [`${line} 100`, ...rest, 'a=rtpmap:100 VP8/90000'];

    const { imsAnswer } = taken(talk.media.takeImsReoffer(withVideo(both)));

    expect(videoLines(imsAnswer)).toEqual(['m=video 40002 99']);
    expect(talk.call.video?.rewrite?.payloadToIms).toEqual(new Map([[120, 99]]));
  });
});

import { aCallMedia, linesOf, taken } from '../support/a-call-media.ts';
import { aBrowserSdp, anImsSdp, answerTo } from '../support/an-sdp.ts';
import { browserVideo, browserVideoOf, imsVideo } from '../support/video/a-video-sdp.ts';
import { FakeVideoTranscoder } from '../support/video/fake-video-transcoder.ts';

const OPEN = { toIms: true, toBrowser: true };
const VP8_OF_IMS = [
  'm=video 30002 RTP/AVPF 100',
  'b=AS:500',
  'a=rtpmap:100 VP8/90000',
  'a=rtcp-fb:* ccm fir',
];

async function called(
  sections: readonly string[],
  { codecs = ['G722', 'H264', 'VP8'], transcoder = new FakeVideoTranscoder() } = {},
) {
  const set = aCallMedia({ codecs, videoTranscoder: transcoder });
  const offer = aBrowserSdp({ sections: [...sections] });
  const offered = taken(await set.media.takeBrowserOffer(offer));
  set.media.setGate(OPEN);
  return { ...set, ...offered, transcoder };
}

/** IMS answers with that, the browser what follows of it. */
function answered({ media }: Awaited<ReturnType<typeof called>>, sections: readonly string[]) {
  const { reoffer = '' } = taken(media.takeImsAnswer(anImsSdp({ sections: [...sections] })));
  if (reoffer) taken(media.takeBrowserAnswer(answerTo(reoffer)));
  return reoffer;
}

describe('3GPP TS 26.114 §6.2.3: video of a browser with no format of IMS (MED-9, MED-4)', () => {
  it('is offered in what it has and in what can be made of it, first what passes', async () => {
    const { imsOffer, accessAnswer } = await called(browserVideoOf('VP8'));

    expect(linesOf(imsOffer, 'm=video')).toEqual(['m=video 40002 RTP/AVPF 96 112 113']);
    expect(linesOf(imsOffer, 'a=rtpmap:112')).toEqual(['a=rtpmap:112 H264/90000']);
    expect(linesOf(imsOffer, 'a=fmtp:113')[0]).toContain('packetization-mode=0');
    expect(linesOf(accessAnswer, 'm=video')[0]).toMatch(/ 96$/);
  });

  it('is transcoded where IMS takes what is made, within what IMS takes', async () => {
    const scene = await called(browserVideoOf('VP8'));
    const lines = imsVideo().map((it) => it.replaceAll('99', '112'));

    const reoffer = answered(scene, lines);

    expect(reoffer.split('m=video')[1]).toMatch(/^ 5000 UDP\/TLS\/RTP\/SAVPF 96\r\n/);
    expect(scene.transcoder.plans.at(-1)).toEqual({
      browser: {
        ...{ codec: 'VP8', arriving: 96, leaving: 96, packetizationMode: 0 },
        limits: { macroblocks: 3600, macroblocksPerS: 108_000, bitsPerS: 2_500_000 },
        ...{ canBeAsked: true, orientation: 13 },
      },
      ims: {
        ...{ codec: 'H264', arriving: 112, leaving: 112, packetizationMode: 1 },
        profile: 'constrained-baseline',
        limits: { macroblocks: 396, macroblocksPerS: 11_880, bitsPerS: 768_000, level: 13 },
        ...{ canBeAsked: true, orientation: 7 },
      },
    });
    expect(scene.call.video?.detour).toBeDefined();
    expect(scene.call.video?.gate).toEqual(OPEN);
  });

  it('is VP8 for a peer with that alone, where the browser has H.264 alone', async () => {
    const scene = await called(browserVideoOf('H264'));
    const number = /a=rtpmap:(\d+) VP8/.exec(scene.imsOffer)?.[1] ?? '';

    answered(
      scene,
      VP8_OF_IMS.map((it) => it.replaceAll('100', number)),
    );

    const plan = scene.transcoder.plans.at(-1);
    expect(plan?.browser).toMatchObject({ codec: 'H264', arriving: 108, packetizationMode: 1 });
    // b=AS counts headers as well.
    expect(plan?.ims).toMatchObject({ codec: 'VP8', limits: { bitsPerS: 460_000 } });
  });

  it('is packed anew where the browser has one packetization mode and IMS the other', async () => {
    const mode1 = browserVideoOf('H264').filter((it) => !/:114 /.test(it));
    const scene = await called(mode1.map((it) => it.replace(' 114', '')));
    const [number = ''] = /(?<=a=fmtp:)\d+(?= profile-level-id=42e01f;packetization-mode=0)/.exec(
      scene.imsOffer,
    ) ?? [''];

    answered(
      scene,
      imsVideo().map((it) => it.replaceAll('99', number).replace('mode=1', 'mode=0')),
    );

    expect(scene.transcoder.plans.at(-1)).toMatchObject({
      browser: { profile: 'constrained-baseline', packetizationMode: 1 },
      ims: { profile: 'constrained-baseline', packetizationMode: 0 },
    });
  });

  it('lets each side say in its own words how much it takes', async () => {
    const scene = await called(browserVideoOf('VP8'));
    const reoffer = answered(
      scene,
      imsVideo().map((it) => it.replaceAll('99', '112')),
    );

    const rates = (sdp: string): readonly string[] =>
      linesOf(sdp, 'a=rtcp-fb:').filter((it) => /tmmbr|remb/.test(it));
    expect(rates(scene.imsOffer)).toEqual(
      [96, 112, 113].map((format) => `a=rtcp-fb:${String(format)} ccm tmmbr`),
    );
    expect(rates(reoffer)).toEqual(['a=rtcp-fb:96 goog-remb']);
    expect(rates(scene.accessAnswer)[0]).toMatch(/ goog-remb$/);
  });

  it('passes through where IMS takes what the browser has, and its place is free again', async () => {
    const scene = await called(browserVideoOf('VP8'));
    const before = scene.transcoder.load.used;

    answered(
      scene,
      VP8_OF_IMS.map((it) => it.replaceAll('100', '96')),
    );

    expect(before).toBe(1);
    expect(scene.transcoder.load.used).toBe(0);
    expect(scene.call.video?.detour).toBeUndefined();
    expect(scene.call.video?.rewrite?.payloadToIms).toEqual(new Map([[96, 96]]));
  });

  it('takes no place where the browser has all there is', async () => {
    const { transcoder } = await called(browserVideo());

    expect(transcoder.load.used).toBe(0);
  });

  it('may be of a format the tenant does not have toward IMS', async () => {
    const scene = await called(browserVideoOf('VP8'), { codecs: ['G722', 'H264'] });

    expect(linesOf(scene.imsOffer, 'm=video')).toEqual(['m=video 40002 RTP/AVPF 112 113']);
  });

  it.each([
    ['no place is left', new FakeVideoTranscoder({ capacity: 0 })],
    ['a library is missing', new FakeVideoTranscoder({ isAvailable: false })],
  ])(
    'is offered as it is where %s, and refused where the tenant has not even that',
    async (_name, transcoder) => {
      const asItIs = await called(browserVideoOf('VP8'), { transcoder });
      const notEvenThat = await called(browserVideoOf('VP8'), {
        codecs: ['G722', 'H264'],
        transcoder,
      });

      expect(linesOf(asItIs.imsOffer, 'm=video')).toEqual(['m=video 40002 RTP/AVPF 96']);
      expect(linesOf(notEvenThat.imsOffer, 'm=video')).toEqual([]);
      expect(linesOf(notEvenThat.accessAnswer, 'm=video')[0]).toMatch(/^m=video 0 /);
    },
  );

  it('gives its place back when the call ends, and when IMS ends the video', async () => {
    const [one, two] = [await called(browserVideoOf('VP8')), await called(browserVideoOf('VP8'))];
    const lines = imsVideo().map((it) => it.replaceAll('99', '112'));
    answered(one, lines);
    answered(two, lines);

    await one.media.close();
    taken(two.media.takeImsReoffer(anImsSdp({ sections: [...imsVideo([], 0)] })));

    expect(one.transcoder.load.used).toBe(0);
    expect(two.transcoder.load.used).toBe(0);
  });
});

describe('3GPP TS 26.114 §6.2.3: video of IMS for a browser with no format of it (MED-9)', () => {
  async function ringing(sections: readonly string[], transcoder = new FakeVideoTranscoder()) {
    const set = aCallMedia({ codecs: ['G722', 'H264', 'VP8'], videoTranscoder: transcoder });
    const offer = anImsSdp({ sections: [...sections] });
    const { accessOffer } = taken(await set.media.takeImsOffer(offer));
    set.media.setGate(OPEN);
    return { ...set, accessOffer, transcoder };
  }

  /** An answer of a browser with these formats of the offer alone. */
  const answerWith = (offer: string, number: string): string =>
    answerTo(offer).replace(/(m=video \d+ \S+) .*/, `$1 ${number}`);

  it('is offered to the browser as it is, and as what can be made of it', async () => {
    const { accessOffer } = await ringing(imsVideo());

    const names = linesOf(accessOffer, 'a=rtpmap:').filter((it) => it.endsWith('/90000'));
    expect(names).toEqual([
      'a=rtpmap:112 H264/90000',
      // The same of IMS's own packetization mode is there already.
      'a=rtpmap:113 H264/90000',
      'a=rtpmap:114 VP8/90000',
    ]);
  });

  it('is made VP8 where the browser takes that alone, and IMS is answered with its own', async () => {
    const scene = await ringing(imsVideo());
    taken(scene.media.takeBrowserAnswer(answerWith(scene.accessOffer, '114')));

    const answer = taken(scene.media.imsAnswer());

    expect(linesOf(answer, 'm=video')).toEqual(['m=video 40002 RTP/AVPF 99']);
    expect(scene.transcoder.plans.at(-1)).toMatchObject({
      browser: { codec: 'VP8', arriving: 114, leaving: 114, orientation: 13 },
      ims: { codec: 'H264', arriving: 99, leaving: 99, orientation: 7 },
    });
  });

  it('passes through where the browser takes it, and the place is free again', async () => {
    const scene = await ringing(imsVideo());
    taken(scene.media.takeBrowserAnswer(answerTo(scene.accessOffer)));
    taken(scene.media.imsAnswer());

    expect(scene.transcoder.load.used).toBe(0);
    expect(scene.call.video?.rewrite?.payloadToIms).toEqual(new Map([[112, 99]]));
  });

  it('of a profile no browser has is transcoded into the one they have', async () => {
    const high = imsVideo().map((it) => it.replace('42c00d', '64001e'));
    const scene = await ringing(high);
    taken(scene.media.takeBrowserAnswer(answerWith(scene.accessOffer, '113')));

    taken(scene.media.imsAnswer());

    expect(scene.transcoder.plans.at(-1)).toMatchObject({
      browser: { codec: 'H264', profile: 'constrained-baseline' },
      ims: { codec: 'H264', profile: 'high', limits: { level: 30 } },
    });
  });

  it('is refused where the browser has nothing of it and no place is left', async () => {
    const scene = await ringing(imsVideo(), new FakeVideoTranscoder({ capacity: 0 }));
    const noVideo = answerTo(scene.accessOffer).replace(/m=video \d+/, 'm=video 0');
    taken(scene.media.takeBrowserAnswer(noVideo));

    expect(linesOf(taken(scene.media.imsAnswer()), 'm=video')).toEqual(['m=video 0 RTP/AVPF 99']);
  });
});

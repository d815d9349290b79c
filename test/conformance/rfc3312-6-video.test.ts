import { aCallMedia, linesOf, taken } from '../support/a-call-media.ts';
import { aBrowserSdp, anImsSdp, answerTo } from '../support/an-sdp.ts';
import { asReadWithoutBaseline, imsVideo } from '../support/video/a-video-sdp.ts';

const CODECS = ['G722', 'H264', 'VP8'];
const OPEN = { toIms: true, toBrowser: true };
const linesWith = (sdp: string) => linesOf(sdp, 'm=').map((it) => it.split(' ', 2).join(' '));
const withVideo = (lines?: readonly string[], port?: number): string =>
  anImsSdp({ sections: imsVideo(lines, port) });

/** The caller has our answer, and our user is asked. */
async function reserving(offer = withVideo()) {
  const set = aCallMedia({ codecs: CODECS });
  const early = taken(await set.media.answerImsOffer(offer));
  return { ...set, ...early, offerOurs: () => taken(set.media.offerIms({ isHeld: false })) };
}

/** He says so much. */
async function accepted(toAnswer = answerTo, offer?: string) {
  const set = await reserving(offer);
  taken(set.media.takeBrowserAnswer(toAnswer(set.accessOffer)));
  taken(set.media.imsAnswer());
  set.media.setGate(OPEN);
  return set;
}

describe('RFC 3312 §6: IMS is answered before the browser is told (SES-3, MED-9)', () => {
  it('without video, and the browser is offered it all the same', async () => {
    const { accessOffer, imsAnswer } = await reserving();

    expect(linesWith(imsAnswer)).toEqual(['m=audio 40000', 'm=video 0']);
    expect(accessOffer.split('m=video')[1]).toContain('a=sendrecv\r\n');
  });

  it('no picture passes until IMS is offered it back in its own words, and takes it', async () => {
    const { media, call, offerOurs } = await accepted();
    const before = call.video?.gate;

    const wish = media.video.owedWish();
    const isOffered = await media.video.want(wish ?? 'none');
    const offer = offerOurs();
    const news = taken(media.takeImsAnswer(withVideo()));

    expect([before, wish, isOffered]).toEqual([
      { toIms: false, toBrowser: false },
      'sendrecv',
      true,
    ]);
    expect(linesOf(offer, 'm=video')).toEqual(['m=video 40002 RTP/AVPF 99']);
    expect(linesOf(offer, 'a=fmtp:99')[0]).toContain('profile-level-id=42c00d');
    // What the browser has said stands: it is asked nothing more.
    expect(news).toEqual({});
    expect(call.video?.gate).toEqual(OPEN);
    expect(call.video?.remoteIms).toMatchObject({ rtpPort: 30_002 });
    expect(media.video.view).toEqual({ ours: true, theirs: true });
  });

  it('a phone that says Baseline has it of a browser that has the constrained alone', async () => {
    const baseline = withVideo().replace('42c00d', '428014');
    const { media, call, offerOurs } = await accepted(
      (offer) => asReadWithoutBaseline(answerTo(offer)),
      baseline,
    );

    await media.video.want(media.video.owedWish() ?? 'none');
    const offer = offerOurs();
    taken(media.takeImsAnswer(baseline));

    expect(linesOf(offer, 'a=fmtp:99')[0]).toContain('profile-level-id=428014');
    expect(call.video?.rewrite?.payloadToIms).toEqual(new Map([[113, 99]]));
  });

  it.each([
    ['with the camera off', 'recvonly', 'a=recvonly'],
    ['as he answered it', undefined, 'a=sendrecv'],
  ])('our user is seen %s', async (_name, wanted, line) => {
    const { media, offerOurs } = await accepted();
    if (wanted) media.video.watchOnly();

    const wish = media.video.owedWish();
    await media.video.want(wish ?? 'none');

    expect(wish).toBe(wanted ?? 'sendrecv');
    expect(offerOurs().split('m=video')[1]).toContain(`${line}\r\n`);
  });

  it.each([
    ['has no camera to answer with', () => aBrowserSdp({ setup: 'active' })],
    [
      'wants none',
      (offer: string) => answerTo(offer).replace(/(m=video[\s\S]*)a=sendrecv/, '$1a=inactive'),
    ],
  ])('a browser that %s leaves it a call of voice', async (_name, toAnswer) => {
    const { media, call, offerOurs } = await accepted(toAnswer);

    expect(media.video.owedWish()).toBeUndefined();
    expect(call.video?.isClosed).toBe(true);
    expect(linesWith(offerOurs())).toEqual(['m=audio 40000', 'm=video 0']);
  });

  it('the caller’s own offers before that change nothing of it (RFC 3311 §5.1)', async () => {
    const { media, accessOffer, call, offerOurs } = await reserving();
    const without = taken(media.takeEarlyOffer(withVideo([], 0), { isTold: false }));
    const again = taken(media.takeEarlyOffer(withVideo(), { isTold: false }));
    taken(media.takeBrowserAnswer(answerTo(accessOffer)));

    await media.video.want(media.video.owedWish() ?? 'none');

    for (const { imsAnswer, reoffer } of [without, again]) {
      expect(linesWith(imsAnswer)).toEqual(['m=audio 40000', 'm=video 0']);
      expect(reoffer).toBeUndefined();
    }
    expect(linesWith(offerOurs())).toEqual(['m=audio 40000', 'm=video 40002']);
    expect(call.video?.isClosed).toBe(false);
  });

  it('IMS that refuses it has it ended at the browser', async () => {
    const { media, call, offerOurs } = await accepted();
    await media.video.want(media.video.owedWish() ?? 'none');
    offerOurs();

    const { reoffer = '' } = taken(media.takeImsAnswer(withVideo([], 0)));

    expect(reoffer.split('m=video')[1]).toContain('a=inactive\r\n');
    expect(call.video?.isClosed).toBe(true);
  });

  it('is ended by our user who wants none of it any more', async () => {
    const { media, call } = await accepted();

    expect(await media.video.want('none')).toBe(false);
    expect(call.video?.isClosed).toBe(true);
  });
});

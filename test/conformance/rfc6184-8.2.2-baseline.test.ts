import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { aCallMedia, linesOf, taken } from '../support/a-call-media.ts';
import { aBrowserSdp, anImsSdp, answerTo } from '../support/an-sdp.ts';
import { asReadWithoutBaseline, browserVideo, imsVideo } from '../support/video/a-video-sdp.ts';

const CODECS = ['G722', 'PCMA', 'PCMU', 'H264'];
const offerOf = (...path: readonly string[]): string =>
  readFileSync(join(import.meta.dirname, 'vectors', 'offers', ...path), 'utf8').replaceAll(
    '\n',
    '\r\n',
  );
const withVideoOf = (peer: string): string =>
  offerOf(`${peer}.sdp`) + offerOf('mid-call', `${peer}-video.sdp`);

/** What phones offer of H.264, each as it writes it: number, profile, packetization. */
const PHONES = [
  ['linphone', offerOf('linphone.sdp'), 97, '42801F'],
  ['asterisk', withVideoOf('asterisk'), 99, '42801F'],
  ['cisco', withVideoOf('cisco'), 97, '428014'],
] as const;
const linesOfVideo = (sdp: string, start: string): readonly string[] =>
  linesOf(`m=video${sdp.split('m=video')[1] ?? ''}`, start);

async function ringing(offer: string) {
  const set = aCallMedia({ codecs: CODECS });
  return { ...set, ...taken(await set.media.takeImsOffer(offer)) };
}

describe('RFC 6184 §8.2.2: phones that say Baseline call a browser (MED-9)', () => {
  it.each(PHONES)('%s: passes to a browser that has Baseline, as it is', async (...phone) => {
    const [, offer, number, profile] = phone;
    const { media, call, accessOffer } = await ringing(offer);

    taken(media.takeBrowserAnswer(answerTo(accessOffer)));
    const answer = taken(media.imsAnswer());

    expect(linesOfVideo(accessOffer, 'a=fmtp:112')[0]).toContain(`profile-level-id=${profile}`);
    expect(linesOfVideo(answer, 'm=video')[0]).toMatch(
      new RegExp(`^m=video 40002 .*AVP ${String(number)}$`),
    );
    expect(call.video?.rewrite).toMatchObject({
      payloadToIms: new Map([[112, number]]),
      payloadToBrowser: new Map([[number, 112]]),
    });
  });

  it.each(PHONES)('%s: passes to one that has the constrained alone', async (...phone) => {
    const [, offer, number, profile] = phone;
    const { media, call, accessOffer } = await ringing(offer);

    taken(media.takeBrowserAnswer(asReadWithoutBaseline(answerTo(accessOffer))));
    const answer = taken(media.imsAnswer());

    expect(linesOfVideo(accessOffer, 'a=fmtp:113')[0]).toContain(
      `profile-level-id=42e0${profile.slice(4)}`,
    );
    // Each side reads its own profile (RFC 6184 §8.2.2).
    expect(linesOfVideo(answer, `a=fmtp:${String(number)}`)[0]).toContain(
      `profile-level-id=${profile}`,
    );
    expect(call.video?.rewrite).toMatchObject({
      payloadToIms: new Map([[113, number]]),
      payloadToBrowser: new Map([[number, 113]]),
    });
  });

  it('slice groups that a phone announces are refused: no browser decodes them', async () => {
    const sets = 'packetization-mode=1;sprop-parameter-sets=Z0KAFNoFB+Q=,aMVK';
    const { media, accessOffer } = await ringing(
      withVideoOf('cisco')
        .replace('packetization-mode=1', sets)
        .replace(/^(m=video .*) 126/m, '$1'),
    );

    // The browser's answer is of its own pictures.
    taken(media.takeBrowserAnswer(answerTo(accessOffer).replace(/;sprop-.*/, '')));

    expect(linesOfVideo(taken(media.imsAnswer()), 'm=video')[0]).toMatch(/^m=video 0 /);
  });
});

describe('RFC 6184 §8.2.2: a browser calls phones that say Baseline (MED-9)', () => {
  async function calling(offer: string) {
    const set = aCallMedia({ codecs: CODECS });
    return { ...set, ...taken(await set.media.takeBrowserOffer(offer)) };
  }
  const phone = (number: number, profile: string): string =>
    anImsSdp({
      sections: imsVideo().map((it) =>
        it.replaceAll('99', String(number)).replace('42c00d', profile),
      ),
    });
  const chromium = offerOf('chromium.sdp');
  const constrained = aBrowserSdp({ sections: browserVideo() });

  it.each([
    // As it is: whatever a browser offers beside it.
    ['constrained, as offered', chromium, 108, '42c00d', 108, '42c00d'],
    ['Baseline, as offered', chromium, 102, '428014', 102, '428014'],
    // The phone's own words, under the number of the other.
    ['Baseline for constrained', chromium, 108, '428014', 102, '428014'],
    ['constrained for Baseline', chromium, 102, '42c00d', 108, '42c00d'],
    ['Baseline for constrained, which is all there is', constrained, 108, '428014', 108, '42e014'],
  ])('%s', async (_name, offer, number, said, spoken, told) => {
    const { media, call } = await calling(offer);

    const { reoffer = '' } = taken(media.takeImsAnswer(phone(number, said)));
    taken(media.takeBrowserAnswer(answerTo(reoffer)));

    expect(linesOfVideo(reoffer, 'm=video')[0]).toMatch(new RegExp(` ${String(spoken)}$`));
    expect(linesOfVideo(reoffer, 'a=fmtp')[0]).toContain(`profile-level-id=${told};`);
    expect(call.video?.rewrite).toMatchObject({
      payloadToIms: new Map([[spoken, number]]),
      payloadToBrowser: new Map([[number, spoken]]),
    });
  });

  it('is added in mid-call, and offered anew in the words of before', async () => {
    const { media, call } = await calling(aBrowserSdp());
    taken(media.takeImsAnswer(anImsSdp()));
    await media.video.want('sendrecv');
    taken(media.offerIms({ isHeld: false }));

    const { reoffer = '' } = taken(media.takeImsAnswer(phone(120, '428014')));
    taken(media.takeBrowserAnswer(answerTo(reoffer)));
    const again = taken(media.offerIms({ isHeld: true }));

    expect(linesOfVideo(reoffer, 'a=fmtp:120')[0]).toContain('profile-level-id=42e014;');
    expect(linesOfVideo(again, 'a=fmtp:120')[0]).toContain('profile-level-id=42e01f');
    expect(call.video?.rewrite?.payloadToIms).toEqual(new Map([[120, 120]]));
  });
});

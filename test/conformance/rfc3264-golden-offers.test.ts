import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { MediaPolicy } from '../../shared/src/store/media-policy.ts';
import { aCallMedia, taken } from '../support/a-call-media.ts';
import { aBrowserSdp, answerTo } from '../support/an-sdp.ts';
import { FakeTranscoder } from '../support/fake-transcoder.ts';

const VECTORS = join(import.meta.dirname, 'vectors');
const CODECS = ['AMR-WB', 'AMR', 'G722', 'PCMA', 'PCMU', 'opus', 'H264', 'VP8'];

const read = (...path: readonly string[]): string =>
  readFileSync(join(VECTORS, ...path), 'utf8').replaceAll('\n', '\r\n');
const offerOf = (peer: string) => read('offers', `${peer}.sdp`);
const expected = (name: string) => read('expected', `${name}.sdp`);

const aCall = (policy: MediaPolicy = {}) =>
  aCallMedia({
    ...{ codecs: CODECS, policy },
    transcoder: new FakeTranscoder(),
    random: (bits) => 'A'.repeat(Math.ceil(bits / 6)),
  }).media;

/** Chromium's own answer, cut down: voice and both video formats as we number them. */
const ANSWER_WITH_VIDEO = (offer: string): string =>
  offer
    .replaceAll('a=setup:actpass', 'a=setup:active')
    .replaceAll(/a=ice-ufrag:.*\r\n/g, 'a=ice-ufrag:wxyz\r\n')
    .replaceAll(/a=ice-pwd:.*\r\n/g, 'a=ice-pwd:abcdefghijklmnopqrstuvwx\r\n');

describe('RFC 3264 §5 and RFC 9429 §5.3: what browsers offer', () => {
  it.each(['chromium', 'firefox', 'safari'])(
    '%s: its answer and the offer to IMS are those of the table (MED-1, MED-2, MED-9)',
    async (browser) => {
      const { accessAnswer, imsOffer } = taken(await aCall().takeBrowserOffer(offerOf(browser)));

      expect(accessAnswer).toBe(expected(`${browser}-answer-to-browser`));
      expect(imsOffer).toBe(expected(`${browser}-offer-to-ims`));
    },
  );

  it('chromium: the offer to IMS is that of the table where DTLS is demanded (MED-7)', async () => {
    const media = aCall({ srtp: 'require-dtls' });

    const { imsOffer } = taken(await media.takeBrowserOffer(offerOf('chromium')));

    expect(imsOffer).toBe(expected('chromium-offer-to-ims-over-dtls'));
  });
});

describe('RFC 3264 §6 and 3GPP TS 26.114 §6.2: what peers of IMS offer', () => {
  it.each(['volte-ue', 'baresip', 'linphone', 'asterisk', 'asterisk-dtls', 'cisco', 'mgcf'])(
    '%s: the offer to the browser and its answer are those of the table (MED-1, MED-3, MED-7)',
    async (peer) => {
      const media = aCall();
      const { accessOffer } = taken(await media.takeImsOffer(offerOf(peer)));
      taken(media.takeBrowserAnswer(ANSWER_WITH_VIDEO(accessOffer)));
      expect(accessOffer).toBe(expected(`${peer}-offer-to-browser`));
      expect(taken(media.imsAnswer())).toBe(expected(`${peer}-answer-to-ims`));
    },
  );

  it('a browser without a camera is heard all the same', async () => {
    const media = aCall();
    taken(await media.takeImsOffer(offerOf('baresip')));
    taken(media.takeBrowserAnswer(aBrowserSdp({ setup: 'active' })));

    expect(taken(media.imsAnswer())).toContain('m=video 0 RTP/AVP 98\r\n');
  });
});

describe('RFC 3264 §8: peers of IMS that add video to a call, end it and add it again', () => {
  it.each(['volte-ue', 'baresip', 'linphone', 'asterisk', 'cisco'])(
    '%s: each answer and each offer to the browser is that of the table (SES-5, MED-9)',
    async (peer) => {
      const media = await talkingWith(peer);
      const told: string[] = [];
      for (const [step, offer] of stepsOf(peer)) {
        await media.video.makeRoom(offer);
        const { imsAnswer, reoffer } = taken(media.takeImsReoffer(offer));
        told.push(`== ${step}: to IMS\r\n${imsAnswer}`);
        if (reoffer === undefined) continue;
        told.push(`== ${step}: to the browser\r\n${reoffer}`);
        taken(media.takeBrowserAnswer(answerTo(reoffer)));
      }

      expect(told.join('')).toBe(expected(`mid-call/${peer}`));
    },
  );

  it('volte-ue: a browser that takes no video has it ended in its place (§8.2)', async () => {
    const media = await talkingWith('volte-ue');
    const offer = withVideoOf('volte-ue', 2);
    await media.video.makeRoom(offer);
    const { reoffer = '' } = taken(media.takeImsReoffer(offer));
    const no = answerTo(reoffer).replace(/m=video \d+/, 'm=video 0');

    expect(taken(media.takeBrowserAnswer(no))).toEqual({ refusesVideo: true });
    expect(await media.video.want('none')).toBe(true);
    const ours = taken(media.offerIms({ isHeld: false }));

    expect(ours).toBe(expected('mid-call/volte-ue-refused-by-browser'));
  });
});

describe('RFC 3264 §8: users of browsers that add video, end it and add it again', () => {
  it.each(['chromium', 'firefox', 'safari'])(
    '%s: each offer to IMS and to the browser is that of the table (SES-5, MED-9)',
    async (browser) => {
      const media = await talkingOn(browser);
      const told: string[] = [];
      for (const [step, wish] of WISHES) {
        await media.video.want(wish);
        const offer = taken(media.offerIms({ isHeld: false }));
        told.push(`== ${step}: to IMS\r\n${offer}`);
        const { reoffer = '' } = taken(media.takeImsAnswer(phoneAnswer(offer)));
        told.push(`== ${step}: to the browser\r\n${reoffer}`);
        taken(media.takeBrowserAnswer(answerTo(reoffer)));
      }

      expect(told.join('')).toBe(expected(`mid-call/${browser}`));
    },
  );

  it('mgcf: a gateway to telephones refuses it, and the browser never hears of it', async () => {
    const media = await talkingWith('mgcf');
    await media.video.want('sendrecv');
    const offer = taken(media.offerIms({ isHeld: false }));
    const refusal = offerOf('mgcf').concat('m=video 0 RTP/AVPF 120\r\n');

    expect(taken(media.takeImsAnswer(refusal))).toEqual({});
    const after = taken(media.offerIms({ isHeld: false }));

    expect(`== added: to IMS\r\n${offer}== refused: to IMS\r\n${after}`).toBe(
      expected('mid-call/mgcf'),
    );
  });
});

const WISHES = [
  ['added', 'sendrecv'],
  ['ended', 'none'],
  ['again', 'sendrecv'],
] as const;

/** Those that begin without have their video in a file of its own. */
const videoOf = (peer: string): string => {
  const at = offerOf(peer).indexOf('m=video');
  return at < 0 ? read('offers', 'mid-call', `${peer}-video.sdp`) : offerOf(peer).slice(at);
};
const voiceOf = (peer: string): string => offerOf(peer).split('m=video')[0] ?? '';

/** Each offer of a session counts one more (§8). */
const version = (sdp: string, number: number): string =>
  sdp.replace(/^(o=\S+ \S+) \d+/m, (_, before: string) => `${before} ${String(number)}`);
const withVideoOf = (peer: string, number: number): string =>
  version(voiceOf(peer) + videoOf(peer), number);
const withoutVideoOf = (peer: string, number: number): string =>
  version(voiceOf(peer) + videoOf(peer).replace(/^m=video \d+/, 'm=video 0'), number);

const stepsOf = (peer: string) =>
  [
    ['added', withVideoOf(peer, 2)],
    ['ended', withoutVideoOf(peer, 3)],
    ['again', withVideoOf(peer, 4)],
  ] as const;

/** A call of voice that this peer began. */
async function talkingWith(peer: string) {
  const media = aCall();
  const { accessOffer } = taken(await media.takeImsOffer(voiceOf(peer)));
  taken(media.takeBrowserAnswer(answerTo(accessOffer)));
  taken(media.imsAnswer());
  media.owedReoffer();
  return media;
}

/** A call of voice that this browser began, in what the phone names first. */
async function talkingOn(browser: string) {
  const media = aCall();
  const voice = voiceOf(browser).replace('BUNDLE 0 1', 'BUNDLE 0');
  const { imsOffer } = taken(await media.takeBrowserOffer(voice));
  const { reoffer } = taken(media.takeImsAnswer(phoneAnswer(imsOffer)));
  if (reoffer !== undefined) taken(media.takeBrowserAnswer(answerTo(reoffer)));
  return media;
}

/** A phone with G.722, and H.264 at a level of its own: the first of each, under our numbers. */
function phoneAnswer(offer: string): string {
  const video = /^m=video (\d+) RTP\/AVPF (\d+)/m.exec(offer);
  const [, port = '0', number = '0'] = video ?? [];
  return [
    ...['v=0', 'o=phone 7 7 IN IP4 198.51.100.70', 's=-', 'c=IN IP4 198.51.100.70', 't=0 0'],
    'm=audio 7000 RTP/AVP 9 101',
    ...['a=rtpmap:9 G722/8000', 'a=rtpmap:101 telephone-event/8000'],
    ...(video ? [`m=video ${port === '0' ? '0' : '7002'} RTP/AVPF ${number}`] : []),
    ...(port === '0'
      ? []
      : [
          `a=rtpmap:${number} H264/90000`,
          `a=fmtp:${number} profile-level-id=42c00d;packetization-mode=1`,
          ...[`a=rtcp-fb:${number} nack pli`, `a=rtcp-fb:${number} ccm tmmbr`],
          'a=sendrecv',
        ]),
    '',
  ].join('\r\n');
}

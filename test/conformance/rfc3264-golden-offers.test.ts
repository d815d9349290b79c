import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { aCallMedia, taken } from '../support/a-call-media.ts';
import { aBrowserSdp } from '../support/an-sdp.ts';
import { FakeTranscoder } from '../support/fake-transcoder.ts';

const VECTORS = join(import.meta.dirname, 'vectors');
const CODECS = ['AMR-WB', 'AMR', 'G722', 'PCMA', 'PCMU', 'opus', 'H264', 'VP8'];

const read = (...path: readonly string[]): string =>
  readFileSync(join(VECTORS, ...path), 'utf8').replaceAll('\n', '\r\n');
const offerOf = (peer: string) => read('offers', `${peer}.sdp`);
const expected = (name: string) => read('expected', `${name}.sdp`);

const aCall = () =>
  aCallMedia({
    codecs: CODECS,
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
});

describe('RFC 3264 §6 and 3GPP TS 26.114 §6.2: what peers of IMS offer', () => {
  it.each(['volte-ue', 'baresip', 'linphone', 'asterisk', 'cisco', 'mgcf'])(
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

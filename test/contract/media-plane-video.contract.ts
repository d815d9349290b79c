import { concatBytes } from '../../media-node/src/core/media/bytes.ts';
import {
  writeBandwidthRequest,
  writeEstimate,
  writeFullIntra,
  writeNack,
  writePictureLoss,
} from '../../media-node/src/core/media/rtcp-feedback.ts';
import { readReports, writeReport } from '../../media-node/src/core/media/rtcp-packet.ts';
import { readRtpHeader, writeRtp } from '../../media-node/src/core/media/rtp-packet.ts';
import { until } from '../support/until.ts';
import { peerOf, srtpOf } from './ims-keys.ts';
import { type CreatePlane, OPEN, settle } from './media-plane.contract.ts';
import { heardByIms, imsVoice, obeyedBy, voice } from './media-plane-scene.ts';
import {
  BROWSER_SSRC,
  createVideoScenes,
  feedbackTo,
  IMS_SSRC,
  imsPicture,
  picture,
  VP8_TO_97,
} from './media-plane-video-scene.ts';

const A_REPORT = writeReport({ ssrc: IMS_SSRC, cname: 'screen', blocks: [] });

const sequenceOf = (packet: Buffer | undefined) =>
  readRtpHeader(packet ?? Buffer.alloc(0))?.sequence;

/** What every plane that carries video does with it. */
export function describeVideo(name: string, createPlane: CreatePlane): void {
  const { aSeenTalk, aTalk, aVideoTalk, anImsPeer, takeDown } = createVideoScenes(createPlane);
  afterEach(takeDown);

  describe(`MED-2 and MED-9: video on the ${name} media plane`, () => {
    it('shares the port of the browser and has one of its own toward IMS', async () => {
      const scene = await aVideoTalk();
      const { call, video, browser, ims, screen } = scene;

      await browser.sendRtp(voice(1));
      await browser.sendRtp(picture(1));
      ims.send(imsVoice(1), call.ims);
      screen.send(imsPicture(1), video.ims);
      await until(() => browser.heard.length === 2 && ims.heard.length === 1);
      await until(() => screen.heard.length === 1);

      expect(heardByIms(scene)).toEqual(['voice 1']);
      expect(screen.heard[0]?.subarray(12).toString()).toBe('picture 1');
      expect((screen.heard[0]?.[1] ?? 0) & 0x7f).toBe(97);
      expect(browser.heard.map((it) => [it.ssrc, it.payloadType, it.payload]).sort()).toEqual(
        [
          [call.ssrcToBrowser, 111, 'ims 1'],
          [video.ssrcToBrowser, 96, 'ims picture 1'],
        ].sort(),
      );
      expect(video.ims.rtpPort % 2).toBe(0);
      expect(video.ims.rtpPort).not.toBe(call.ims.rtpPort);
      expect(video.stats().ims).toMatchObject({ packetsReceived: 1, packetsSent: 1 });
    });

    it('stops with its own gate, and gives its ports back while the voice goes on', async () => {
      const scene = await aSeenTalk();
      const { call, video, browser, screen } = scene;

      video.setGate({ toIms: false, toBrowser: false });
      await obeyedBy(scene);
      await browser.sendRtp(picture(2));
      screen.send(imsPicture(2), video.ims);
      await until(() => video.stats().access.packetsDropped === 1);
      await video.close();
      await browser.sendRtp(picture(3));
      await browser.sendRtp(voice(1));
      await until(() => heardByIms(scene).length === 1);
      const again = await call.openVideo?.();

      expect(screen.heard).toHaveLength(1);
      expect(again?.ssrcToBrowser).toBeDefined();
    });

    it('hears no stranger on its port (MED-12)', async () => {
      const { video, browser } = await aVideoTalk();
      const stranger = await anImsPeer();

      stranger.send(imsPicture(1), video.ims);
      await until(() => video.stats().ims.packetsDropped === 1);

      expect(browser.heard).toHaveLength(0);
    });

    it('is SRTP toward IMS where keys were agreed, and sent again as it was sealed (MED-7)', async () => {
      const scene = await aTalk();
      const { call, browser } = scene;
      const [video, screen] = [await call.openVideo?.(), await anImsPeer()];
      const srtp = srtpOf('AES_CM_128_HMAC_SHA1_80');
      const peer = peerOf(srtp);
      video?.connectIms({ ...screen.endpoint, srtp });
      video?.setRewrite(VP8_TO_97);
      video?.setGate(OPEN);
      await obeyedBy(scene);
      const to = video?.ims ?? screen.endpoint;

      await browser.sendRtp(picture(1));
      screen.send(peer.sender.protectRtp(imsPicture(1)) ?? Buffer.alloc(0), to);
      screen.send(imsPicture(2), to);
      await until(() => screen.heard.length === 1 && video?.stats().ims.packetsDropped === 1);
      const opened = peer.receiver.unprotectRtp(screen.heard[0] ?? Buffer.alloc(0));
      const { ssrc = 0, sequence = 0 } = readRtpHeader(opened ?? Buffer.alloc(0)) ?? {};
      const nack = concatBytes(A_REPORT, writeNack(IMS_SSRC, ssrc, [sequence]));
      screen.sendRtcp(peer.sender.protectRtcp(nack), to);
      await until(() => screen.heard.length === 2 && browser.heard.length === 1);

      expect(Buffer.from(opened?.subarray(12) ?? []).toString()).toBe('picture 1');
      expect(browser.heard[0]?.payload).toBe('ims picture 1');
      expect(screen.heard[1]).toEqual(screen.heard[0]);
    });

    it('keeps the orientation of the picture under the number of each side, and no other extension', async () => {
      const { video, browser, screen } = await aVideoTalk();
      // Extension 4 of IMS turns the picture, 7 is nobody's (RFC 8285 §4.2).
      const extension = Buffer.from([0xbe, 0xde, 0, 2, 0x70, 0xaa, 0x40, 0x02, 0, 0, 0, 0]);
      const fields = { marker: true, payloadType: 97, sequence: 9, timestamp: 9, ssrc: IMS_SSRC };

      screen.send(writeRtp(fields, Buffer.from('turned'), extension), video.ims);
      await until(() => browser.heard.length === 1);

      expect(browser.heard[0]?.payload).toBe('turned');
      expect(browser.extensions.at(-1)).toEqual([{ id: 13, payload: [2] }]);
    });
  });

  describe(`MED-9 and MED-10: feedback through the ${name} media plane`, () => {
    it('asks each side for a picture in the name of the other', async () => {
      const scene = await aSeenTalk();
      const { video, browser, screen } = scene;
      const ours = readRtpHeader(screen.heard[0] ?? Buffer.alloc(0))?.ssrc ?? 0;

      await browser.sendRtcp(writePictureLoss(BROWSER_SSRC, video.ssrcToBrowser));
      screen.sendRtcp(writeFullIntra(IMS_SSRC, ours, 1), video.ims);
      await until(() => feedbackTo(scene).length > 0 && browser.heardFeedback.length > 0);

      expect(feedbackTo(scene)).toEqual([{ kind: 'pli', media: IMS_SSRC }]);
      expect(browser.heardFeedback).toEqual([{ kind: 'pli', media: BROWSER_SSRC }]);
    });

    it('uses the command where a side knows no other way, and nothing where it takes none', async () => {
      const commanded = await aSeenTalk({ feedback: { browser: ['pli'], ims: ['fir'] } });
      const silent = await aSeenTalk({ feedback: { browser: ['pli'], ims: [] } });

      for (const { browser, video } of [commanded, silent]) {
        await browser.sendRtcp(writePictureLoss(BROWSER_SSRC, video.ssrcToBrowser));
      }
      await until(() => feedbackTo(commanded).length === 1);
      await settle();

      expect(feedbackTo(commanded)).toEqual([{ kind: 'fir', media: IMS_SSRC }]);
      expect(feedbackTo(silent)).toEqual([]);
    });

    it('sends again by itself what was lost behind it, unchanged', async () => {
      const { video, browser, screen } = await aSeenTalk();
      const lost = browser.heard[0]?.sequence ?? 0;
      const received = browser.received.length;
      const ours = readRtpHeader(screen.heard[0] ?? Buffer.alloc(0))?.ssrc ?? 0;

      await browser.sendRtcp(writeNack(BROWSER_SSRC, video.ssrcToBrowser, [lost]));
      screen.sendRtcp(writeNack(IMS_SSRC, ours, [sequenceOf(screen.heard[0]) ?? 0]), video.ims);
      await until(() => screen.heard.length === 2 && browser.received.length > received);

      expect(screen.heard[1]).toEqual(screen.heard[0]);
      const isTwice = (packet: Buffer) =>
        browser.received.filter((it) => it.equals(packet)).length === 2;
      expect(browser.received.some(isTwice)).toBe(true);
    });

    it('asks on, under the numbers of the sender, for what it never had', async () => {
      const scene = await aSeenTalk();
      const { video, browser, screen } = scene;
      screen.send(imsPicture(4), video.ims);
      await until(() => browser.heard.length === 2);
      const [, after] = browser.heard;
      const lost = ((after?.sequence ?? 0) + 0xffff) % 0x1_0000;

      await browser.sendRtcp(writeNack(BROWSER_SSRC, video.ssrcToBrowser, [lost]));
      await until(() => feedbackTo(scene).length === 1);

      expect(feedbackTo(scene)).toEqual([{ kind: 'nack', media: IMS_SSRC, sequences: [3] }]);
    });

    it('asks the browser for what was lost on the way from it, whatever IMS can ask', async () => {
      const { browser, screen } = await aSeenTalk({
        feedback: { browser: ['nack', 'pli'], ims: [] },
      });

      for (let sequence = 3; browser.heardFeedback.length === 0; sequence += 1) {
        await browser.sendRtp(picture(sequence));
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      await browser.sendRtp(picture(2));
      await until(() => screen.heard.some((it) => it.subarray(12).toString() === 'picture 2'));

      expect(browser.heardFeedback[0]).toEqual({
        ...{ kind: 'nack', media: BROWSER_SSRC, sequences: [2] },
      });
    });

    it('passes a limit of the rate on in the words of the other side, and confirms it', async () => {
      const scene = await aSeenTalk({
        feedback: { browser: ['pli', 'remb'], ims: ['pli', 'tmmbr'] },
      });
      const { video, browser, screen } = scene;
      const ours = readRtpHeader(screen.heard[0] ?? Buffer.alloc(0))?.ssrc ?? 0;
      // 128 000 in a word of TMMBR; who it is of stands before it.
      const notice = Buffer.of(0, 0, 0, IMS_SSRC, 0x03, 0xe8, 0, 0);

      screen.sendRtcp(writeBandwidthRequest(IMS_SSRC, ours, 128_000), video.ims);
      await browser.sendRtcp(writeEstimate(BROWSER_SSRC, video.ssrcToBrowser, 64_000));
      await until(() => feedbackTo(scene).length > 0 && browser.heardFeedback.length > 0);
      await until(() => screen.heardRtcp.some((it) => it.includes(notice)));

      expect(feedbackTo(scene)).toMatchObject([
        { kind: 'limit', media: IMS_SSRC, bitsPerS: 64_000 },
      ]);
      const limit = { kind: 'limit', media: BROWSER_SSRC, bitsPerS: 128_000 };
      expect(browser.heardFeedback[0]).toEqual(limit);
      // Of a REMB nobody says that it came: it is repeated with the reports, until another follows.
      await until(() => browser.heardFeedback.length > 2);
      expect(browser.heardFeedback[2]).toEqual(limit);
    });

    it('reports on video to each side, and wants a picture when it opens', async () => {
      const scene = await aSeenTalk();
      const { video, browser, screen } = scene;
      video.setGate({ toIms: false, toBrowser: false });

      video.setGate(OPEN);
      await until(() => feedbackTo(scene).length === 1 && browser.heardFeedback.length === 1);
      const blocks = () =>
        screen.heardRtcp.flatMap((it) => readReports(it)).flatMap((it) => it.blocks);
      await until(() => blocks().length > 0);

      expect(blocks()[0]?.ssrc).toBe(IMS_SSRC);
    });

    it('asks a browser that began before it was agreed what is video, as soon as it opens', async () => {
      const scene = await aTalk();
      const { browser } = scene;
      const [video, screen] = [await scene.call.openVideo?.(), await anImsPeer()];

      const dropped = () => scene.call.stats().access.packetsDropped;
      // A flight of DTLS that came twice on a busy machine counts, too.
      const before = dropped();
      await browser.sendRtp(picture(1));
      await until(() => dropped() === before + 1);
      video?.connectIms(screen.endpoint);
      video?.setRewrite(VP8_TO_97);
      video?.setGate(OPEN);
      await until(() => browser.heardFeedback.length > 0);

      expect(browser.heardFeedback).toEqual([{ kind: 'pli', media: BROWSER_SSRC }]);
    });

    it('is not hurt by feedback that lies about its length', async () => {
      const scene = await aSeenTalk();
      const { video, browser, screen } = scene;
      const whole = writeNack(BROWSER_SSRC, video.ssrcToBrowser, [1, 2, 3]);

      for (const length of [4, 8, 12, 15]) {
        const cut = Buffer.from(concatBytes(whole.subarray(0, length), new Uint8Array(4)));
        await browser.sendRtcp(cut);
        screen.sendRtcp(cut, video.ims);
      }
      await browser.sendRtp(picture(2));
      await until(() => screen.heard.length === 2);

      expect(screen.heard[1]?.subarray(12).toString()).toBe('picture 2');
    });
  });
}

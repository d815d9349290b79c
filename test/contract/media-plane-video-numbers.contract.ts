import {
  writeFullIntra,
  writeNack,
  writePictureLoss,
} from '../../media-node/src/core/media/rtcp-feedback.ts';
import { readReports, writeReport } from '../../media-node/src/core/media/rtcp-packet.ts';
import { readRtpHeader } from '../../media-node/src/core/media/rtp-packet.ts';
import { until } from '../support/until.ts';
import type { CreatePlane } from './media-plane.contract.ts';
import { expectVoice, restart } from './media-plane-scene.ts';
import {
  BROWSER_SSRC,
  createVideoScenes,
  feedbackTo,
  IMS_SSRC,
  imsPicture,
  picture,
} from './media-plane-video-scene.ts';

const TICKS_PER_MS = 90;

/** What a plane counts of video, and how that outlives the way it came by. */
export function describeVideoNumbers(name: string, createPlane: CreatePlane): void {
  const { aSeenTalk, takeDown } = createVideoScenes(createPlane);
  afterEach(takeDown);

  describe(`the numbers of video on the ${name} media plane`, () => {
    it('tell what each side and the node have asked of each other', async () => {
      const { video, browser, screen } = await aSeenTalk();
      const { sequence = 0, ssrc = 0 } = readRtpHeader(screen.heard[0] ?? Buffer.alloc(0)) ?? {};
      const before = video.stats();
      const neverCame = ((browser.heard[0]?.sequence ?? 0) + 0xffff) % 0x1_0000;

      await browser.sendRtcp(writePictureLoss(BROWSER_SSRC, video.ssrcToBrowser));
      await browser.sendRtcp(writeNack(BROWSER_SSRC, video.ssrcToBrowser, [neverCame]));
      // And of nobody here.
      await browser.sendRtcp(writePictureLoss(BROWSER_SSRC, video.ssrcToBrowser + 1));
      screen.sendRtcp(writeFullIntra(IMS_SSRC, ssrc, 1), video.ims);
      screen.sendRtcp(writeNack(IMS_SSRC, ssrc, [sequence]), video.ims);
      screen.sendRtcp(writeNack(IMS_SSRC, ssrc, [sequence]), video.ims);
      await until(() => video.stats().ims.requestsReceived.nacks === 2);
      await until(() => video.stats().ims.requestsSent.nacks === 1);

      const none = { nacks: 0, pictures: 0 };
      expect(before.access).toMatchObject({ requestsReceived: none, requestsSent: none });
      expect(video.stats()).toMatchObject({
        access: {
          requestsReceived: { nacks: 1, pictures: 1 },
          requestsSent: { nacks: 0, pictures: 1 },
        },
        // What it has still is sent again, and asked of nobody.
        ims: {
          requestsReceived: { nacks: 2, pictures: 1 },
          requestsSent: { nacks: 1, pictures: 1 },
        },
      });
    });

    it('tell how each end receives it, by the clock of video, and how far it is', async () => {
      const { call, video, browser, screen } = await aSeenTalk();
      const ssrcToIms = readRtpHeader(screen.heard[0] ?? Buffer.alloc(0))?.ssrc ?? 0;
      const reportsOfNode = () => screen.heardRtcp.flatMap((it) => readReports(it));
      const named = () =>
        reportsOfNode().find((it) => it.ssrc === ssrcToIms && it.ntpMiddle !== undefined);
      await until(() => named() !== undefined);
      const heardAs = (ssrc: number, lastReport: number) =>
        writeReport({
          ...{ ssrc: 0x4242, cname: 'far' },
          blocks: [
            {
              ...{ ssrc, cumulativeLost: 7, fractionLost: 64, highestSequence: 1 },
              ...{ jitterTicks: 10 * TICKS_PER_MS, lastReport, delaySinceLast: 0 },
            },
          ],
        });

      await browser.sendRtcp(heardAs(video.ssrcToBrowser, 0));
      screen.sendRtcp(heardAs(ssrcToIms, named()?.ntpMiddle ?? 0), video.ims);
      await until(() => video.stats().access.far !== undefined);
      await until(() => video.stats().ims.roundTripMs !== undefined);

      const far = { packetsLost: 7, recentLoss: 0.25, jitterMs: 10 };
      expect(video.stats()).toMatchObject({ access: { far }, ims: { far } });
      expect(video.stats().ims).toMatchObject({ packetsReceived: 1, packetsSent: 1 });
      // Nothing of it is of the voice.
      expect(call.stats().ims.far).toBeUndefined();
      expect(call.stats().ims.packetsReceived).toBe(0);
    });
  });

  describe(`SES-8: video on the ${name} media plane whose browser moves to another way`, () => {
    it('goes on with the voice, and both senders are asked for a whole picture', async () => {
      const scene = await aSeenTalk();
      const { video, browser, screen } = scene;

      const { leave } = await restart(scene);
      await leave();
      await until(() => feedbackTo(scene).length > 0 && browser.heardFeedback.length > 0);
      await browser.sendRtp(picture(2));
      screen.send(imsPicture(2), video.ims);
      await until(() => screen.heard.length === 2 && browser.heard.length === 2);
      await expectVoice(scene);

      expect(feedbackTo(scene)).toEqual([{ kind: 'pli', media: IMS_SSRC }]);
      expect(browser.heardFeedback).toEqual([{ kind: 'pli', media: BROWSER_SSRC }]);
      expect(video.stats().access.packetsLost).toBe(0);
    });
  });
}

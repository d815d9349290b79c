import { readFeedback } from '../../media-node/src/core/media/rtcp-feedback.ts';
import { writeRtp } from '../../media-node/src/core/media/rtp-packet.ts';
import type { VideoRewrite, VideoStream } from '../../media-node/src/ports/media-plane.ts';
import { until } from '../support/until.ts';
import type { ImsPeer } from './ims-peer.ts';
import { type CreatePlane, OPEN } from './media-plane.contract.ts';
import { createScenes, obeyedBy, type Scene } from './media-plane-scene.ts';

export const BROWSER_SSRC = 0x4321;
export const IMS_SSRC = 0x88;
export const VP8_TO_97: VideoRewrite = {
  payloadToIms: new Map([[96, 97]]),
  payloadToBrowser: new Map([[97, 96]]),
  orientation: { browser: 13, ims: 4 },
  feedback: { browser: ['nack', 'pli', 'fir'], ims: ['nack', 'pli'] },
};

export const picture = (sequence: number) => ({
  payloadType: 96,
  sequence,
  ssrc: BROWSER_SSRC,
  payload: `picture ${String(sequence)}`,
});
export const imsPicture = (sequence: number) =>
  writeRtp(
    {
      ...{ marker: false, payloadType: 97, sequence, timestamp: sequence * 3000 },
      ssrc: IMS_SSRC,
    },
    Buffer.from(`ims picture ${String(sequence)}`),
  );

export interface VideoScene extends Scene {
  readonly video: VideoStream;
  /** The IMS side of the video. */
  readonly screen: ImsPeer;
}

/** What IMS was asked. */
export const feedbackTo = ({ screen }: VideoScene) =>
  screen.heardRtcp.flatMap((it) => readFeedback(it));

/** Calls with video, and everything around them. */
export function createVideoScenes(createPlane: CreatePlane) {
  const scenes = createScenes(createPlane);
  const { aTalk, anImsPeer } = scenes;

  async function aVideoTalk(rewrite: Partial<VideoRewrite> = {}): Promise<VideoScene> {
    const scene = await aTalk();
    const video = await scene.call.openVideo?.();
    if (!video) throw new Error('a plane without video');
    const screen = await anImsPeer();
    video.connectIms(screen.endpoint);
    video.setRewrite({ ...VP8_TO_97, ...rewrite });
    video.setGate(OPEN);
    await obeyedBy(scene);
    return { ...scene, video, screen };
  }

  /** One picture each way, so that both sources are known. */
  async function aSeenTalk(rewrite: Partial<VideoRewrite> = {}): Promise<VideoScene> {
    const scene = await aVideoTalk(rewrite);
    await scene.browser.sendRtp(picture(1));
    scene.screen.send(imsPicture(1), scene.video.ims);
    await until(() => scene.screen.heard.length === 1 && scene.browser.heard.length === 1);
    return scene;
  }

  return { ...scenes, aVideoTalk, aSeenTalk };
}

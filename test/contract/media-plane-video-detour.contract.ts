import {
  readFeedback,
  writeNack,
  writePictureLoss,
} from '../../media-node/src/core/media/rtcp-feedback.ts';
import { writeExtension } from '../../media-node/src/core/media/rtp-extension.ts';
import { readRtpHeader, writeRtp } from '../../media-node/src/core/media/rtp-packet.ts';
import type { LegName, VideoDetour } from '../../media-node/src/ports/media-plane.ts';
import { until } from '../support/until.ts';
import { type CreatePlane, OPEN, settle } from './media-plane.contract.ts';
import { createScenes, obeyedBy } from './media-plane-scene.ts';

const BROWSER_SSRC = 0x4321;
const IMS_SSRC = 0x88;

class RecordingDetour implements VideoDetour {
  readonly taken: (readonly [LegName, string])[] = [];
  readonly wanted: LegName[] = [];
  readonly limits: (readonly [LegName, number])[] = [];
  take(from: LegName, packet: Uint8Array): void {
    this.taken.push([from, Buffer.from(packet.subarray(12)).toString()]);
  }
  wantPicture(by: LegName): void {
    this.wanted.push(by);
  }
  limit(by: LegName, bitsPerS: number): void {
    this.limits.push([by, bitsPerS]);
  }
}

const made = (sequence: number, payloadType: number, text: string): Uint8Array =>
  writeRtp(
    { marker: true, payloadType, sequence, timestamp: sequence * 3000, ssrc: 1 },
    Buffer.from(text),
    writeExtension(payloadType === 97 ? 4 : 13, Uint8Array.of(3)),
  );

/** What a plane does whose video can be taken out and put back. */
export function describeVideoDetour(name: string, createPlane: CreatePlane): void {
  const { aTalk, anImsPeer, takeDown } = createScenes(createPlane);
  afterEach(takeDown);

  /** One picture each way is known to the plane, and was taken. */
  async function aDivertedTalk() {
    const scene = await aTalk();
    const video = await scene.call.openVideo?.();
    const detour = new RecordingDetour();
    const outlet = video?.divert?.(detour);
    if (!(video && outlet)) throw new Error('a plane whose video passes through and no more');
    const screen = await anImsPeer();
    video.connectIms(screen.endpoint);
    video.setRewrite({
      payloadToIms: new Map([[96, 97]]),
      payloadToBrowser: new Map([[97, 96]]),
      orientation: { browser: 13, ims: 4 },
      feedback: { browser: ['nack', 'pli'], ims: ['nack', 'pli'] },
    });
    video.setGate(OPEN);
    await obeyedBy(scene);
    const { browser } = scene;
    await browser.sendRtp({
      ...{ payloadType: 96, sequence: 1 },
      ssrc: BROWSER_SSRC,
      payload: 'vp8',
    });
    const fields = { marker: false, payloadType: 97, sequence: 1, timestamp: 0, ssrc: IMS_SSRC };
    screen.send(writeRtp(fields, Buffer.from('h264')), video.ims);
    await until(() => detour.taken.length === 2);
    // That both directions opened was wanted of it, and is no news.
    detour.wanted.length = 0;
    return { ...scene, video, detour, outlet, screen };
  }

  describe(`MED-9: video taken out of the ${name} media plane`, () => {
    it('goes to the detour and not to the other leg', async () => {
      const { detour, screen, browser } = await aDivertedTalk();
      await settle();

      expect([...detour.taken].sort()).toEqual([
        ['browser', 'vp8'],
        ['ims', 'h264'],
      ]);
      expect(screen.heard).toHaveLength(0);
      expect(browser.heard).toHaveLength(0);
    });

    it('comes back under the numbers of the leg, turned as it is said, and can be had again', async () => {
      const { outlet, screen, browser, video } = await aDivertedTalk();

      outlet.send('ims', made(5, 97, 'made h264'));
      outlet.send('browser', made(9, 96, 'made vp8'));
      await until(() => screen.heard.length === 1 && browser.heard.length === 1);
      const sent = readRtpHeader(screen.heard[0] ?? Buffer.alloc(0));
      screen.sendRtcp(writeNack(IMS_SSRC, sent?.ssrc ?? 0, [sent?.sequence ?? 0]), video.ims);
      await until(() => screen.heard.length === 2);

      expect(screen.heard[0]?.subarray(20).toString()).toBe('made h264');
      expect(screen.heard[0]?.subarray(12, 18).toString('hex')).toBe('bede00014003');
      expect(screen.heard[1]).toEqual(screen.heard[0]);
      expect(sent?.payloadType).toBe(97);
      expect(browser.heard[0]).toMatchObject({ ssrc: video.ssrcToBrowser, payload: 'made vp8' });
      expect(browser.extensions.at(-1)).toEqual([{ id: 13, payload: [3] }]);
      expect(video.stats().ims).toMatchObject({ packetsReceived: 1, packetsSent: 1 });
    });

    it('is told what a receiver wants, which its sender never hears of', async () => {
      const { detour, outlet, screen, browser, video } = await aDivertedTalk();
      outlet.send('ims', made(5, 97, 'made'));
      await until(() => screen.heard.length === 1);
      const ours = readRtpHeader(screen.heard[0] ?? Buffer.alloc(0))?.ssrc ?? 0;

      screen.sendRtcp(writePictureLoss(IMS_SSRC, ours), video.ims);
      await until(() => detour.wanted.length === 1);
      screen.sendRtcp(writeNack(IMS_SSRC, ours, [12_345]), video.ims);
      await until(() => detour.wanted.length === 2);
      screen.sendRtcp(bandwidthRequest(IMS_SSRC, ours, 256_000), video.ims);
      await until(() => detour.limits.length === 1);
      await settle();

      expect(detour.wanted).toEqual(['ims', 'ims']);
      expect(detour.limits).toEqual([['ims', 256_000]]);
      expect(browser.heardFeedback.filter((it) => it.kind !== 'limit')).toEqual([]);
    });

    it('asks a sender for a picture, and for packets by his own numbers', async () => {
      const { outlet, screen } = await aDivertedTalk();
      const before = screen.heardRtcp.flatMap((it) => readFeedback(it)).length;

      outlet.askPicture('ims');
      outlet.askAgain('ims', [7, 8]);
      await until(() => screen.heardRtcp.flatMap((it) => readFeedback(it)).length === before + 2);

      expect(screen.heardRtcp.flatMap((it) => readFeedback(it)).slice(before)).toEqual([
        { kind: 'pli', media: IMS_SSRC },
        { kind: 'nack', media: IMS_SSRC, sequences: [7, 8] },
      ]);
    });

    it('wants a whole picture of the detour where a direction opens, and nothing while it is shut', async () => {
      const scene = await aDivertedTalk();
      const { video, detour, outlet, screen, browser } = scene;
      video.setGate({ toIms: false, toBrowser: true });
      await obeyedBy(scene);
      await browser.sendRtp({
        ...{ payloadType: 96, sequence: 2 },
        ssrc: BROWSER_SSRC,
        payload: 'x',
      });
      outlet.send('ims', made(5, 97, 'late'));
      await until(() => video.stats().access.packetsDropped === 1);

      video.setGate(OPEN);

      expect(detour.wanted).toEqual(['ims']);
      expect(screen.heard).toHaveLength(0);
    });

    it('goes from leg to leg again without it', async () => {
      const scene = await aDivertedTalk();
      const { video, browser, screen } = scene;
      video.divert?.(undefined);
      await obeyedBy(scene);

      await browser.sendRtp({
        ...{ payloadType: 96, sequence: 2 },
        ssrc: BROWSER_SSRC,
        payload: 'x',
      });
      await until(() => screen.heard.length === 1);

      expect(screen.heard[0]?.subarray(12).toString()).toBe('x');
    });
  });
}

/** TMMBR of one entry (RFC 5104 §4.2.1.1), no overhead said. */
function bandwidthRequest(sender: number, media: number, bitsPerS: number): Buffer {
  const packet = Buffer.alloc(20);
  packet.set([0x83, 205, 0, 4]);
  packet.writeUInt32BE(sender, 4);
  packet.writeUInt32BE(media, 12);
  const power = Math.max(0, Math.ceil(Math.log2(bitsPerS / 0x1_ffff)));
  packet.writeUInt32BE(((power << 26) | (Math.floor(bitsPerS / 2 ** power) << 9)) >>> 0, 16);
  return packet;
}

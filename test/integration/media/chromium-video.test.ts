import {
  readFeedback,
  writeBandwidthNotice,
  writeBandwidthRequest,
  writePictureLoss,
} from '../../../media-node/src/core/media/rtcp-feedback.ts';
import { readRtpHeader } from '../../../media-node/src/core/media/rtp-packet.ts';
import type { CallMedia } from '../../../media-node/src/ports/call-media.ts';
import type { MediaEvent } from '../../../media-node/src/ports/media-plane.ts';
import { linesOf, taken } from '../../support/a-call-media.ts';
import { until } from '../../support/until.ts';
import { aMediaNode, labOptions, type MediaNode, type PlaneName } from './a-media-node.ts';
import { ChromiumPhone } from './chromium.ts';
import { ImsEcho } from './ims-echo.ts';
import { numberOf, screenSdp, type VideoFormat } from './ims-screen.ts';

const OPEN = { toIms: true, toBrowser: true };
const IMS_SSRC = 0x88;
const LIMIT_BITS_PER_S = 100_000;

let phone: ChromiumPhone;
let node: MediaNode;
let voice: ImsEcho;
let screen: ImsEcho;
let call: CallMedia;
let events: MediaEvent[];

function aCall(codecs: readonly string[]): CallMedia {
  events = [];
  call = node.media.create({ callId: 'call-0001', codecs }, (event) => events.push(event));
  return call;
}

const imsSdp = (format: VideoFormat | undefined, payloadType?: number) =>
  screenSdp({ voice, screen }, format, payloadType);

/** What IMS is told that it may send: of what comes back to the browser, which bears its own number. */
const limitsOfIms = () =>
  screen.heardRtcp.flatMap((it) => readFeedback(it)).filter(({ kind }) => kind === 'limit');

/** Of video, as IMS hears it. */
async function bitsInOneSecond(): Promise<number> {
  const before = screen.heard.length;
  await phone.wait(1_000);
  return screen.heard.slice(before).reduce((bits, it) => bits + 8 * it.length, 0);
}

describe.each<PlaneName>(['native', 'portable'])('%s', (plane) => {
  beforeAll(async () => {
    phone = await ChromiumPhone.open();
    node = await aMediaNode(labOptions, plane);
  });
  afterAll(async () => {
    await phone.close();
    await node.plane.close();
  });
  beforeEach(async () => {
    [voice, screen] = [await ImsEcho.open(), await ImsEcho.open()];
  });
  afterEach(async () => {
    await phone.hangUp();
    await call.close();
    voice.close();
    screen.close();
  });

  describe('MED-9: a Chromium with a camera', () => {
    it.each(['H264', 'VP8'] as const)(
      'sees its own %s come back from IMS, nothing lost',
      async (format) => {
        await phone.connect({ withCamera: true });
        const offered = taken(
          await aCall(['PCMA', 'H264', 'VP8']).takeBrowserOffer(await phone.offer()),
        );
        await phone.takeAnswer(offered.accessAnswer);
        call.addCandidates(await phone.candidates());
        await until(() => events.some((it) => it.kind === 'access-connected'));
        call.setGate(OPEN);

        const { reoffer = '' } = taken(
          call.takeImsAnswer(imsSdp(format, numberOf(offered.imsOffer, format))),
        );
        taken(call.takeBrowserAnswer(await phone.answer(reoffer)));
        const seen = await phone.see(60);
        const heard = await phone.hear(10);

        expect(seen.codec).toBe(`video/${format}`);
        expect(seen.decoded).toBeGreaterThan(30);
        expect(seen.lost).toBe(0);
        expect(heard.lost).toBe(0);
        expect(screen.payloadTypes().size).toBe(1);
        const carried = call.video.carried();
        expect(carried?.codecs).toEqual({ access: format, ims: format });
        expect(carried?.onMs).toBeGreaterThan(1_000);
        expect(carried?.access.packetsReceived).toBeGreaterThanOrEqual(seen.received);
        expect(carried?.ims).toMatchObject({ packetsLost: 0 });
        expect(carried?.access.octetsSent).toBeGreaterThan(10_000);
      },
    );

    it('goes on talking where IMS refuses the video', async () => {
      await phone.connect({ withCamera: true });
      const offered = taken(
        await aCall(['PCMA', 'H264', 'VP8']).takeBrowserOffer(await phone.offer()),
      );
      await phone.takeAnswer(offered.accessAnswer);
      call.addCandidates(await phone.candidates());
      call.setGate(OPEN);

      const { reoffer } = taken(call.takeImsAnswer(imsSdp(undefined)));
      const heard = await phone.hear(20);

      expect(reoffer).toBeUndefined();
      expect(heard.codec).toBe('audio/PCMA');
      expect(screen.heard).toHaveLength(0);
    });

    it('sends no more than IMS says that it takes, and says how much it takes itself (RFC 5104 §4.2)', async () => {
      await phone.connect({ withCamera: true });
      const offered = screenSdp({ voice, screen, feedback: ['ccm tmmbr'] }, 'VP8');
      const { accessOffer } = taken(await aCall(['PCMA', 'VP8']).takeImsOffer(offered));
      taken(call.takeBrowserAnswer(await phone.answer(accessOffer)));
      call.addCandidates(await phone.candidates());
      await until(() => events.some((it) => it.kind === 'access-connected'));
      taken(call.imsAnswer());
      call.setGate(OPEN);
      await phone.see(20);

      const { ssrc = 0 } = readRtpHeader(screen.heard[0] ?? Buffer.alloc(0)) ?? {};
      const free = await bitsInOneSecond();
      screen.sendRtcp(writeBandwidthRequest(IMS_SSRC, ssrc, LIMIT_BITS_PER_S));
      let limited = await bitsInOneSecond();
      while (limited > 1.3 * LIMIT_BITS_PER_S) limited = await bitsInOneSecond();
      // Of a browser it is an estimate, which it makes of what comes back.
      await until(() => limitsOfIms().length > 0);

      expect(free).toBeGreaterThan(1.3 * LIMIT_BITS_PER_S);
      const confirmed = Buffer.from(writeBandwidthNotice(0, IMS_SSRC, LIMIT_BITS_PER_S)).subarray(
        12,
      );
      expect(screen.heardRtcp.some((it) => it.includes(confirmed))).toBe(true);
      expect(limitsOfIms()).toContainEqual(expect.objectContaining({ media: ssrc }));
    });

    it('is called by a phone that says Baseline, and sends a whole picture when it asks for one', async () => {
      await phone.connect({ withCamera: true });
      const offered = screenSdp({ voice, screen, profileLevelId: '428014' }, 'H264');
      const { accessOffer } = taken(await aCall(['PCMA', 'H264']).takeImsOffer(offered));
      taken(call.takeBrowserAnswer(await phone.answer(accessOffer)));
      call.addCandidates(await phone.candidates());
      await until(() => events.some((it) => it.kind === 'access-connected'));
      const imsAnswer = taken(call.imsAnswer());
      call.setGate(OPEN);
      const seen = await phone.see(30);

      const ours = readRtpHeader(screen.heard[0] ?? Buffer.alloc(0))?.ssrc ?? 0;
      const { keyFrames: before } = await phone.filmed();
      // A browser passes over what comes too soon behind its last whole picture.
      while ((await phone.filmed()).keyFrames === before) {
        screen.sendRtcp(writePictureLoss(1, ours));
        await phone.wait(400);
      }

      expect(linesOf(imsAnswer, 'm=video')[0]).toMatch(/^m=video \d+ RTP\/AVPF 97$/);
      expect(linesOf(imsAnswer, 'a=fmtp:97')[0]).toContain('profile-level-id=428014');
      expect(seen.codec).toBe('video/H264');
      expect(seen.decoded).toBeGreaterThan(10);
      expect(screen.heardRtcp.flatMap((it) => readFeedback(it))).toBeDefined();
    });
  });
});

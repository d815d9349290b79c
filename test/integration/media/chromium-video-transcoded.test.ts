import { writePictureLoss } from '../../../media-node/src/core/media/rtcp-feedback.ts';
import { readRtpHeader } from '../../../media-node/src/core/media/rtp-packet.ts';
import type { CallMedia } from '../../../media-node/src/ports/call-media.ts';
import type { MediaEvent } from '../../../media-node/src/ports/media-plane.ts';
import type { VideoCodecName } from '../../../media-node/src/ports/video-codecs.ts';
import { isKey } from '../../contract/video-codecs.contract.ts';
import { linesOf, taken } from '../../support/a-call-media.ts';
import { until } from '../../support/until.ts';
import { asReadWithout } from '../../support/video/a-video-sdp.ts';
import { countedApart } from '../../support/video/moving-picture.ts';
import { readApart } from '../../support/video/packets.ts';
import { aMediaNode, labOptions, type MediaNode, type PlaneName } from './a-media-node.ts';
import { ChromiumPhone } from './chromium.ts';
import { ImsEcho } from './ims-echo.ts';

const OPEN = { toIms: true, toBrowser: true };
const FORMATS = {
  H264: ['H264/90000', 'profile-level-id=42e01e;packetization-mode=1'],
  VP8: ['VP8/90000', ''],
} as const;

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

/** Audio as PCMA and video of one format, both echoed. */
function imsSdp(format: VideoCodecName, payloadType = 97): string {
  const [map, fmtp] = FORMATS[format];
  const number = String(payloadType);
  return voice.sdp(
    ['8'],
    `m=video ${String(screen.rtpPort)} RTP/AVPF ${number}`,
    `a=rtcp:${String(screen.rtcpPort)}`,
    `a=rtpmap:${number} ${map}`,
    ...(fmtp ? [`a=fmtp:${number} ${fmtp}`] : []),
    `a=rtcp-fb:${number} nack pli`,
    'a=sendrecv',
  );
}

/** What the phone of IMS has decoded of what it heard, the number of pictures. */
function seenByIms(codec: VideoCodecName, heard: readonly Buffer[] = screen.heard): number {
  const pictures = readApart(
    codec,
    heard.filter((it) => it.length > 20),
  );
  const first = pictures.findIndex((it) => isKey(codec, it));
  return countedApart(codec, pictures.slice(first));
}

beforeAll(async () => {
  phone = await ChromiumPhone.open();
});
afterAll(async () => {
  await phone.close();
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

describe.each<PlaneName>(['native', 'portable'])(
  'MED-9: no video format in common, %s',
  (plane) => {
    beforeAll(async () => {
      node = await aMediaNode(labOptions, plane);
    });
    afterAll(async () => {
      await node.close();
    });

    it.each([
      ['VP8', 'H264'],
      ['H264', 'VP8'],
    ] as const)(
      'has its %s made %s, both sides see, and a picture is whole when IMS asks',
      async (ours, theirs) => {
        await phone.connect({ withCamera: true, onlyVideo: ours });
        const offered = taken(await aCall(['PCMA', theirs]).takeBrowserOffer(await phone.offer()));
        await phone.takeAnswer(offered.accessAnswer);
        call.addCandidates(await phone.candidates());
        await until(() => events.some((it) => it.kind === 'access-connected'));
        call.setGate(OPEN);

        const answer = imsSdp(theirs, numberOf(offered.imsOffer, theirs));
        const { reoffer = '' } = taken(call.takeImsAnswer(answer));
        taken(call.takeBrowserAnswer(await phone.answer(reoffer)));
        const seen = await phone.see(40);

        const [last = Buffer.alloc(0)] = screen.heard.slice(-1);
        const before = screen.heard.length;
        const askedMs = Date.now();
        screen.sendRtcp(writePictureLoss(1, readRtpHeader(last)?.ssrc ?? 0));
        await until(() => keysAmong(theirs, screen.heard.slice(before)) > 0);
        const waitedMs = Date.now() - askedMs;

        expect(seen.codec).toBe(`video/${ours}`);
        expect(seen.decoded).toBeGreaterThan(30);
        expect(seenByIms(theirs)).toBeGreaterThan(30);
        // 200 ms where nobody else wants the machine.
        expect(waitedMs).toBeLessThan(2000);
      },
    );

    it('is called by a phone that has H.264 alone, and answers with its VP8', async () => {
      await phone.connect({ withCamera: true, onlyVideo: 'VP8' });
      const { accessOffer } = taken(await aCall(['PCMA', 'H264']).takeImsOffer(imsSdp('H264')));
      taken(call.takeBrowserAnswer(await phone.answer(asReadWithout('H264', accessOffer))));
      call.addCandidates(await phone.candidates());
      await until(() => events.some((it) => it.kind === 'access-connected'));
      const imsAnswer = taken(call.imsAnswer());
      call.setGate(OPEN);

      const seen = await phone.see(30);

      expect(linesOf(imsAnswer, 'm=video')[0]).toMatch(/^m=video \d+ RTP\/AVPF 97$/);
      expect(linesOf(imsAnswer, 'a=rtpmap:97')).toEqual(['a=rtpmap:97 H264/90000']);
      expect(seen.codec).toBe('video/VP8');
      expect(seenByIms('H264')).toBeGreaterThan(20);
    });

    it('sees on where a phone changes from its VP8 to H.264 in mid-call', async () => {
      await phone.connect({ withCamera: true, onlyVideo: 'VP8' });
      const codecs = ['PCMA', 'VP8', 'H264'];
      const offered = taken(await aCall(codecs).takeBrowserOffer(await phone.offer()));
      await phone.takeAnswer(offered.accessAnswer);
      call.addCandidates(await phone.candidates());
      await until(() => events.some((it) => it.kind === 'access-connected'));
      call.setGate(OPEN);
      const { reoffer = '' } = taken(
        call.takeImsAnswer(imsSdp('VP8', numberOf(offered.imsOffer, 'VP8'))),
      );
      taken(call.takeBrowserAnswer(await phone.answer(reoffer)));
      const before = await phone.see(10);

      const changed = taken(call.takeImsReoffer(imsSdp('H264', 98)));
      const after = await phone.see(before.decoded + 40);

      expect(linesOf(changed.imsAnswer, 'm=video')[0]).toMatch(/ 98$/);
      expect(changed.reoffer).toBeUndefined();
      expect(after.codec).toBe('video/VP8');
      const inNew = screen.heard.filter((it) => readRtpHeader(it)?.payloadType === 98);
      expect(seenByIms('H264', inNew)).toBeGreaterThan(20);
    });
  },
);

const keysAmong = (codec: VideoCodecName, packets: readonly Buffer[]): number =>
  packets.filter((it) => {
    const payload = it.subarray(12);
    if (codec === 'VP8') return (payload[0] ?? 0) === 0x90 && ((payload[4] ?? 1) & 1) === 0;
    const type = (payload[0] ?? 0) & 0x1f;
    return (
      type === 5 || type === 7 || type === 24 || (type === 28 && ((payload[1] ?? 0) & 0x1f) === 5)
    );
  }).length;

/** The first number our offer gives the format; of H.264 with fragments. */
function numberOf(offer: string, format: VideoCodecName): number {
  const maps = linesOf(offer, 'a=rtpmap:').filter((it) => it.endsWith(` ${FORMATS[format][0]}`));
  return Number(/:(\d+) /.exec(maps[0] ?? '')?.[1]);
}

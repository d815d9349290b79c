import {
  readFeedback,
  writeNack,
  writePictureLoss,
} from '../../../media-node/src/core/media/rtcp-feedback.ts';
import { readRtpHeader } from '../../../media-node/src/core/media/rtp-packet.ts';
import type { CallMedia } from '../../../media-node/src/ports/call-media.ts';
import type { MediaEvent } from '../../../media-node/src/ports/media-plane.ts';
import { taken } from '../../support/a-call-media.ts';
import type { ImpairmentRelay } from '../../support/impairment-relay.ts';
import { aMediaNode, labOptions, type MediaNode, type PlaneName } from './a-media-node.ts';
import { aPhoneAway, BAD, type PhoneAway } from './bad-path.ts';
import type { ChromiumPhone } from './chromium.ts';
import { ImsEcho } from './ims-echo.ts';
import { numberOf, screenSdp, type VideoFormat } from './ims-screen.ts';
import { throughRelay, withoutCandidates } from './through-relay.ts';

const OPEN = { toIms: true, toBrowser: true };
const NOTHING_LOST = { delayMs: 40 };
/** Longer than a request that is under way may still take. */
const QUIET_MS = 400;

let away: PhoneAway;
let phone: ChromiumPhone;
let node: MediaNode;
let voice: ImsEcho;
let screen: ImsEcho;
let call: CallMedia;
let relay: ImpairmentRelay;
let events: MediaEvent[];

beforeAll(async () => {
  away = await aPhoneAway();
  phone = away.phone;
});
afterAll(async () => {
  await away.close();
});

/** A call with a camera through the bad network; IMS never returns how the first picture begins. */
async function aVideoCall(format: VideoFormat): Promise<void> {
  [voice, screen] = [await ImsEcho.open(), await ImsEcho.open({ asksBack: true, loses: 1 })];
  events = [];
  const codecs = ['PCMA', format];
  await phone.connect({ withCamera: true });
  call = node.media.create({ callId: 'call-0001', codecs }, (it) => events.push(it));
  const offered = taken(await call.takeBrowserOffer(withoutCandidates(await phone.offer())));
  const through = await throughRelay(offered.accessAnswer, BAD, away.network.here);
  relay = through.relay;
  await phone.takeAnswer(through.sdp);
  await phone.waitUntilConnected();
  call.setGate(OPEN);
  const number = numberOf(offered.imsOffer, format);
  const { reoffer = '' } = taken(call.takeImsAnswer(screenSdp({ voice, screen }, format, number)));
  taken(call.takeBrowserAnswer(withoutCandidates(await phone.answer(through.there(reoffer)))));
}

/** What IMS was asked that is about what IMS sends, which bears the number of what it hears. */
function askedOfIms(): readonly string[] {
  const source = readRtpHeader(screen.heard[0] ?? Buffer.alloc(0))?.ssrc;
  const asked = screen.heardRtcp.flatMap((it) => readFeedback(it));
  return asked.flatMap(({ kind, media }) => (media === source ? [kind] : []));
}

/** What the browser has been asked, once nothing more is asked by the node itself. */
async function untilQuiet() {
  for (;;) {
    const before = await phone.filmed();
    await phone.wait(QUIET_MS);
    const now = await phone.filmed();
    if (now.nacks === before.nacks && now.plis === before.plis) return now;
  }
}

describe.each<PlaneName>(['native', 'portable'])('MED-9 and MED-10: %s', (plane) => {
  beforeAll(async () => {
    node = await aMediaNode(labOptions, plane);
  });
  afterAll(async () => {
    await node.close();
  });
  afterEach(async () => {
    await phone.hangUp();
    await call.close();
    await relay.close();
    voice.close();
    screen.close();
  });

  it.each<VideoFormat>(['VP8', 'H264'])(
    'voice and %s go on through a bad network: each side has of the other what it asks for',
    async (format) => {
      await aVideoCall(format);
      const seen = await phone.see(60);
      const later = await phone.see(seen.decoded + 40);
      const heard = await phone.inbound();
      const asked = askedOfIms();
      const { lost } = relay;
      const carried = call.video.carried();
      relay.become(NOTHING_LOST);
      const { nacks, plis } = await untilQuiet();
      const { sequence = 0, ssrc = 0 } = readRtpHeader(screen.heard[0] ?? Buffer.alloc(0)) ?? {};
      // From before the first: the node has not got it either.
      screen.sendRtcp(writeNack(1, ssrc, [(sequence + 0x1_0000 - 100) % 0x1_0000]));
      screen.sendRtcp(writePictureLoss(1, ssrc));
      let film = await phone.filmed();
      while (film.nacks === nacks || film.plis === plis) film = await phone.filmed();

      // There is no way but through the relay.
      expect(await away.network.routes()).toHaveLength(1);
      expect(await phone.remoteAddress()).toBe(away.network.here);
      expect(later.codec).toBe(`video/${format}`);
      expect(heard?.energy).toBeGreaterThan(0);
      expect(lost).toBeGreaterThan(20);
      // Without its beginning the first picture is none: all that is seen has been asked for.
      expect(asked).toContain('pli');
      expect(later.plis).toBeGreaterThan(0);
      // What was lost before the node is asked of IMS, which asks it of the browser in turn.
      expect(asked).toContain('nack');
      expect(later.nacks).toBeGreaterThan(3);
      expect(later.lost).toBeLessThan(lost / 4);
      expect(film.keyFrames).toBeGreaterThan(1);
      // And the node counts what happens on each leg (MED-13).
      expect(carried?.access.far).toBeDefined();
      expect(carried?.access.roundTripMs).toBeGreaterThan(38);
      expect(carried?.access.requestsSent.nacks).toBeGreaterThan(3);
      expect(carried?.access.requestsReceived.nacks).toBeGreaterThan(3);
      expect(carried?.ims.requestsSent.pictures).toBeGreaterThan(0);
      expect(events.map((it) => it.kind)).not.toContain('consent-lost');
    },
  );
});

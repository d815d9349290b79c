import { readFeedback } from '../../../media-node/src/core/media/rtcp-feedback.ts';
import type { CallMedia } from '../../../media-node/src/ports/call-media.ts';
import type { MediaEvent } from '../../../media-node/src/ports/media-plane.ts';
import { taken } from '../../support/a-call-media.ts';
import type { ImpairmentRelay } from '../../support/impairment-relay.ts';
import { aMediaNode, labOptions, type MediaNode, type PlaneName } from './a-media-node.ts';
import { BAD, throughABadPath, withoutCandidates } from './bad-path.ts';
import { ChromiumPhone } from './chromium.ts';
import { ImsEcho } from './ims-echo.ts';
import { numberOf, screenSdp } from './ims-screen.ts';

const OPEN = { toIms: true, toBrowser: true };

describe.each<PlaneName>(['native', 'portable'])('MED-9 and MED-10: video, %s', (plane) => {
  let phone: ChromiumPhone;
  let node: MediaNode;
  let voice: ImsEcho;
  let screen: ImsEcho;
  let call: CallMedia | undefined;
  let relay: ImpairmentRelay | undefined;

  beforeAll(async () => {
    phone = await ChromiumPhone.open();
    node = await aMediaNode(labOptions, plane);
    voice = await ImsEcho.open();
    screen = await ImsEcho.open({ asksBack: true });
  });
  afterAll(async () => {
    await phone.hangUp();
    await call?.close();
    await relay?.close();
    voice.close();
    screen.close();
    await phone.close();
    await node.close();
  });

  it('is mended through a bad network: packets are asked for, and the picture goes on', async () => {
    const events: MediaEvent[] = [];
    await phone.connect({ withCamera: true });
    const codecs = ['PCMA', 'VP8'];
    call = node.media.create({ callId: 'call-0001', codecs }, (it) => events.push(it));
    const offered = taken(await call.takeBrowserOffer(await phone.offer()));

    const through = await throughABadPath(offered.accessAnswer, BAD);
    relay = through.relay;
    await phone.takeAnswer(through.answer);
    await phone.waitUntilConnected();
    call.setGate(OPEN);
    const number = numberOf(offered.imsOffer, 'VP8');
    const { reoffer = '' } = taken(call.takeImsAnswer(screenSdp({ voice, screen }, 'VP8', number)));
    const answer = await phone.answer(through.there(reoffer));
    taken(call.takeBrowserAnswer(withoutCandidates(answer)));
    const seen = await phone.see(120);
    const later = await phone.see(seen.decoded + 40);

    const asked = screen.heardRtcp.flatMap((it) => readFeedback(it)).map(({ kind }) => kind);
    expect(relay.lost).toBeGreaterThan(30);
    expect(later.nacks).toBeGreaterThan(3);
    expect(later.lost).toBeLessThan(relay.lost / 4);
    // What was lost before the node is asked of IMS, which asks it of the browser in turn.
    expect(asked).toContain('nack');
    expect(later.decoded).toBeGreaterThanOrEqual(seen.decoded + 40);
    expect(events.map((it) => it.kind)).not.toContain('consent-lost');
  });
});

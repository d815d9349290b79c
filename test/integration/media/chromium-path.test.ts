import { readFeedback } from '../../../media-node/src/core/media/rtcp-feedback.ts';
import type { CallMedia } from '../../../media-node/src/ports/call-media.ts';
import type { MediaEvent } from '../../../media-node/src/ports/media-plane.ts';
import { taken } from '../../support/a-call-media.ts';
import type { ImpairmentRelay } from '../../support/impairment-relay.ts';
import { until } from '../../support/until.ts';
import { aMediaNode, labOptions, type MediaNode, type PlaneName } from './a-media-node.ts';
import { ChromiumPhone } from './chromium.ts';
import { ImsEcho } from './ims-echo.ts';
import { screenSdp } from './ims-screen.ts';
import { throughRelay, withoutCandidates } from './through-relay.ts';

const OPEN = { toIms: true, toBrowser: true };
/** A browser's checks come every 2 s, ours every 4 to 6. */
const CONSENT_MS = 8_000;

let phone: ChromiumPhone;
let node: MediaNode;
let echo: ImsEcho;
let screen: ImsEcho;
let call: CallMedia;
let events: MediaEvent[];
let relays: ImpairmentRelay[];

const askedOf = ({ heardRtcp }: ImsEcho) =>
  heardRtcp.flatMap((it) => readFeedback(it)).map(({ kind }) => kind);
/** Of the browser, by the node. */
const picturesAsked = () => call.video.carried()?.access.requestsSent.pictures ?? 0;
const has = (kind: MediaEvent['kind']) => () => events.some((it) => it.kind === kind);
const kinds = () => events.map((it) => it.kind).filter((it) => /^(access|consent)-/.test(it));

function aCall(): CallMedia {
  events = [];
  const codecs = ['PCMA', 'VP8'];
  call = node.media.create({ callId: 'call-0001', codecs }, (it) => events.push(it));
  return call;
}

async function inNetwork(sdp: string): Promise<string> {
  const network = await throughRelay(sdp);
  relays.push(network.relay);
  return network.sdp;
}

async function offer(): Promise<{ readonly accessAnswer: string }> {
  const offered = await aCall().takeBrowserOffer(withoutCandidates(await phone.offer()));
  return taken(offered);
}

describe.each<PlaneName>(['native', 'portable'])('%s', (plane) => {
  beforeAll(async () => {
    phone = await ChromiumPhone.open();
  });
  afterAll(async () => {
    await phone.close();
  });
  beforeEach(async () => {
    [echo, screen] = [await ImsEcho.open(), await ImsEcho.open()];
    relays = [];
  });
  afterEach(async () => {
    await phone.hangUp();
    await call.close();
    echo.close();
    screen.close();
    for (const relay of relays) await relay.close();
    await node.close();
  });

  describe('SES-8 and MED-6: a Chromium whose network changes', () => {
    it('is lost, is told, and is heard again over the other one after a restart of ICE', async () => {
      node = await aMediaNode({ ...labOptions, consentExpiryMs: CONSENT_MS }, plane);
      await phone.connect();
      const { accessAnswer } = await offer();
      await phone.takeAnswer(await inNetwork(accessAnswer));
      await phone.waitUntilConnected();
      call.setGate(OPEN);
      taken(call.takeImsAnswer(echo.sdp(['8'])));
      await phone.hear(20);
      for (const relay of relays) relay.isCut = true;
      await until(has('consent-lost'));

      const restarted = taken(call.restartAccess(withoutCandidates(await phone.restart())));
      await phone.takeAnswer(await inNetwork(restarted.accessAnswer));
      await until(has('consent-restored'));
      const ours = echo.heard.length;
      const heard = await phone.hear(50);

      expect(kinds()).toEqual(['access-connected', 'consent-lost', 'consent-restored']);
      expect(heard.energy).toBeGreaterThan(0);
      expect(echo.heard.length).toBeGreaterThan(ours);
      // One stream all the way: IMS sees neither another source nor another call.
      expect(new Set(echo.heard.map((packet) => packet.readUInt32BE(8))).size).toBe(1);
    });

    it('was called with video: it is heard and seen over the other one though the first still works', async () => {
      node = await aMediaNode(labOptions, plane);
      await phone.connect({ withCamera: true });
      const offered = screenSdp({ voice: echo, screen }, 'VP8');
      const { accessOffer } = taken(await aCall().takeImsOffer(offered));
      const answer = await phone.answer(await inNetwork(accessOffer));
      taken(call.takeBrowserAnswer(withoutCandidates(answer)));
      await phone.waitUntilConnected();
      taken(call.imsAnswer());
      call.setGate(OPEN);
      await phone.hear(20);
      const { decoded } = await phone.see(10);
      const before = picturesAsked();
      screen.heardRtcp.length = 0;

      const restarted = taken(call.restartAccess(withoutCandidates(await phone.restart())));
      await phone.takeAnswer(await inNetwork(restarted.accessAnswer));
      const [first, second] = relays;
      await until(() => (second?.passed ?? 0) > 50);
      if (first) first.isCut = true;
      const heard = await phone.hear(50);
      const seen = await phone.see(decoded + 40);
      const after = picturesAsked();

      expect(heard.energy).toBeGreaterThan(0);
      expect(seen.decoded).toBeGreaterThanOrEqual(decoded + 40);
      // Asked for a whole picture by the node, for IMS may not know that it needs one.
      expect(after).toBeGreaterThan(before);
      expect(askedOf(screen)).toContain('pli');
      expect(kinds()).toEqual(['access-connected']);
    });
  });

  describe('MED-5: a Chromium and a node that is a lite agent', () => {
    beforeEach(async () => {
      const browser = { ...labOptions.browser, isLite: true };
      node = await aMediaNode({ ...labOptions, browser, consentExpiryMs: CONSENT_MS }, plane);
    });

    it('talk for longer than consent lasts, by the checks of the browser alone', async () => {
      await phone.connect();
      const { accessAnswer } = await offer();
      await phone.takeAnswer(accessAnswer);
      await phone.waitUntilConnected();
      call.setGate(OPEN);
      taken(call.takeImsAnswer(echo.sdp(['8'])));
      await phone.wait(CONSENT_MS + 1_000);
      const heard = await phone.hear(20);

      expect(accessAnswer).toContain('a=ice-lite\r\n');
      expect(heard.energy).toBeGreaterThan(0);
      expect(kinds()).toEqual(['access-connected']);
    });

    it('talk where the node has offered: the browser takes the lead all the same', async () => {
      await phone.connect();
      const { accessOffer } = taken(await aCall().takeImsOffer(echo.sdp(['8'])));
      taken(call.takeBrowserAnswer(withoutCandidates(await phone.answer(accessOffer))));
      await phone.waitUntilConnected();
      taken(call.imsAnswer());
      call.setGate(OPEN);

      expect((await phone.hear(20)).energy).toBeGreaterThan(0);
    });
  });

  describe('MED-11: a client that starts ICE only after the answer', () => {
    beforeEach(async () => {
      node = await aMediaNode(labOptions, plane);
    });

    it('is connected then, and heard', async () => {
      await phone.connect();
      const { accessAnswer } = taken(await aCall().takeBrowserOffer(await phone.offer()));
      call.setGate(OPEN);
      taken(call.takeImsAnswer(echo.sdp(['8'])));
      await phone.wait(2_000);
      const early = kinds();

      await phone.takeAnswer(accessAnswer);
      call.addCandidates(await phone.candidates());
      await phone.waitUntilConnected();

      expect((await phone.hear(20)).energy).toBeGreaterThan(0);
      expect([early, kinds()]).toEqual([[], ['access-connected']]);
    });
  });
});

describe.each<PlaneName>(['native', 'portable'])('MED-5: %s', (plane) => {
  it('reaches a Chromium that hides its addresses, by the checks that come from them', async () => {
    phone = await ChromiumPhone.open({ mayListen: false });
    node = await aMediaNode(labOptions, plane);
    echo = await ImsEcho.open();
    try {
      await phone.hum();
      await phone.connect();
      const { accessAnswer } = taken(await aCall().takeBrowserOffer(await phone.offer()));
      await phone.takeAnswer(accessAnswer);
      const candidates = await phone.candidates();
      call.addCandidates(candidates);
      await phone.waitUntilConnected();
      call.setGate(OPEN);
      taken(call.takeImsAnswer(echo.sdp(['8'])));

      expect((await phone.hear(20)).energy).toBeGreaterThan(0);
      expect(candidates.every((it) => / [0-9a-f-]{36}\.local \d+ typ host/.test(it))).toBe(true);
      expect(call.stats().candidatesRefused).toBe(0);
    } finally {
      await call.close();
      echo.close();
      await phone.close();
      await node.close();
    }
  });
});

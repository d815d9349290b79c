import type { CallMedia } from '../../../media-node/src/ports/call-media.ts';
import type { MediaEvent } from '../../../media-node/src/ports/media-plane.ts';
import type { IwfError } from '../../../shared/src/errors/iwf-error.ts';
import type { Result } from '../../../shared/src/result.ts';
import { until } from '../../support/until.ts';
import {
  aMediaNode,
  labByTcpToo,
  labOptions,
  type MediaNode,
  type PlaneName,
} from './a-media-node.ts';
import { ChromiumPhone } from './chromium.ts';
import { ImsEcho } from './ims-echo.ts';

const ALL = ['G722', 'PCMA', 'PCMU', 'opus'];
const OPEN = { toIms: true, toBrowser: true };

function taken<T>(result: Result<T, IwfError>): T {
  if (!result.ok) throw result.error;
  return result.value;
}

const payloadTypeOf = (packet: Buffer) => (packet[1] ?? 0) & 0x7f;
/** The E bit of RFC 4733 §2.3. */
const isEndOfKey = (packet: Buffer, payloadType: number) =>
  payloadTypeOf(packet) === payloadType && ((packet[13] ?? 0) & 0x80) !== 0;

let phone: ChromiumPhone;
let node: MediaNode;
let echo: ImsEcho;
let call: CallMedia;
let events: MediaEvent[];

const has = (kind: MediaEvent['kind']) => () => events.some((it) => it.kind === kind);

function aCall(codecs: readonly string[] = ALL): CallMedia {
  events = [];
  call = node.media.create({ callId: 'call-0001', codecs }, (event) => events.push(event));
  return call;
}

describe.each<PlaneName>(['native', 'portable'])('%s', (plane) => {
  beforeAll(async () => {
    phone = await ChromiumPhone.open();
    node = await aMediaNode(labByTcpToo, plane);
  });
  afterAll(async () => {
    await phone.close();
    await node.plane.close();
  });
  beforeEach(async () => {
    echo = await ImsEcho.open();
  });
  afterEach(async () => {
    await phone.hangUp();
    await call.close();
    echo.close();
  });

  describe('MED-7: a Chromium that calls', () => {
    it.each([
      ['G722', '9', 'audio/G722'],
      ['PCMA', '8', 'audio/PCMA'],
      ['PCMU', '0', 'audio/PCMU'],
    ])('hears its own %s back from IMS', async (codec, format, mimeType) => {
      await phone.connect({ withVideo: true, withData: true });
      const offered = taken(await aCall([codec]).takeBrowserOffer(await phone.offer()));
      await phone.takeAnswer(offered.accessAnswer);
      call.addCandidates(await phone.candidates());
      await until(has('access-connected'));

      call.setGate(OPEN);
      const answer = taken(call.takeImsAnswer(echo.sdp([format])));
      const heard = await phone.hear(50);

      expect(answer.reoffer).toBeUndefined();
      expect(heard.codec).toBe(mimeType);
      expect(heard.energy).toBeGreaterThan(0);
      expect(heard.lost).toBe(0);
      expect([...echo.payloadTypes()]).toEqual([Number(format)]);
    });

    it('hears opus passed through', async () => {
      await phone.connect();
      const offered = taken(await aCall().takeBrowserOffer(await phone.offer()));
      await phone.takeAnswer(offered.accessAnswer);
      call.addCandidates(await phone.candidates());
      await until(has('access-connected'));
      call.setGate(OPEN);

      const { reoffer } = taken(call.takeImsAnswer(echo.sdp(['111'], 'a=rtpmap:111 opus/48000/2')));
      taken(call.takeBrowserAnswer(await phone.answer(reoffer ?? '')));
      const heard = await phone.hear(50);

      expect(heard.codec).toBe('audio/opus');
      expect(heard.energy).toBeGreaterThan(0);
    });

    it('is warm before IMS answers, and nothing of it passes until the gate opens (MED-11)', async () => {
      await phone.connect();
      const offered = taken(await aCall().takeBrowserOffer(await phone.offer()));
      await phone.takeAnswer(offered.accessAnswer);
      call.addCandidates(await phone.candidates());
      taken(call.takeImsAnswer(echo.sdp(['9'])));
      await until(() => call.stats().access.packetsReceived > 10);

      await expect(phone.waitUntilConnected()).resolves.toBeUndefined();
      expect(echo.heard).toHaveLength(0);

      call.setGate(OPEN);
      await phone.hear(10);
      expect(echo.heard.length).toBeGreaterThan(0);
    });

    it('is re-offered the codec IMS picked, and sends it on the warm transport', async () => {
      await phone.connect({ withVideo: true });
      const offered = taken(await aCall().takeBrowserOffer(await phone.offer()));
      await phone.takeAnswer(offered.accessAnswer);
      call.addCandidates(await phone.candidates());
      await until(has('access-connected'));
      call.setGate(OPEN);

      const { reoffer } = taken(call.takeImsAnswer(echo.sdp(['0'])));
      await until(() => call.stats().access.packetsReceived > 10);
      const heardBefore = echo.heard.length;
      taken(call.takeBrowserAnswer(await phone.answer(reoffer ?? '')));
      const heard = await phone.hear(50);

      expect(heardBefore).toBe(0);
      expect(heard.codec).toBe('audio/PCMU');
      expect([...echo.payloadTypes()]).toEqual([0]);
      expect(events.filter((it) => it.kind === 'access-connected')).toHaveLength(1);
    });

    it('may ask the node itself where it is seen, and still hears media (MED-5)', async () => {
      await phone.connect({ stunUrl: node.plane.stunUrl });
      const offered = taken(await aCall().takeBrowserOffer(await phone.offer()));
      await phone.takeAnswer(offered.accessAnswer);
      call.addCandidates(await phone.candidates());
      await until(has('access-connected'));

      await expect(phone.waitUntilConnected()).resolves.toBeUndefined();
    });

    it('presses a key, and IMS gets the telephone-event of the clock of the codec (RFC 4733)', async () => {
      await phone.connect();
      const offered = taken(await aCall().takeBrowserOffer(await phone.offer()));
      await phone.takeAnswer(offered.accessAnswer);
      call.addCandidates(await phone.candidates());
      call.setGate(OPEN);
      taken(call.takeImsAnswer(echo.sdp(['9', '101'], 'a=rtpmap:101 telephone-event/8000')));
      await phone.hear(10);

      await phone.press('5');
      await until(() => echo.heard.some((packet) => isEndOfKey(packet, 101)));

      const events = echo.heard.filter((packet) => payloadTypeOf(packet) === 101);
      expect(new Set(events.map((packet) => packet[12]))).toEqual(new Set([5]));
    });

    it('connects although none of its candidates was ever signalled (MED-5)', async () => {
      await phone.connect();
      const offered = taken(await aCall().takeBrowserOffer(await phone.offer()));
      await phone.takeAnswer(offered.accessAnswer);
      await until(has('access-connected'));

      await expect(phone.waitUntilConnected()).resolves.toBeUndefined();
      // UDP is worth more where it gets through.
      expect(await phone.protocols()).toEqual(['udp', 'udp']);
    });

    it('keeps its consent fresh for longer than it lasts (MED-6)', async () => {
      const hasty = await aMediaNode({ ...labOptions, consentExpiryMs: 7000 }, plane);
      await phone.connect();
      events = [];
      call = hasty.media.create({ callId: 'call-0001', codecs: ALL }, (event) =>
        events.push(event),
      );
      const offered = taken(await call.takeBrowserOffer(await phone.offer()));
      await phone.takeAnswer(offered.accessAnswer);
      await until(has('access-connected'));

      await phone.wait(9000);
      const lostWhileThere = has('consent-lost')();
      await phone.hangUp();
      await until(has('consent-lost'));
      await hasty.plane.close();

      expect(lostWhileThere).toBe(false);
    });

    it('gets receiver reports of ours and shows a round trip (MED-10)', async () => {
      await phone.connect();
      const offered = taken(await aCall().takeBrowserOffer(await phone.offer()));
      await phone.takeAnswer(offered.accessAnswer);
      call.addCandidates(await phone.candidates());
      call.setGate(OPEN);
      taken(call.takeImsAnswer(echo.sdp(['9'])));
      await phone.hear(150);
      let roundTripS: number | undefined;
      while (roundTripS === undefined) roundTripS = await phone.roundTripS();

      expect(roundTripS).toBeLessThan(0.3);
      expect(echo.heardRtcp.length).toBeGreaterThan(0);
    });
  });

  describe('MED-11: a Chromium that is called', () => {
    it.each([
      ['G722', ['9', '101'], ['a=rtpmap:101 telephone-event/8000'], 'audio/G722'],
      ['PCMU', ['0'], [], 'audio/PCMU'],
      ['opus under another number', ['96'], ['a=rtpmap:96 opus/48000/2'], 'audio/opus'],
    ])('answers the offer of the node and talks %s', async (_name, formats, lines, mimeType) => {
      await phone.connect();
      const { accessOffer } = taken(await aCall().takeImsOffer(echo.sdp(formats, ...lines)));
      taken(call.takeBrowserAnswer(await phone.answer(accessOffer)));
      call.addCandidates(await phone.candidates());
      await until(has('access-connected'));

      const imsAnswer = taken(call.imsAnswer());
      call.setGate(OPEN);
      const heard = await phone.hear(50);

      expect(imsAnswer).toContain(`RTP/AVP ${formats.join(' ')}\r\n`);
      expect(heard.codec).toBe(mimeType);
      expect(heard.energy).toBeGreaterThan(0);
      expect([...echo.payloadTypes()]).toEqual([Number(formats[0])]);
      expect(await phone.protocols()).toEqual(['udp', 'udp']);
    });

    it('offers ours where the INVITE had no offer, and follows the answer in the ACK', async () => {
      await phone.connect();
      const { accessOffer } = taken(await aCall().takeImsOffer(undefined));
      taken(call.takeBrowserAnswer(await phone.answer(accessOffer)));
      call.addCandidates(await phone.candidates());
      const ours = taken(call.imsAnswer());
      await until(has('access-connected'));
      call.setGate(OPEN);

      const { reoffer } = taken(call.takeImsAnswer(echo.sdp(['8'])));
      taken(call.takeBrowserAnswer(await phone.answer(reoffer ?? '')));
      const heard = await phone.hear(50);

      expect(ours).toContain('RTP/AVP 9 8 0 111 101 110\r\n');
      expect(heard.codec).toBe('audio/PCMA');
    });
  });
});

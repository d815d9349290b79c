import { packetKind } from '../../media-node/src/core/media/packet-kind.ts';
import { readReports, writeReport } from '../../media-node/src/core/media/rtcp-packet.ts';
import type { SrtpSuite } from '../../media-node/src/ports/media-plane.ts';
import { until } from '../support/until.ts';
import { master, peerOf, srtpOf } from './ims-keys.ts';
import type { ImsPeer } from './ims-peer.ts';
import { type CreatePlane, settle } from './media-plane.contract.ts';
import {
  connect,
  createScenes,
  expectVoice,
  heardByIms,
  imsVoice,
  obeyedBy,
  openGates,
  type Scene,
  voice,
} from './media-plane-scene.ts';

const SUITES: readonly SrtpSuite[] = [
  'AEAD_AES_256_GCM',
  'AEAD_AES_128_GCM',
  'AES_CM_128_HMAC_SHA1_80',
  'AES_CM_128_HMAC_SHA1_32',
];

const sharing = ({ endpoint }: ImsPeer) => ({ ...endpoint, rtcpPort: endpoint.rtpPort });
const heardByBrowser = ({ browser }: Scene) => browser.heard.map((it) => it.payload);

/** The IMS leg of every `MediaPlane` where it is not plain RTP on two ports. */
export function describeImsLeg(name: string, createPlane: CreatePlane): void {
  const { aScene, aTalk, anImsPeer, takeDown } = createScenes(createPlane);
  afterEach(takeDown);

  async function aSecureTalk(suite: SrtpSuite) {
    const scene = await aScene();
    const srtp = srtpOf(suite);
    await connect(scene);
    scene.call.connectIms({ ...scene.ims.endpoint, srtp });
    await openGates(scene);
    return { scene, srtp, peer: peerOf(srtp) };
  }

  describe(`MED-7: SRTP on the IMS leg of the ${name} media plane`, () => {
    it.each(SUITES)('carries voice and reports by %s both ways', async (suite) => {
      const { scene, peer } = await aSecureTalk(suite);
      const { call, browser, ims } = scene;

      await browser.sendRtp(voice(1));
      ims.send(peer.sender.protectRtp(imsVoice(1)) ?? new Uint8Array(), call.ims);
      await until(() => ims.heard.length === 1 && browser.heard.length === 1);
      await until(() => ims.heardRtcp.length > 1);

      const opened = peer.receiver.unprotectRtp(ims.heard[0] ?? new Uint8Array());
      const report = peer.receiver.unprotectRtcp(ims.heardRtcp[0] ?? new Uint8Array());
      expect(Buffer.from(opened ?? []).toString()).toContain('voice 1');
      expect(readReports(report ?? new Uint8Array())).toHaveLength(1);
      expect(heardByBrowser(scene)).toEqual(['ims 1']);
      expect(heardByIms(scene)[0]).not.toContain('voice');
    });

    it('hears nothing that is plain, forged or sent twice', async () => {
      const { scene, peer } = await aSecureTalk('AES_CM_128_HMAC_SHA1_80');
      const { call, ims } = scene;
      const sealed = peer.sender.protectRtp(imsVoice(1)) ?? new Uint8Array();
      const forged = Buffer.from(peer.sender.protectRtp(imsVoice(2)) ?? []);
      forged.writeUInt8(forged.readUInt8(14) ^ 1, 14);

      for (const packet of [sealed, sealed, forged, imsVoice(3)]) ims.send(packet, call.ims);
      await until(() => call.stats().ims.packetsDropped === 3);
      await until(() => scene.browser.heard.length === 1);

      expect(heardByBrowser(scene)).toEqual(['ims 1']);
    });

    it('goes on under keys told again, and takes up new ones', async () => {
      const { scene, srtp, peer } = await aSecureTalk('AEAD_AES_128_GCM');
      const { call, ims, browser } = scene;
      const old = peer.sender.protectRtp(imsVoice(1)) ?? new Uint8Array();
      ims.send(old, call.ims);
      await until(() => browser.heard.length === 1);

      call.connectIms({ ...ims.endpoint, srtp });
      ims.send(old, call.ims);
      await until(() => call.stats().ims.packetsDropped === 1);
      const renewed = { ...srtp, remote: master(srtp.suite, 50) };
      call.connectIms({ ...ims.endpoint, srtp: renewed });
      await obeyedBy(scene);
      ims.send(peerOf(renewed).sender.protectRtp(imsVoice(2)) ?? new Uint8Array(), call.ims);
      await until(() => browser.heard.length === 2);

      expect(heardByBrowser(scene)).toEqual(['ims 1', 'ims 2']);
    });

    it('learns where the peer is from what is authentic alone (MED-12)', async () => {
      const scene = await aScene();
      const { call, ims, browser } = scene;
      const srtp = srtpOf('AES_CM_128_HMAC_SHA1_80');
      await connect(scene);
      const [rtpPort, rtcpPort] = [ims.endpoint.rtcpPort, ims.endpoint.rtpPort];
      call.connectIms({ address: '127.0.0.1', rtpPort, rtcpPort, learnsSource: true, srtp });
      await openGates(scene);

      ims.sendRtcp(imsVoice(1), call.ims);
      ims.send(imsVoice(1), call.ims);
      await until(() => call.stats().ims.packetsDropped === 2);
      ims.send(peerOf(srtp).sender.protectRtp(imsVoice(2)) ?? new Uint8Array(), call.ims);
      await until(() => browser.heard.length === 1);

      expect(heardByBrowser(scene)).toEqual(['ims 2']);
    });
  });

  describe(`SES-7: an IMS leg over IPv6 on the ${name} media plane`, () => {
    it('carries voice and reports both ways, and hears nobody else', async () => {
      const scene = await aTalk({ settings: { imsAddress: '::1' } });
      const stranger = await anImsPeer('::1');

      stranger.send(imsVoice(1), scene.call.ims);
      await until(() => scene.call.stats().ims.packetsDropped === 1);
      await expectVoice(scene);
      await until(() => scene.ims.heardRtcp.length > 0);

      expect(scene.call.ims.address).toBe('::1');
      expect(heardByBrowser(scene)).toEqual(['ims 30000']);
    });
  });

  describe(`MED-10: RTCP toward IMS on the ${name} media plane`, () => {
    it('is neither sent nor heard where it is switched off (RFC 3556 §2)', async () => {
      const scene = await aScene();
      const { call, browser, ims } = scene;
      await connect(scene);
      call.connectIms({ ...ims.endpoint, rtcpPort: 0 });
      await openGates(scene);

      await browser.sendRtp(voice(1));
      ims.send(imsVoice(1), call.ims);
      ims.sendRtcp(writeReport({ ssrc: 0x77, cname: 'peer', blocks: [] }), call.ims);
      await until(() => heardByIms(scene).length === 1 && browser.heard.length === 1);
      await until(() => call.stats().ims.packetsDropped === 1);
      // The browser is reported to all the same, and by then IMS would have been.
      await until(() => browser.heardRtcp.length > 0);
      await settle();

      expect(ims.heardRtcp).toHaveLength(0);
      expect(ims.heard).toHaveLength(1);
    });

    it('gives a receiver that sends nothing its clock back (RFC 3611 §4.5)', async () => {
      const scene = await aScene();
      const { call, ims } = scene;
      await connect(scene);
      call.connectIms(ims.endpoint);
      await openGates(scene);
      const clock = [0x80, 207, 0, 4, 0, 0, 0, 0x77, 4, 0, 0, 2, 0, 0, 1, 2, 3, 4, 0, 0];
      const answered = () =>
        ims.heardRtcp.find((it) => it.includes(Buffer.of(5, 0, 0, 3, 0, 0, 0, 0x77, 1, 2, 3, 4)));

      ims.sendRtcp(
        Buffer.concat([
          writeReport({ ssrc: 0x77, cname: 'peer', blocks: [] }),
          Buffer.of(...clock),
        ]),
        call.ims,
      );
      await until(() => answered() !== undefined);

      expect(readReports(answered() ?? Buffer.alloc(0))).toHaveLength(1);
    });
  });

  describe(`MED-3: RTP and RTCP on one IMS port of the ${name} media plane`, () => {
    it('are sent and heard there alone', async () => {
      const scene = await aScene();
      const { call, browser, ims } = scene;
      await connect(scene);
      call.connectIms(sharing(ims));
      await openGates(scene);
      const report = writeReport({ ssrc: 0x77, cname: 'peer', blocks: [] });

      await browser.sendRtp(voice(1));
      ims.send(imsVoice(1), call.ims);
      ims.send(report, call.ims);
      await until(() => heardByBrowser(scene).includes('ims 1'));
      await until(() => ims.heard.some((packet) => packetKind(packet) === 'rtcp'));
      ims.sendRtcp(report, call.ims);
      await settle();

      expect(ims.heardRtcp).toHaveLength(0);
      expect(heardByIms(scene)).toContain('voice 1');
      expect(call.stats().ims.packetsReceived).toBe(1);
      expect(call.stats().ims.packetsDropped).toBe(1);
    });

    it('part again where a later description has two', async () => {
      const scene = await aScene();
      const { call, ims } = scene;
      await connect(scene);
      call.connectIms(sharing(ims));
      await openGates(scene);

      call.connectIms(ims.endpoint);
      await obeyedBy(scene);
      // A report may have been due while the order was on its way.
      const before = ims.heard.length;
      ims.send(imsVoice(1), call.ims);
      await until(() => ims.heardRtcp.length > 0);

      const since = ims.heard.slice(before);
      expect(since.some((packet) => packetKind(packet) === 'rtcp')).toBe(false);
    });
  });
}

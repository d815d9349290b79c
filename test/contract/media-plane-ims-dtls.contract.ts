import { packetKind } from '../../media-node/src/core/media/packet-kind.ts';
import { readReports, writeReport } from '../../media-node/src/core/media/rtcp-packet.ts';
import type { ImsDtls } from '../../media-node/src/ports/media-plane.ts';
import { until } from '../support/until.ts';
import {
  clientHello,
  confirmAnotherHandshake,
  signKeyWithAnother,
  signWithAnotherKey,
} from './hostile-dtls.ts';
import { DtlsPeer, type DtlsPeerOptions } from './ims-dtls-peer.ts';
import { type CreatePlane, settle } from './media-plane.contract.ts';
import {
  connect,
  createScenes,
  imsVoice,
  isTold,
  obeyedBy,
  openGates,
  type Scene,
  voice,
} from './media-plane-scene.ts';

type Role = ImsDtls['role'];

const otherRole = (role: Role): Role => (role === 'client' ? 'server' : 'client');
const OF_NOBODY = `${'AB:'.repeat(31)}AB`;
const namedOnly = (...values: readonly string[]) => ({ algorithm: 'sha-256', values });
const payloads = (peer: DtlsPeer): readonly string[] =>
  peer.heard
    .filter((it) => packetKind(it) === 'rtp')
    .map((packet) => packet.subarray(12).toString());
const reports = (peer: DtlsPeer) =>
  peer.heard.filter((it) => packetKind(it) === 'rtcp').flatMap((it) => readReports(it));
const heardByBrowser = ({ browser }: Scene) => browser.heard.map((it) => it.payload);

/** DTLS-SRTP on the IMS leg. */
export function describeImsDtls(name: string, createPlane: CreatePlane): void {
  const { aScene, aStranger, takeDown } = createScenes(createPlane);
  let peers: DtlsPeer[] = [];
  afterEach(async () => {
    for (const peer of peers) peer.close();
    peers = [];
    await takeDown();
  });

  async function aPeer(
    { call, ims }: Scene,
    options: Partial<DtlsPeerOptions> & { readonly role: Role },
  ): Promise<DtlsPeer> {
    const peer = await DtlsPeer.open({ ims, node: call.ims, ...options });
    peers.push(peer);
    return peer;
  }

  async function dtlsOf(role: Role, more: Partial<ImsDtls> = {}): Promise<ImsDtls> {
    return { role, fingerprints: namedOnly(await DtlsPeer.fingerprint()), association: 1, ...more };
  }

  /** Nobody has said anything by DTLS yet; `role` is the node's. */
  async function aMeeting(role: Role, more: Partial<DtlsPeerOptions> = {}) {
    const scene = await aScene();
    await connect(scene);
    const of = { role: otherRole(role), ...more };
    const rtp = await aPeer(scene, of);
    const rtcp = await aPeer(scene, { ...of, port: 'rtcp' });
    return { scene, rtp, rtcp };
  }

  /** Both gates open; handshakes begin. */
  async function meet(
    scene: Scene,
    both: readonly DtlsPeer[],
    dtls: ImsDtls,
    more: { readonly rtcpPort?: number } = {},
  ): Promise<void> {
    scene.call.connectIms({ ...scene.ims.endpoint, ...more, dtls });
    await openGates(scene);
    for (const peer of both) peer.begin();
  }

  async function expectVoice(scene: Scene, peer: DtlsPeer, sequence = 1): Promise<void> {
    await until(() => peer.isOpen);
    await scene.browser.sendRtp(voice(sequence));
    await until(() => payloads(peer).includes(`voice ${String(sequence)}`));
    peer.send(imsVoice(sequence));
    await until(() => heardByBrowser(scene).includes(`ims ${String(sequence)}`));
  }

  describe.each<Role>(['client', 'server'])(
    `MED-7: DTLS-SRTP on the IMS leg of the ${name} media plane, as its %s`,
    (role) => {
      it('carries voice and reports both ways, each port by a handshake of its own', async () => {
        const { scene, rtp, rtcp } = await aMeeting(role);
        await meet(scene, [rtp, rtcp], await dtlsOf(role));

        await expectVoice(scene, rtp);
        await until(() => rtcp.isOpen);
        rtcp.sendReport(writeReport({ ssrc: 0x77, cname: 'peer', blocks: [] }));
        await until(() => scene.call.stats().ims.reportsReceived === 1);
        await until(() => reports(rtcp).length > 0);

        expect(reports(rtp)).toHaveLength(0);
        expect(rtp.came.map((it) => it.toString()).join()).not.toContain('voice');
      });

      it('carries both over one port where that is shared (RFC 5761)', async () => {
        const { scene, rtp, rtcp } = await aMeeting(role);
        const { rtpPort: rtcpPort } = scene.ims.endpoint;
        await meet(scene, [rtp], await dtlsOf(role), { rtcpPort });

        await expectVoice(scene, rtp);
        await until(() => reports(rtp).length > 0);

        expect(rtcp.isOpen).toBe(false);
        expect(rtcp.came).toHaveLength(0);
      });

      it('neither says nor hears anything that is plain', async () => {
        const scene = await aScene();
        const { call, browser, ims } = scene;
        await connect(scene);
        call.connectIms({ ...ims.endpoint, dtls: await dtlsOf(role) });
        await openGates(scene);

        await browser.sendRtp(voice(1));
        ims.send(imsVoice(1), call.ims);
        await until(() => call.stats().ims.packetsDropped === 1);
        await until(() => call.stats().access.packetsReceived === 1);
        await settle();

        // A client's hello may have come: nothing but DTLS (RFC 7983 §7).
        const came = [...ims.heard, ...ims.heardRtcp].filter((it) => packetKind(it) !== 'dtls');
        expect(came).toHaveLength(0);
        expect(browser.heard).toHaveLength(0);
      });

      it('fails where the certificate is not the one that was named', async () => {
        const { scene, rtp, rtcp } = await aMeeting(role);
        await meet(scene, [rtp, rtcp], await dtlsOf(role, { fingerprints: namedOnly(OF_NOBODY) }));

        await until(() => isTold(scene, 'ims-failed'));
        await scene.browser.sendRtp(voice(1));
        await settle();

        expect(scene.events).toContainEqual({
          kind: 'ims-failed',
          reason: 'the certificate is not the one named',
        });
        expect(scene.events.filter((it) => it.kind === 'ims-failed')).toHaveLength(1);
        expect(rtp.came).toHaveLength(0);
      });

      it('takes a certificate that is one of several named', async () => {
        const { scene, rtp, rtcp } = await aMeeting(role);
        const own = await DtlsPeer.fingerprint();
        await meet(
          scene,
          [rtp, rtcp],
          await dtlsOf(role, { fingerprints: namedOnly(OF_NOBODY, own) }),
        );

        await expectVoice(scene, rtp);
      });

      it('keeps its keys while the association is the same, and makes new ones for another', async () => {
        const { scene, rtp, rtcp } = await aMeeting(role);
        const { call, ims } = scene;
        const dtls = await dtlsOf(role);
        await meet(scene, [rtp, rtcp], dtls);
        await expectVoice(scene, rtp);

        call.connectIms({ ...ims.endpoint, dtls });
        await obeyedBy(scene);
        await expectVoice(scene, rtp, 2);
        rtp.close();
        const next = await aPeer(scene, { role: otherRole(role) });
        call.connectIms({ ...ims.endpoint, dtls: { ...dtls, association: 2 } });
        await obeyedBy(scene);
        next.begin();
        await expectVoice(scene, next, 3);
        const { packetsDropped } = call.stats().ims;
        rtp.send(imsVoice(4));
        await until(() => call.stats().ims.packetsDropped > packetsDropped);

        expect(heardByBrowser(scene)).toEqual(['ims 1', 'ims 2', 'ims 3']);
      });

      it('gives video keys of its own', async () => {
        const scene = await aScene();
        await connect(scene);
        const video = await scene.call.openVideo?.();
        if (!video) throw new Error('no video');
        const peer = await aPeer(scene, { role: otherRole(role), node: video.ims });
        video.connectIms({ ...scene.ims.endpoint, dtls: await dtlsOf(role) });
        video.setRewrite({
          payloadToIms: new Map([[96, 97]]),
          payloadToBrowser: new Map([[97, 96]]),
          feedback: { browser: [], ims: [] },
        });
        video.setGate({ toIms: true, toBrowser: true });
        await obeyedBy(scene);
        peer.begin();

        await until(() => peer.isOpen);
        peer.send(imsVoice(1, { payloadType: 97 }));
        await until(() => heardByBrowser(scene).includes('ims 1'));
        await scene.browser.sendRtp(voice(1, { payloadType: 96 }));
        await until(() => payloads(peer).includes('voice 1'));

        expect(peer.came.join()).not.toContain('voice 1');
      });
    },
  );

  describe(`MED-7 and MED-12: whom the handshake on the IMS leg of the ${name} media plane is made with`, () => {
    const strangers = [
      ['client', 'has the certificate and not its key', signWithAnotherKey],
      ['client', 'confirms another handshake', confirmAnotherHandshake],
      ['server', 'has the certificate and not its key', signKeyWithAnother],
      ['server', 'confirms another handshake', confirmAnotherHandshake],
    ] as const;
    it.each(strangers)('not a %s that %s', async (role, _what, tamper) => {
      const { scene, rtp } = await aMeeting(otherRole(role), { tamper });
      await meet(scene, [rtp], await dtlsOf(otherRole(role)));

      await until(() => isTold(scene, 'ims-failed'));
      rtp.send(imsVoice(1));
      await settle();

      expect(heardByBrowser(scene)).toEqual([]);
    });

    it('not one at another address than was signalled', async () => {
      const { scene, rtp, rtcp } = await aMeeting('server');
      const stranger = await aStranger();
      const { call } = scene;
      call.connectIms({ ...scene.ims.endpoint, dtls: await dtlsOf('server') });
      await openGates(scene);

      stranger.send(clientHello(), { address: call.ims.address, port: call.ims.rtpPort });
      await until(() => call.stats().ims.packetsDropped === 1);
      for (const peer of [rtp, rtcp]) peer.begin();
      await expectVoice(scene, rtp);

      expect(stranger.heard).toHaveLength(0);
    });

    it('one behind a NAT where that is to be learnt, and nobody else after him', async () => {
      const { scene, rtp } = await aMeeting('server');
      const stranger = await aStranger();
      const { call, ims } = scene;
      const [rtpPort, rtcpPort] = [ims.endpoint.rtcpPort, ims.endpoint.rtpPort];
      const dtls = await dtlsOf('server');
      call.connectIms({ address: '127.0.0.1', rtpPort, rtcpPort, learnsSource: true, dtls });
      await openGates(scene);
      rtp.begin();
      await expectVoice(scene, rtp);
      const { packetsDropped } = call.stats().ims;

      stranger.send(clientHello(), { address: call.ims.address, port: call.ims.rtpPort });
      await until(() => call.stats().ims.packetsDropped > packetsDropped);
      await expectVoice(scene, rtp, 2);

      expect(stranger.heard).toHaveLength(0);
    });

    it('one whose first hello overtook the answer that names him', async () => {
      const { scene, rtp } = await aMeeting('server');

      rtp.begin();
      await settle();
      scene.call.connectIms({ ...scene.ims.endpoint, dtls: await dtlsOf('server') });
      await openGates(scene);

      await expectVoice(scene, rtp);
    });
  });
}

import { X509Certificate } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readCandidate } from '../../media-node/src/core/sdp/candidate.ts';
import type { MediaEvent } from '../../media-node/src/ports/media-plane.ts';
import { callId } from '../../shared/src/domain/ids.ts';
import { aCertificate } from '../support/memory-certificate.ts';
import { until } from '../support/until.ts';
import {
  anotherCertificate,
  clientHello,
  confirmAnotherHandshake,
  hopelessHellos,
  impossibleRecords,
  leaveOutTheProof,
  offerDtls10,
  offerNoExtendedSecret,
  record,
  sayFirst,
  signAnotherHandshake,
  signWithAnotherKey,
  slipIn,
  slipInAnotherKey,
  split,
} from './hostile-dtls.ts';
import { ImsPeer } from './ims-peer.ts';
import {
  type CreatePlane,
  OPEN,
  obeyed,
  PCMU_TO_PCMA,
  SETTINGS,
  settle,
} from './media-plane.contract.ts';
import { type BrowserOptions, type DtlsClient, WeriftBrowser } from './werift-browser.ts';

const strangersCertificate = (): Buffer =>
  new X509Certificate(aCertificate('stranger').certificatePem).raw;

const OF_NOBODY = `${'AB:'.repeat(31)}AB`;

/** What a handshake must prove before a key is used; each adapter of `MediaPlane` runs it. */
export function describeHandshake(name: string, createPlane: CreatePlane): void {
  const cleanups: (() => Promise<void> | void)[] = [];
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });

  async function aScene(options: Partial<BrowserOptions> = {}) {
    const plane = await createPlane(SETTINGS);
    cleanups.push(() => plane.close());
    const events: MediaEvent[] = [];
    const call = await plane.open(callId('call-0001'), (event) => events.push(event));
    cleanups.push(() => call.close());
    const browser = await WeriftBrowser.open({ offers: true, ...options });
    cleanups.push(() => browser.vanish());
    const node = readCandidate(call.access.candidates[0] ?? '');
    return {
      plane,
      call,
      events,
      browser,
      node: { port: node?.port ?? 0, address: node?.address },
    };
  }
  type Scene = Awaited<ReturnType<typeof aScene>>;

  function start({ call, browser }: Scene): Promise<void> {
    call.addCandidates(browser.candidates);
    call.connectAccess(browser.parameters);
    return browser.connect(call.access);
  }
  /** It goes on asking or gives up, as it likes. */
  function startInVain(scene: Scene): void {
    start(scene).catch(() => undefined);
  }
  async function connect(scene: Scene): Promise<void> {
    await start(scene);
    await until(() => isTold(scene, 'access-connected'));
  }
  const isTold = ({ events }: Scene, kind: MediaEvent['kind']): boolean =>
    events.some((it) => it.kind === kind);

  async function expectVoice({ plane, call, browser }: Scene): Promise<void> {
    const ims = await ImsPeer.open();
    cleanups.push(() => {
      ims.close();
    });
    call.setRewrite(PCMU_TO_PCMA);
    call.connectIms(ims.endpoint);
    call.setGate(OPEN);
    await obeyed(plane);
    await browser.sendRtp({ payloadType: 111, sequence: 1, ssrc: 7, payload: 'voice' });
    await until(() => ims.heard.length === 1);
    expect(ims.heard[0]?.subarray(12).toString()).toBe('voice');
  }

  describe(`MED-7: the ${name} media plane gives no key to a browser`, () => {
    const cases: readonly (readonly [string, Partial<BrowserOptions>])[] = [
      [
        'whose certificate is not the one it named',
        { stated: () => ({ algorithm: 'sha-256', values: [OF_NOBODY] }) },
      ],
      ['that has the certificate and not its key', { tamper: signWithAnotherKey }],
      ['that signs another handshake', { tamper: signAnotherHandshake }],
      ['that leaves the proof of its key out', { tamper: leaveOutTheProof }],
      ['whose Finished is of another handshake', { tamper: confirmAnotherHandshake }],
    ];
    it.each(cases)('%s', async (_name, options) => {
      const scene = await aScene(options);

      startInVain(scene);
      await until(() => isTold(scene, 'access-failed') || isTold(scene, 'access-connected'));
      await settle();

      expect(scene.events.map((it) => it.kind)).toEqual(['ice-connected', 'access-failed']);
    });

    it.each<readonly [string, (client: DtlsClient) => void]>([
      ['that offers DTLS 1.0', offerDtls10],
      ['that offers no extended master secret', offerNoExtendedSecret],
    ])('%s', async (_name, tamper) => {
      const scene = await aScene({ tamper });
      const { call } = scene;

      startInVain(scene);
      await until(() => call.stats().access.packetsDropped > 0 || isTold(scene, 'access-failed'));
      await settle();

      expect(isTold(scene, 'access-connected')).toBe(false);
    });
  });

  it(`MED-7: the ${name} media plane takes a browser whose certificate is one of several that it named`, async () => {
    const scene = await aScene({
      stated: (own) => ({ algorithm: 'sha-256', values: [OF_NOBODY, own.toUpperCase()] }),
    });

    await connect(scene);

    await expectVoice(scene);
  });

  describe(`SEC-4: a handshake of the ${name} media plane is not disturbed`, () => {
    it('by a ClientHello from elsewhere before the browser speaks', async () => {
      const scene = await aScene();
      const stranger = createSocket('udp4');
      cleanups.push(() => {
        stranger.close();
      });
      const answers: Buffer[] = [];
      stranger.on('message', (packet) => answers.push(packet));

      stranger.send(clientHello(), scene.node.port, scene.node.address);
      await settle();
      await connect(scene);

      await expectVoice(scene);
      expect(answers).toHaveLength(0);
    });

    it.each<readonly [string, (client: DtlsClient) => void]>([
      ['what no client says then, or what cannot be', slipIn(impossibleRecords())],
      ['the certificate of somebody else', slipIn(anotherCertificate(strangersCertificate()))],
      ['hellos that lead nowhere, before its own', sayFirst(hopelessHellos())],
    ])('by %s, sent as if by the browser', async (_name, tamper) => {
      const scene = await aScene({ tamper });

      await connect(scene);

      await expectVoice(scene);
      expect(scene.call.stats().access.packetsDropped).toBeGreaterThan(0);
      expect(isTold(scene, 'access-failed')).toBe(false);
    });

    it('by another key exchange behind the proof', async () => {
      const scene = await aScene({ tamper: slipInAnotherKey });

      await connect(scene);

      await expectVoice(scene);
    });
  });

  describe(`SEC-4: a call of the ${name} media plane outlives`, () => {
    const alert = Buffer.from([1, 0]);
    it.each<readonly [string, Buffer]>([
      ['an alert in the clear', record(21, 50, alert)],
      ['a fatal alert in the clear', record(21, 50, Buffer.from([2, 40]))],
      ['an alert that only pretends to be protected', record(21, 50, alert, 1)],
      ['a record of no known type', record(63, 50, alert)],
      [
        'an alert behind a harmless record',
        Buffer.concat([record(20, 1, alert), record(21, 2, alert)]),
      ],
      ['a ClientHello: no renegotiation', clientHello()],
    ])('%s', async (_name, hostile) => {
      const scene = await aScene();
      await connect(scene);
      const { packetsDropped } = scene.call.stats().access;

      await scene.browser.sendRaw(hostile);
      await until(() => scene.call.stats().access.packetsDropped > packetsDropped);

      await expectVoice(scene);
      expect(scene.events.map((it) => it.kind)).not.toContain('access-failed');
    });

    it('its own handshake sent once more, and no nonce serves two texts', async () => {
      const scene = await aScene();
      await connect(scene);
      const { sent, received } = scene.browser;
      const said = sent.filter((it) => it[0] === 22);
      const isProtected = (it: Buffer): boolean => it[0] === 22 && it.readUInt16BE(3) === 1;
      const records = () => received.flatMap(split).filter(isProtected);

      const { packetsDropped } = scene.call.stats().access;
      for (const packet of said) await scene.browser.sendRaw(packet);
      // A plane that knows replayed records throws them away, another repeats its last flight.
      const dropped = () => scene.call.stats().access.packetsDropped - packetsDropped;
      await until(() => records().length > 1 || dropped() === said.length);

      const nonces = new Set(records().map((it) => it.toString('hex', 13, 21)));
      const texts = new Set(records().map((it) => it.toString('hex', 13)));
      expect(nonces.size).toBe(texts.size);
      await expectVoice(scene);
    });
  });

  it('MED-12: the DTLS answer goes to the validated address alone', async () => {
    const scene = await aScene();
    await connect(scene);
    const stranger = createSocket('udp4').bind(0, '127.0.0.1');
    await once(stranger, 'listening');
    cleanups.push(() => {
      stranger.close();
    });
    const answers: Buffer[] = [];
    stranger.on('message', (packet) => answers.push(packet));

    for (const packet of scene.browser.sent) {
      stranger.send(packet, scene.node.port, scene.node.address);
    }
    await settle();

    expect(answers).toHaveLength(0);
  });
}

import { packetKind } from '../../media-node/src/core/media/packet-kind.ts';
import { check } from '../support/ice-checks.ts';
import { until } from '../support/until.ts';
import { AnotherWay } from './another-way.ts';
import type { CreatePlane } from './media-plane.contract.ts';
import {
  connect,
  createScenes,
  expectVoice,
  heardByIms,
  imsVoice,
  isTold,
  obeyedBy,
  openGates,
  restart,
  type Scene,
  voice,
} from './media-plane-scene.ts';

/** Long enough for checks on loopback, and shorter than werift waits between two of its own. */
const SHORT_CONSENT_MS = 3_000;

/** A way is lost and another found, under the same keys. */
export function describeRestart(name: string, createPlane: CreatePlane): void {
  const { aScene, aTalk, aStranger, takeDown } = createScenes(createPlane);
  afterEach(takeDown);

  describe(`an ICE restart on the ${name} media plane`, () => {
    it.each([
      ['the browser', true],
      ['the node', false],
    ])(
      'moves the call to another socket where %s offered first, without a new handshake',
      async (_who, offers) => {
        const scene = await aTalk({ offers });
        await expectVoice(scene, 100);
        const before = scene.call.access;

        const { leave } = await restart(scene);
        await leave();
        await expectVoice(scene, 200);

        const { access } = scene.call;
        expect(access.usernameFragment).not.toBe(before.usernameFragment);
        expect(access.password).not.toBe(before.password);
        expect([access.fingerprint, access.candidates]).toEqual([
          before.fingerprint,
          before.candidates,
        ]);
        expect(scene.events.filter((it) => it.kind === 'access-connected')).toHaveLength(1);
        expect(isTold(scene, 'consent-lost')).toBe(false);
      },
    );

    it('goes on as one stream: source and numbers are those of before', async () => {
      const scene = await aTalk();
      await expectVoice(scene, 100);
      const { leave } = await restart(scene);
      await leave();
      await expectVoice(scene, 101);

      const [first, last] = [scene.browser.heard[0], scene.browser.heard.at(-1)];
      expect(last?.ssrc).toBe(first?.ssrc);
      expect(((last?.sequence ?? 0) - (first?.sequence ?? 0)) & 0xffff).toBe(1);
    });

    it('leaves media on the way it has until there is a new one', async () => {
      const scene = await aTalk();
      const { names } = await scene.browser.prepareRestart();

      scene.call.restartAccess(names);
      await obeyedBy(scene);

      await expectVoice(scene, 100);
    });

    it('changes nothing where the same names come again, and a later one replaces it', async () => {
      const scene = await aTalk();
      const abandoned = await scene.browser.prepareRestart();
      const ours = scene.call.restartAccess(abandoned.names);

      expect(scene.call.restartAccess(abandoned.names)).toEqual(ours);
      const { leave } = await restart(scene);
      await leave();

      await expectVoice(scene, 100);
      expect(scene.call.access.usernameFragment).not.toBe(ours?.usernameFragment);
    });

    it('is done again and again, however many addresses the browser comes by', async () => {
      const scene = await aTalk();
      for (let time = 1; time <= 20; time += 1) {
        const { leave } = await restart(scene);
        await leave();
      }

      await expectVoice(scene, 100);
    });

    it('ends the names of before: who knows them is not answered any more', async () => {
      const scene = await aTalk();
      const { usernameFragment, password } = scene.call.access;
      const stranger = await aStranger();
      stranger.send(check(usernameFragment, password), scene.node);
      await until(() => stranger.heard.length > 0);
      const { leave } = await restart(scene);
      await leave();
      // What it hears over the new way, the node has sent after it moved.
      await expectVoice(scene, 90);
      const heard = stranger.heard.filter(isAnswer).length;

      stranger.send(check(usernameFragment, password), scene.node);
      await expectVoice(scene, 100);

      expect(stranger.heard.filter(isAnswer)).toHaveLength(heard);
    });

    it('is nothing before there is a connection', async () => {
      const { browser, call } = await aScene();

      expect(call.restartAccess(browser.parameters)).toBeUndefined();
    });

    it('brings consent back that was lost: it is told, and sent to again', async () => {
      const scene = await aTalk({ settings: { consentExpiryMs: SHORT_CONSENT_MS } });
      const restarted = await scene.browser.prepareRestart();
      await restarted.leave();
      await until(() => isTold(scene, 'consent-lost'));

      const ours = scene.call.restartAccess(restarted.names);
      scene.call.addCandidates(restarted.candidates);
      if (ours) await restarted.connect(ours);
      await until(() => isTold(scene, 'consent-restored'));

      await expectVoice(scene, 100);
    });
  });
}

/** A browser, as the controlling side, wants another pair of the session there is (RFC 8445 §8.1.1). */
export function describeNaming(name: string, createPlane: CreatePlane): void {
  const { aScene, takeDown } = createScenes(createPlane);
  let ways: AnotherWay[] = [];
  afterEach(async () => {
    for (const way of ways) way.close();
    ways = [];
    await takeDown();
  });

  async function aTalkWithAnotherWay(settings: { readonly isLite?: boolean } = {}) {
    const scene = await aScene({ settings });
    await connect(scene);
    scene.call.connectIms(scene.ims.endpoint);
    await openGates(scene);
    await expectVoice(scene, 100);
    const way = await AnotherWay.open(scene);
    ways.push(way);
    return { scene, way };
  }

  describe(`a pair that the browser names in mid-call, on the ${name} media plane`, () => {
    it.each([
      ['a full', false],
      ['a lite', true],
    ])(
      'takes the place of the one before with %s agent, and nothing is restarted',
      async (_kind, isLite) => {
        const { scene, way } = await aTalkWithAnotherWay({ isLite });
        let sequence = 200;

        way.keepNaming();
        await until(() => {
          sequence += 1;
          scene.ims.send(imsVoice(sequence), scene.call.ims);
          return way.heard.some((packet) => packetKind(packet) === 'rtp');
        });
        await scene.browser.moveTo(way);
        await expectVoice(scene, sequence + 1);

        const told = scene.events
          .map((it) => it.kind)
          .filter((it) => /^(access|consent)-/.test(it));
        expect(told).toEqual(['access-connected']);
        expect(way.checksHeard > 0).toBe(!isLite);
      },
    );

    it('by a check or two does not: each was once named as it was checked', async () => {
      const { scene, way } = await aTalkWithAnotherWay();

      way.name();
      await until(() => way.checksHeard > 0 && way.answersHeard === 1);
      way.name();
      way.repeat();
      await until(() => way.answersHeard === 3);
      await expectVoice(scene, 200);

      expect(way.heard).toHaveLength(0);
    });

    it('does not where it gives the checks of the node no answer', async () => {
      const { scene, way } = await aTalkWithAnotherWay();
      way.isMute = true;

      way.keepNaming();
      // For longer than one that answers has to be named.
      await until(() => way.answersHeard > 15);
      await expectVoice(scene, 200);

      expect(way.heard).toHaveLength(0);
    });
  });
}

const isAnswer = (packet: Buffer): boolean => packet[0] === 1 && packet[1] === 1;

/** Answers checks and sends none. */
export function describeLite(name: string, createPlane: CreatePlane): void {
  const { aScene, takeDown } = createScenes(createPlane);
  afterEach(takeDown);

  async function aLiteTalk(consentExpiryMs = 30_000): Promise<Scene> {
    const scene = await aScene({ settings: { isLite: true, consentExpiryMs } });
    await connect(scene);
    scene.call.connectIms(scene.ims.endpoint);
    await openGates(scene);
    return scene;
  }

  describe(`the ${name} media plane as a lite agent`, () => {
    it('says so, is connected by the checks of the browser alone, and carries voice', async () => {
      const scene = await aLiteTalk();

      await expectVoice(scene);

      expect(scene.call.access.isLite).toBe(true);
      expect(scene.browser.checksHeard).toBe(0);
    });

    it('loses consent when the browser asks no more, and sends nothing then', async () => {
      const scene = await aLiteTalk(SHORT_CONSENT_MS);
      await scene.browser.vanish();
      await until(() => isTold(scene, 'consent-lost'));
      const { packetsSent } = scene.call.stats().access;

      scene.ims.send(imsVoice(7), scene.call.ims);
      await until(() => scene.call.stats().ims.packetsReceived > 0);

      expect(scene.call.stats().access.packetsSent).toBe(packetsSent);
    });

    it('is restarted as a full one is', async () => {
      const scene = await aLiteTalk();
      const { leave } = await restart(scene);
      await leave();

      await scene.browser.sendRtp(voice(50));
      await until(() => heardByIms(scene).includes('voice 50'));
      await expectVoice(scene, 60);
    });
  });
}

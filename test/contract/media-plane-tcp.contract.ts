import { parseMessage } from 'werift';
import { frameOf } from '../../media-node/src/core/media/stream-frames.ts';
import { check } from '../support/ice-checks.ts';
import { TcpPath, TcpWire } from '../support/tcp-path.ts';
import { until } from '../support/until.ts';
import type { CreatePlane } from './media-plane.contract.ts';
import {
  createScenes,
  expectVoice,
  isTold,
  openGates,
  type Scene,
  type SceneOptions,
} from './media-plane-scene.ts';

/** Nobody here has to be waited for; who is let in stays for longer than a test lasts. */
const LIMITS = { headStartMs: 20, firstCheckMs: 1_000, silenceMs: 300_000, restMs: 0 };
const TCP = { iceTcp: { port: 0, limits: LIMITS } };
/** By UDP nobody of this machine comes in, and so there is no other way than TCP. */
const TCP_ALONE = { ...TCP, allowLocal: false };

/** A success (RFC 8489 §5). */
const isAnswer = (packet: Buffer): boolean => packet[0] === 1 && packet[1] === 1;

/** ICE-TCP (RFC 6544): the same call by another way; each adapter of `MediaPlane` runs it. */
export function describeTcp(name: string, createPlane: CreatePlane): void {
  const { aScene, aStranger, takeDown } = createScenes(createPlane);
  const opened: { close(): void }[] = [];
  afterEach(async () => {
    for (const it of opened.splice(0)) it.close();
    await takeDown();
  });

  async function aPath({ call }: Scene): Promise<TcpPath> {
    const path = await TcpPath.open(call.access.candidates);
    opened.push(path);
    return path;
  }

  async function aWire({ call }: Scene): Promise<TcpWire> {
    const wire = await TcpWire.open(call.access.candidates);
    opened.push(wire);
    return wire;
  }

  async function connectBy(path: TcpPath, scene: Scene): Promise<void> {
    const { call, browser } = scene;
    call.connectAccess(browser.parameters);
    await browser.connect({ ...call.access, candidates: path.candidates });
    await until(() => isTold(scene, 'access-connected'));
    call.connectIms(scene.ims.endpoint);
    await openGates(scene);
  }

  async function aTalkByTcp(options: SceneOptions = {}) {
    const settings = { ...TCP_ALONE, ...options.settings };
    const scene = await aScene({ ...options, settings });
    const path = await aPath(scene);
    await connectBy(path, scene);
    return { scene, path };
  }

  describe(`a browser that comes to the ${name} media plane by TCP`, () => {
    it.each([
      ['the browser', true],
      ['the node', false],
    ])('talks and hears where %s offered, though no UDP gets through', async (_who, offers) => {
      const { scene } = await aTalkByTcp({ offers });

      await expectVoice(scene);

      expect(scene.call.access.candidates).toEqual([
        expect.stringMatching(/ udp .* typ host$/),
        expect.stringMatching(/ tcp .* typ host tcptype passive$/),
      ]);
    });

    it('talks to a lite agent as well', async () => {
      const { scene } = await aTalkByTcp({ settings: { isLite: true } });

      await expectVoice(scene);
    });

    it('is told where it is seen, and not which way it went inside', async () => {
      const scene = await aScene({ settings: TCP_ALONE });
      const { usernameFragment, password } = scene.call.access;
      // It controls, as the check says: there is no conflict of roles.
      scene.call.connectAccess(scene.browser.parameters);
      const wire = await aWire(scene);

      wire.send(check(usernameFragment, password));
      await until(() => wire.heard.some(isAnswer));

      const heard = wire.heard.find(isAnswer) ?? Buffer.alloc(0);
      const answer = parseMessage(heard, Buffer.from(password));
      expect(answer?.getAttributeValue('XOR-MAPPED-ADDRESS')).toEqual(['127.0.0.1', wire.port]);
    });

    it('comes by it after a restart, when UDP is lost, with the numbers of before', async () => {
      const scene = await aScene({ settings: TCP });
      const { browser, call } = scene;
      call.addCandidates(browser.candidates);
      call.connectAccess(browser.parameters);
      await browser.connect(call.access);
      await until(() => isTold(scene, 'access-connected'));
      call.connectIms(scene.ims.endpoint);
      await openGates(scene);
      await expectVoice(scene, 100);

      const restarted = await browser.prepareRestart();
      const ours = call.restartAccess(restarted.names);
      const path = await aPath(scene);
      if (ours) await restarted.connect({ ...ours, candidates: path.candidates });
      await restarted.leave();
      await expectVoice(scene, 101);

      const [first, last] = [browser.heard[0], browser.heard.at(-1)];
      expect(last?.ssrc).toBe(first?.ssrc);
      expect(((last?.sequence ?? 0) - (first?.sequence ?? 0)) & 0xffff).toBe(1);
    });

    it('opens no way in for others: its neighbours by UDP stay refused', async () => {
      const { scene } = await aTalkByTcp();
      const { usernameFragment, password } = scene.call.access;
      const stranger = await aStranger();

      stranger.send(check(usernameFragment, password), scene.node);
      scene.call.addCandidates(['candidate:1 1 udp 1 127.0.0.1 9 typ host']);
      await expectVoice(scene);

      expect(stranger.heard).toHaveLength(0);
      expect(scene.call.stats().candidatesRefused).toBe(1);
    });

    it('is let go when the call is over', async () => {
      const { scene, path } = await aTalkByTcp();

      await scene.call.close();

      await until(() => path.wire.isOver);
    });

    it('loses consent when it is gone, as by UDP', async () => {
      const { scene, path } = await aTalkByTcp({ settings: { consentExpiryMs: 3_000 } });

      path.wire.close();

      await until(() => isTold(scene, 'consent-lost'));
    });
  });

  describe(`SEC-4: whoever else connects to the ${name} media plane`, () => {
    const signed = (password?: string) => (scene: Scene) =>
      frameOf(check(scene.call.access.usernameFragment, password));

    it.each<readonly [string, (scene: Scene) => Uint8Array | string]>([
      ['speaks something else', () => 'GET / HTTP/1.1\r\nHost: node\r\n\r\n'],
      ['knows no call', () => frameOf(check('nobody', 'nothing'))],
      ['knows no password', signed()],
      ['has guessed a password', signed('guessed')],
      ['begins with media', () => frameOf(Buffer.alloc(100, 0x80))],
      ['says nothing', () => ''],
      ['says a byte and waits', () => Uint8Array.of(0)],
    ])('is sent away where it %s, and disturbs nobody', async (_what, saying) => {
      const { scene } = await aTalkByTcp();
      const wire = await aWire(scene);

      wire.sendRaw(saying(scene));
      await until(() => wire.isOver);

      expect(wire.heard).toHaveLength(0);
      await expectVoice(scene);
    });

    it('is slowed down where it floods, and no other feels it', async () => {
      const { scene } = await aTalkByTcp({ settings: { maxPacketsPerS: 100 } });
      const { usernameFragment, password } = scene.call.access;
      const flooding = await aWire(scene);
      const request = check(usernameFragment, password);
      flooding.send(request);
      await until(() => flooding.heard.length > 0);

      for (let at = 0; at < 5_000; at += 1) flooding.send(request);
      await expectVoice(scene);

      expect(flooding.heard.length).toBeLessThan(1_000);
    });
  });
}

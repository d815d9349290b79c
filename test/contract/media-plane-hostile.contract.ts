import { createHash, X509Certificate } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { writeGoodbye } from '../../media-node/src/core/media/rtcp-packet.ts';
import { writeRtp } from '../../media-node/src/core/media/rtp-packet.ts';
import { readStun } from '../../media-node/src/core/media/stun-message.ts';
import { answerTo, check } from '../support/ice-checks.ts';
import { aCertificate } from '../support/memory-certificate.ts';
import { until } from '../support/until.ts';
import { clientHello, nameAnotherBehindOwn } from './hostile-dtls.ts';
import { mutationsOf } from './hostile-packets.ts';
import { type CreatePlane, settle } from './media-plane.contract.ts';
import {
  connect,
  createScenes,
  expectVoice,
  heardByIms,
  imsVoice,
  isTold,
  obeyedBy,
  openGates,
  type Scene,
  start,
  voice,
} from './media-plane-scene.ts';

/** More than anybody has; what a bomb is made of. */
const MANY = 10_000;
const report = (ssrc: number, cname = 'somebody') =>
  writeGoodbye({ ssrc, cname, blocks: [], sender: { ...SENT, nowMs: Date.now() } });
const CONSENT_MS = 1_500;
/** Fewer than a call may have. */
const OTHER_ADDRESSES = 12;
const SENT = { rtpTimestamp: 1, packets: 1, octets: 1 };

/**
 * The network as an attacker has it; each adapter of `MediaPlane` runs it. The table of attacks is
 * in docs/media-attacks.md.
 */
export function describeHostileNetwork(name: string, createPlane: CreatePlane): void {
  const { aPlane, aScene, aStranger, aTalk, anImsPeer, takeDown } = createScenes(createPlane);
  afterEach(takeDown);

  describe(`SEC-4: before the handshake of the ${name} media plane`, () => {
    it('a ClientHello is not heard from one who only sent an unsigned check', async () => {
      const scene = await aScene();
      const stranger = await aStranger();

      stranger.send(check(scene.call.access.usernameFragment), scene.node);
      stranger.send(clientHello(), scene.node);
      await settle();
      await connect(scene);
      scene.call.connectIms(scene.ims.endpoint);
      await openGates(scene);

      await expectVoice(scene);
      expect(stranger.heard).toHaveLength(0);
    });

    it('a ClientHello is not heard from one who repeats a signed check', async () => {
      const scene = await aScene();
      const { usernameFragment, password } = scene.call.access;
      const stranger = await aStranger();

      stranger.send(check(usernameFragment, password), scene.node);
      await settle();
      for (let at = 0; at < 5; at += 1) stranger.send(clientHello(), scene.node);
      await connect(scene);
      for (let at = 0; at < 5; at += 1) stranger.send(clientHello(), scene.node);
      scene.call.connectIms(scene.ims.endpoint);
      await openGates(scene);

      await expectVoice(scene);
      // DTLS begins with its type: 20 to 25 (RFC 7983 §7).
      expect(stranger.heard.filter((it) => (it[0] ?? 0) > 19)).toHaveLength(0);
    });

    it('a check in the name of another browser, signed for a call of one’s own, takes nothing from that one', async () => {
      const plane = await aPlane();
      const scene = await aTalk({ plane });
      const { access } = (await aScene({ plane })).call;

      // It comes from that browser itself, as if its source were forged.
      await scene.browser.sendRaw(check(access.usernameFragment, access.password));
      await settle();

      await expectVoice(scene);
    });

    it('MED-7: no key is given where the named certificate stands behind another one', async () => {
      const named = new X509Certificate(aCertificate('named').certificatePem).raw;
      const digest = createHash('sha256').update(named).digest('hex').toUpperCase();
      const value = digest.match(/../g)?.join(':') ?? '';
      const stated = () => ({ algorithm: 'sha-256', values: [value] });
      const scene = await aScene({ stated, tamper: nameAnotherBehindOwn(named) });

      start(scene).catch(() => undefined);
      await until(() => isTold(scene, 'access-failed') || isTold(scene, 'access-connected'));

      expect(isTold(scene, 'access-connected')).toBe(false);
    });
  });

  describe(`MED-7: SRTP of the ${name} media plane`, () => {
    it('takes each packet once, however often it comes and in what order', async () => {
      const scene = await aTalk();
      const { browser, call } = scene;
      for (let at = 1; at <= 40; at += 1) await browser.sendRtp(voice(at));
      await until(() => scene.ims.heard.length === 40);

      for (const packet of browser.sent.slice(-40).reverse()) await browser.sendRaw(packet);
      await until(() => call.stats().access.packetsDropped >= 40);

      expect(scene.ims.heard).toHaveLength(40);
    });

    it('takes no packet from before its window, and late ones within 64', async () => {
      const scene = await aTalk();
      const { browser, call } = scene;
      browser.isHolding = true;
      for (const at of [1, 200, 260]) await browser.sendRtp(voice(at));
      const [old, late, newest] = browser.sent.slice(-3);
      browser.isHolding = false;
      if (!(old && late && newest)) throw new Error('nothing was protected');

      await browser.sendRaw(newest);
      await until(() => heardByIms(scene).length === 1);
      await browser.sendRaw(late);
      await until(() => heardByIms(scene).length === 2);
      const { packetsDropped } = call.stats().access;
      await browser.sendRaw(old);
      await until(() => call.stats().access.packetsDropped > packetsDropped);

      expect(heardByIms(scene)).toEqual(['voice 260', 'voice 200']);
    });

    it('takes a report once', async () => {
      const scene = await aTalk();
      const { browser, call } = scene;
      await browser.sendRtp(voice(1));
      await browser.sendRtcp(report(0x1234));
      await until(() => scene.ims.heard.length === 1);
      const packet = browser.sent.at(-1) ?? Buffer.alloc(0);
      const { packetsDropped } = call.stats().access;

      await browser.sendRaw(packet);
      await until(() => call.stats().access.packetsDropped > packetsDropped);

      await expectVoice(scene);
    });

    it('takes no packet of which any part was changed', async () => {
      const scene = await aTalk();
      const { browser, call } = scene;
      browser.isHolding = true;
      await browser.sendRtp(voice(1));
      const packet = browser.sent.at(-1) ?? Buffer.alloc(0);
      browser.isHolding = false;
      // Not the first two bytes: there it would be no RTP of this call at all.
      const changed: Buffer[] = [...packet.keys()].slice(2).map((at) => {
        const copy: Buffer = Buffer.from(packet);
        copy[at] = (copy[at] ?? 0) ^ 1;
        return copy;
      });
      changed.push(packet.subarray(0, -1), packet.subarray(0, -10), packet.subarray(0, 14));

      for (const it of changed) await browser.sendRaw(it);
      await until(() => call.stats().access.packetsDropped >= changed.length);

      expect(scene.ims.heard).toHaveLength(0);
      await expectVoice(scene);
    });
  });

  describe(`MED-6: consent on the ${name} media plane`, () => {
    it('is of one address: who still answers from others has not given it (RFC 7675 §5.1)', async () => {
      const scene = await aTalk({ settings: { consentExpiryMs: CONSENT_MS } });
      const { usernameFragment, password } = scene.call.access;
      const isLost = (): boolean => isTold(scene, 'consent-lost');
      await scene.browser.vanish();

      for (let others = 0; !isLost() && others < OTHER_ADDRESSES; others += 1) {
        const other = await aStranger();
        const asked = () => other.heard.find((it) => readStun(it)?.class === 'request');
        other.send(check(usernameFragment, password, { names: false }), scene.node);
        await until(() => isLost() || asked() !== undefined);
        const request = asked();
        const theirs = scene.browser.parameters.password;
        if (request) other.send(answerTo(request, scene.node, theirs), scene.node);
        await sleep(CONSENT_MS / 4);
      }

      expect(isLost()).toBe(true);
    });
  });

  describe(`MED-12: the IMS leg of the ${name} media plane`, () => {
    it('sends nothing to whoever spoke first', async () => {
      const scene = await aScene();
      const stranger = await anImsPeer();
      stranger.send(imsVoice(1), scene.call.ims);
      await connect(scene);
      scene.call.connectIms(scene.ims.endpoint);
      await openGates(scene);
      for (let at = 2; at < 60; at += 1) stranger.send(imsVoice(at), scene.call.ims);

      await expectVoice(scene);

      expect(stranger.heard).toHaveLength(0);
      expect(scene.browser.heard.map((it) => it.payload)).toEqual(['ims 30000']);
    });

    it('hears what the callee said before its answer came, and no one else (MED-11)', async () => {
      const scene = await aScene();
      const { call, browser, ims } = scene;
      const stranger = await anImsPeer();
      await connect(scene);

      for (const at of [1, 2, 3]) {
        ims.send(imsVoice(at), call.ims);
        stranger.send(imsVoice(at + 100), call.ims);
      }
      await settle();
      call.connectIms(ims.endpoint);
      await openGates(scene);
      await until(() => browser.heard.length === 3);
      await expectVoice(scene, 4);

      expect(browser.heard.map((it) => it.payload)).toEqual(['ims 1', 'ims 2', 'ims 3', 'ims 4']);
    });

    it('takes RTCP from the signalled peer alone', async () => {
      const scene = await aTalk();
      const stranger = await anImsPeer();
      await expectVoice(scene, 1);
      const { packetsDropped } = scene.call.stats().ims;

      stranger.sendRtcp(report(0x77), scene.call.ims);
      await until(() => scene.call.stats().ims.packetsDropped === packetsDropped + 1);

      await expectVoice(scene, 2);
      expect(stranger.heardRtcp).toHaveLength(0);
    });

    it('learns by policy where the peer is, once, and holds to it', async () => {
      const scene = await aScene();
      const { call, browser, ims } = scene;
      const [elsewhere, later] = [await anImsPeer(), await anImsPeer()];
      await connect(scene);
      call.connectIms({ ...ims.endpoint, learnsSource: true });
      await openGates(scene);

      elsewhere.send(imsVoice(1), call.ims);
      await until(() => browser.heard.length === 1);
      later.send(imsVoice(2), call.ims);
      ims.send(imsVoice(3), call.ims);
      await until(() => call.stats().ims.packetsDropped === 2);
      await browser.sendRtp(voice(1));
      await until(() => elsewhere.heard.length === 1);
      // The same description again, as a re-INVITE has it.
      call.connectIms({ ...ims.endpoint, learnsSource: true });
      await obeyedBy(scene);
      later.send(imsVoice(4), call.ims);
      await until(() => call.stats().ims.packetsDropped === 3);

      expect(browser.heard.map((it) => it.payload)).toEqual(['ims 1']);
      expect(later.heard).toHaveLength(0);
      expect(ims.heard).toHaveLength(0);
    });

    it('learns nothing from another network, and nothing from what is no RTP', async () => {
      const scene = await aScene();
      const { call, ims } = scene;
      const [foreign, noisy] = [await anImsPeer('127.9.9.9'), await anImsPeer()];
      await connect(scene);
      call.connectIms({ ...ims.endpoint, learnsSource: true });
      await openGates(scene);

      foreign.send(imsVoice(1), call.ims);
      for (const noise of ['', 'x', 'GET / HTTP/1.1', '\u0000\u0001']) {
        noisy.send(Buffer.from(noise), call.ims);
      }
      await until(() => call.stats().ims.packetsDropped >= 4);

      await expectVoice(scene);
      expect(foreign.heard).toHaveLength(0);
      expect(noisy.heard).toHaveLength(0);
    });
  });

  describe(`SEC-4: a flood toward the ${name} media plane`, () => {
    const settings = { maxPacketsPerS: 100 };

    const sides = {
      browser: {
        leg: 'access',
        speak: ({ browser }: Scene, at: number) => browser.sendRtp(voice(at)),
        passed: ({ ims }: Scene) => ims.heard.length,
      },
      ims: {
        leg: 'ims',
        speak: ({ ims, call }: Scene, at: number) => {
          ims.send(imsVoice(at), call.ims);
        },
        passed: ({ browser }: Scene) => browser.heard.length,
      },
    } as const;

    it.each(['browser', 'ims'] as const)(
      'of one %s is cut, and no other feels it',
      async (side) => {
        const { leg, speak, passed } = sides[side];
        const plane = await aPlane(settings);
        const flooded = await aTalk({ plane });
        const other = await aTalk({ plane });

        for (let at = 1; at <= 600; at += 1) {
          await speak(flooded, at);
          // So that no buffer of the system overflows before the cap does.
          if (at % 50 === 0) await sleep(1);
        }
        await until(() => flooded.call.stats()[leg].packetsDropped > 100);
        await expectVoice(other);

        expect(passed(flooded)).toBeLessThan(500);
      },
    );

    it('of strangers costs the callers nothing', async () => {
      const scene = await aTalk({ settings });
      const stranger = await aStranger();
      const outsider = await anImsPeer();

      for (let at = 0; at < 600; at += 1) {
        stranger.send(check(scene.call.access.usernameFragment, 'guessed'), scene.node);
        stranger.send(imsVoice(at), scene.node);
        outsider.send(imsVoice(at), scene.call.ims);
        if (at % 50 === 0) await sleep(1);
      }

      await expectVoice(scene);
      expect(stranger.heard).toHaveLength(0);
    });
  });

  describe(`SEC-4: malformed packets at the ${name} media plane`, () => {
    it('disturb nothing, whatever they were before and wherever they come from', async () => {
      const scene = await aTalk();
      const { call, browser, ims, node } = scene;
      const stranger = await aStranger();
      await browser.sendRtp(voice(1));
      await browser.sendRtcp(report(0x1234));
      const { usernameFragment, password } = call.access;
      const seeds = [
        check(usernameFragment, password),
        clientHello(),
        ...browser.sent.slice(-2),
        ...browser.received.slice(0, 4),
        Buffer.from(imsVoice(1)),
        Buffer.from(report(0x77)),
      ];

      for (const [at, packet] of mutationsOf(seeds, { seed: 7, count: 1_500 }).entries()) {
        stranger.send(packet, node);
        await browser.sendRaw(packet);
        ims.send(packet, call.ims);
        ims.sendRtcp(packet, call.ims);
        if (at % 50 === 0) await sleep(1);
      }

      await expectVoice(scene);
      expect(isTold(scene, 'access-failed')).toBe(false);
    });
  });

  describe(`SEC-3: candidates at the ${name} media plane`, () => {
    it('by the thousand are cut short, and the call is set up', async () => {
      const scene = await aScene();
      const bomb = Array.from(
        { length: MANY },
        (_, at) =>
          `candidate:${String(at)} 1 udp 1 127.77.${String(at >> 8)}.${String(at & 255)} 9 typ host`,
      );

      scene.call.addCandidates([...scene.browser.candidates, ...bomb]);
      await connect(scene);

      expect(scene.call.stats().candidatesRefused).toBeGreaterThan(MANY - 100);
    });

    it('of any spelling do not lead to where we must not send', async () => {
      const { call } = await aScene({ settings: { allowLocal: false } });
      const forbidden = [
        ...['127.0.0.1', '127.1.2.3', '169.254.169.254', '169.254.170.2', '0.0.0.0', '::', '::1'],
        ...['fe80::1', 'fd00:ec2::254', '::ffff:127.0.0.1', '::ffff:a9fe:a9fe', '64:ff9b::7f00:1'],
        ...['224.0.0.1', 'ff02::1', '255.255.255.255'],
        ...['2130706433', '0x7f000001', '0177.0.0.1', '127.1', 'metadata.internal', 'localhost'],
        ...['192.0.2.1::', '2001:db8:192.0.2.1::', '2001:db8::1%eth0', '2001:db8:::1'],
      ];

      call.addCandidates(forbidden.map((it) => `candidate:1 1 udp 1 ${it} 80 typ host`));
      call.addCandidates(
        forbidden.map((it) => `candidate:1 1 udp 1 ${it} 80 typ relay raddr 1 rport 1`),
      );
      call.addCandidates([
        'x'.repeat(100_000),
        `candidate:${'1 '.repeat(50_000)}`,
        '\u0000\r\na=ice-lite',
      ]);

      expect(call.stats().candidatesRefused).toBe(2 * forbidden.length);
    });

    it('that are no address, and a peer at none, end no other call', async () => {
      const plane = await aPlane();
      const scene = await aTalk({ plane });
      const { call } = await aScene({ plane });

      call.addCandidates(['candidate:1 1 udp 1 192.0.2.1:: 9 typ host']);
      call.connectIms({ address: '192.0.2.1::', rtpPort: 5000, rtcpPort: 5001 });
      await obeyedBy(scene);

      await expectVoice(scene);
    });

    it('are not made by a check from a forbidden address, however well it is signed', async () => {
      const { call, node } = await aScene({ settings: { allowLocal: false } });
      const local = await aStranger();

      local.send(check(call.access.usernameFragment, call.access.password), node);
      await settle();

      expect(local.heard).toHaveLength(0);
    });
  });

  describe(`MED-6: media of the ${name} media plane`, () => {
    it('follows no one who repeats a signed check of the browser', async () => {
      const scene = await aTalk();
      const { call, browser, ims, node } = scene;
      await expectVoice(scene, 1);
      const stranger = await aStranger();

      stranger.send(check(call.access.usernameFragment, call.access.password), node);
      await settle();
      for (let at = 2; at < 12; at += 1) ims.send(imsVoice(at), call.ims);
      await until(() => browser.heard.length === 11);

      // Checks of ours to see whether it is the browser, and nothing else (RFC 7983 §7).
      expect(stranger.heard.filter((it) => (it[0] ?? 0) > 3)).toHaveLength(0);
    });
  });

  describe(`MED-10: sources and payload types at the ${name} media plane`, () => {
    it('that look like RTCP are no media', async () => {
      const scene = await aTalk();
      const { browser, ims, call } = scene;

      // 72 to 76 with the marker are SR to APP on a shared port (RFC 5761 §4).
      for (const payloadType of [64, 72, 73, 74, 75, 76, 95]) {
        await browser.sendRtp({ ...voice(1, { payloadType }), marker: true });
        ims.send(imsVoice(1, { payloadType }), call.ims);
        ims.sendRtcp(imsVoice(1), call.ims);
      }
      await expectVoice(scene);

      expect(heardByIms(scene)).toEqual(['voice 30000']);
      expect(browser.heard.map((it) => it.payload)).toEqual(['ims 30000']);
    });

    it('that collide with our own do not confuse the legs', async () => {
      const scene = await aTalk();
      const { browser, ims, call } = scene;
      const ssrc = call.ssrcToBrowser;

      await browser.sendRtp(voice(1, { ssrc }));
      await until(() => ims.heard.length === 1);
      const ours = ims.heard[0]?.readUInt32BE(8) ?? 0;
      ims.send(imsVoice(1, { ssrc: ours }), call.ims);
      await until(() => browser.heard.length === 1);
      ims.send(imsVoice(2, { ssrc }), call.ims);
      await until(() => browser.heard.length === 2);

      expect(browser.heard.map((it) => it.ssrc)).toEqual([ssrc, ssrc]);
      await expectVoice(scene);
    });

    it('by the hundred end nothing', async () => {
      const scene = await aTalk();
      const { browser, ims, call } = scene;

      for (let at = 1; at <= 300; at += 1) {
        await browser.sendRtp(voice(1, { ssrc: at }));
        ims.send(imsVoice(1, { ssrc: at }), call.ims);
        if (at % 50 === 0) await sleep(1);
      }

      await expectVoice(scene);
    });
  });

  describe(`SES-5: key presses at the ${name} media plane`, () => {
    const EVENT = 101;
    const digit = (sequence: number, isEnd: boolean) =>
      writeRtp(
        { marker: sequence === 1, payloadType: EVENT, sequence, timestamp: 800, ssrc: 0x77 },
        Uint8Array.of(5, isEnd ? 0x8a : 0x0a, 0, 160 * sequence),
      );

    it('pass as one event, and neither a stranger nor a repetition makes another', async () => {
      const scene = await aTalk();
      const { browser, ims, call } = scene;
      call.setRewrite({
        payloadToIms: new Map([[111, 8]]),
        payloadToBrowser: new Map([...[[8, 111] as const], [EVENT, 126]]),
      });
      await obeyedBy(scene);
      const stranger = await anImsPeer();

      stranger.send(digit(1, true), call.ims);
      for (const at of [1, 2, 3]) ims.send(digit(at, false), call.ims);
      for (const at of [4, 5, 6]) ims.send(digit(at, true), call.ims);
      await until(() => browser.heard.length === 6);

      expect(new Set(browser.heard.map((it) => it.timestamp)).size).toBe(1);
      expect(new Set(browser.heard.map((it) => it.payloadType))).toEqual(new Set([126]));
      const sequences = browser.heard.map((it) => it.sequence);
      expect(sequences).toEqual(sequences.map((_, at) => (sequences[0] ?? 0) + at));
      await expectVoice(scene, 7);
    });
  });

  describe(`MED-1: nothing of one side crosses the ${name} media plane`, () => {
    it('but the voice: no name, no contributing source, no number', async () => {
      const scene = await aTalk();
      const { browser, ims, call } = scene;
      const secret = 'alice@10.20.30.40';

      await browser.sendRtp({ ...voice(1), csrc: [0x0a14_1e28] });
      await browser.sendRtcp(report(0x1234, secret));
      ims.send(imsVoice(1), call.ims);
      ims.sendRtcp(report(0x77, secret), call.ims);
      await until(() => ims.heardRtcp.length > 1 && browser.heardRtcp.length > 1);
      await until(() => ims.heard.length === 1 && browser.heard.length === 1);

      const toIms = Buffer.concat([...ims.heard, ...ims.heardRtcp]);
      const traces = [
        Buffer.from(secret),
        ...['0a141e28', '00001234'].map((it) => Buffer.from(it, 'hex')),
      ];
      expect(traces.filter((it) => toIms.includes(it))).toEqual([]);
      expect((ims.heard[0]?.[0] ?? 0) & 0x1f).toBe(0);
      expect(browser.heard[0]?.ssrc).toBe(call.ssrcToBrowser);
    });
  });
}

import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { classes, Message, methods } from 'werift';
import type { IceTcpOptions } from '../../media-node/src/adapters/ice-tcp/ice-tcp-door.ts';
import { readReports } from '../../media-node/src/core/media/rtcp-packet.ts';
import { readRtpHeader, writeRtp } from '../../media-node/src/core/media/rtp-packet.ts';
import { readCandidate } from '../../media-node/src/core/sdp/candidate.ts';
import type { MediaCall, MediaEvent, MediaPlane } from '../../media-node/src/ports/media-plane.ts';
import { callId } from '../../shared/src/domain/ids.ts';
import { check } from '../support/ice-checks.ts';
import { until } from '../support/until.ts';
import { ImsPeer } from './ims-peer.ts';
import { type BrowserOptions, WeriftBrowser } from './werift-browser.ts';

export interface PlaneSettings {
  readonly allowLocal: boolean;
  readonly firstPort: number;
  readonly lastPort: number;
  readonly quarantineMs: number;
  readonly consentExpiryMs: number;
  readonly rtcpIntervalMs: number;
  readonly maxPacketsPerS: number;
  readonly isLite: boolean;
  /** Ours toward IMS. */
  readonly imsAddress: string;
  /** None where absent. */
  readonly iceTcp?: IceTcpOptions;
}

export type CreatePlane = (settings: PlaneSettings) => Promise<MediaPlane>;

export const SETTINGS: PlaneSettings = {
  imsAddress: '127.0.0.1',
  allowLocal: true,
  firstPort: 43_000,
  lastPort: 43_099,
  quarantineMs: 0,
  consentExpiryMs: 30_000,
  rtcpIntervalMs: 100,
  maxPacketsPerS: 10_000,
  isLite: false,
};
export const OPEN = { toIms: true, toBrowser: true };
const payloadOf = (packet: Buffer): string => packet.subarray(12).toString();
export const PCMU_TO_PCMA = {
  payloadToIms: new Map([[111, 8]]),
  payloadToBrowser: new Map([[8, 111]]),
};

/** Long enough for what was sent on loopback to have come, if it comes at all. */
export const settle = () => new Promise((resolve) => setTimeout(resolve, 100));

/**
 * Orders may have to travel to another process. They travel in their order, so that a call opened
 * after them is opened after they were obeyed.
 */
export async function obeyed(plane: MediaPlane): Promise<void> {
  const later = await plane.open(callId('call-later'), () => undefined);
  await later.close();
}

interface Scene {
  readonly obeyed: () => Promise<void>;
  readonly call: MediaCall;
  readonly events: MediaEvent[];
  readonly browser: WeriftBrowser;
  readonly ims: ImsPeer;
}

/** What every `MediaPlane` does; each adapter runs it. */
export function describeMediaPlane(name: string, createPlane: CreatePlane): void {
  const cleanups: (() => Promise<void> | void)[] = [];
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });

  async function aPlane(settings: Partial<PlaneSettings> = {}): Promise<MediaPlane> {
    const plane = await createPlane({ ...SETTINGS, ...settings });
    cleanups.push(() => plane.close());
    return plane;
  }

  async function aCall(plane: MediaPlane) {
    const events: MediaEvent[] = [];
    const call = await plane.open(callId('call-0001'), (event) => events.push(event));
    cleanups.push(() => call.close());
    return { call, events };
  }

  async function aBrowser(options: BrowserOptions): Promise<WeriftBrowser> {
    const browser = await WeriftBrowser.open(options);
    cleanups.push(() => browser.vanish());
    return browser;
  }

  async function aConnectedCall(
    options: Partial<BrowserOptions> & { readonly plane?: Partial<PlaneSettings> } = {},
  ): Promise<Scene> {
    const plane = await aPlane(options.plane);
    const { call, events } = await aCall(plane);
    const browser = await aBrowser({ offers: true, ...options });
    const ims = await ImsPeer.open();
    cleanups.push(() => {
      ims.close();
    });
    call.addCandidates(browser.candidates);
    call.connectAccess(browser.parameters);
    await browser.connect(call.access);
    await until(() => events.some((it) => it.kind === 'access-connected'));
    call.setRewrite(PCMU_TO_PCMA);
    call.connectIms(ims.endpoint);
    await obeyed(plane);
    return { call, events, browser, ims, obeyed: () => obeyed(plane) };
  }

  const voice = (sequence: number, payload = `voice ${String(sequence)}`) => ({
    payloadType: 111,
    sequence,
    ssrc: 0x1234,
    payload,
  });
  const imsRtp = (sequence: number, payload: string, ssrc = 0x77) =>
    writeRtp(
      { marker: false, payloadType: 8, sequence, timestamp: sequence * 160, ssrc },
      Buffer.from(payload),
    );
  const imsVoice = (sequence: number, ssrc = 0x77) =>
    imsRtp(sequence, `ims ${String(sequence)}`, ssrc);

  const madeHere = (sequence: number) =>
    writeRtp(
      { marker: true, payloadType: 96, sequence, timestamp: sequence * 960, ssrc: 0x99 },
      Buffer.from('made here'),
    );

  describe(`MED-7: the ${name} media plane carries voice between DTLS-SRTP and plain RTP`, () => {
    it.each([
      ['the browser offered', true, 7],
      ['the node offered', false, 7],
      ['the browser knows AES_CM_128_HMAC_SHA1_80 only', true, 1],
    ] as const)('both ways where %s', async (_name, offers, srtpProfile) => {
      const { call, browser, ims, obeyed } = await aConnectedCall({ offers, srtpProfile });
      call.setGate(OPEN);
      await obeyed();

      await browser.sendRtp(voice(1));
      await until(() => ims.heard.length === 1);
      ims.send(imsVoice(1), call.ims);
      await until(() => browser.heard.length === 1);

      expect(ims.heard[0]?.subarray(12).toString()).toBe('voice 1');
      expect(browser.heard[0]).toMatchObject({
        payloadType: 111,
        ssrc: call.ssrcToBrowser,
        payload: 'ims 1',
      });
    });

    it('brings bursts whole and in their order, whatever leaves together', async () => {
      const { call, browser, ims, obeyed } = await aConnectedCall();
      call.setGate(OPEN);
      await obeyed();
      const sequences = Array.from({ length: 24 }, (_, at) => at + 1);
      // As a picture is cut: equal pieces, and a shorter one at the end of each.
      const lengthOf = (sequence: number): number => (sequence % 6 === 0 ? 300 : 900);
      const piece = (sequence: number): string => String(sequence).padEnd(lengthOf(sequence), '.');

      for (const sequence of sequences) {
        ims.send(imsRtp(sequence, piece(sequence)), call.ims);
        await browser.sendRtp(voice(sequence, piece(sequence)));
      }
      await until(() => ims.heard.length === 24 && browser.heard.length === 24);

      const sent = sequences.map(piece);
      expect(ims.heard.map((packet) => packet.subarray(12).toString())).toEqual(sent);
      expect(browser.heard.map((it) => it.payload)).toEqual(sent);
    });

    it('connects browsers whose checks come before their answers', async () => {
      const plane = await aPlane();
      // Roles in conflict are settled by chance: several calls leave none.
      const scenes = await Promise.all(
        Array.from({ length: 6 }, async () => ({
          ...(await aCall(plane)),
          browser: await aBrowser({ offers: false }),
        })),
      );

      const connections = scenes.map(({ browser, call }) => browser.connect(call.access));
      await settle();
      for (const { browser, call } of scenes) {
        call.addCandidates(browser.candidates);
        call.connectAccess(browser.parameters);
      }
      await until(() =>
        scenes.every(({ events }) => events.some((it) => it.kind === 'access-connected')),
      );

      await expect(Promise.all(connections)).resolves.toHaveLength(scenes.length);
    });

    it('drops a replayed packet', async () => {
      const { call, browser, ims, obeyed } = await aConnectedCall();
      call.setGate(OPEN);
      await obeyed();
      await browser.sendRtp(voice(1));
      await until(() => ims.heard.length === 1);
      const packet = browser.sent.at(-1) ?? Buffer.alloc(0);

      const before = call.stats().access.packetsDropped;
      await browser.sendRaw(packet);
      await until(() => call.stats().access.packetsDropped > before);
      await browser.sendRtp(voice(2));
      await until(() => ims.heard.length > 1);

      expect(ims.heard.map(payloadOf)).toEqual(['voice 1', 'voice 2']);
    });

    it('drops a packet that was changed on the way', async () => {
      const { call, browser, ims, obeyed } = await aConnectedCall();
      call.setGate(OPEN);
      await obeyed();
      await browser.sendRtp(voice(1));
      await until(() => ims.heard.length === 1);
      const packet = Buffer.from(browser.sent.at(-1) ?? []);
      packet.writeUInt16BE(2, 2);

      const before = call.stats().access.packetsDropped;
      await browser.sendRaw(packet);
      await until(() => call.stats().access.packetsDropped > before);
      await browser.sendRtp(voice(3));
      await until(() => ims.heard.length > 1);

      expect(ims.heard.map(payloadOf)).toEqual(['voice 1', 'voice 3']);
    });
  });

  describe(`MED-11: the gate of the ${name} media plane`, () => {
    it('lets nothing pass until it is opened, each way by itself', async () => {
      const { call, browser, ims, obeyed } = await aConnectedCall();

      await browser.sendRtp(voice(1));
      ims.send(imsVoice(1), call.ims);
      await until(() => call.stats().ims.packetsReceived === 1);
      await until(() => call.stats().access.packetsReceived === 1);
      call.setGate({ toIms: false, toBrowser: true });
      await obeyed();
      ims.send(imsVoice(2), call.ims);
      await browser.sendRtp(voice(2));
      await until(() => browser.heard.length === 1);
      await settle();

      expect(browser.heard[0]?.payload).toBe('ims 2');
      expect(ims.heard).toHaveLength(0);
      expect(ims.heardRtcp).toHaveLength(0);
    });

    it('tells of the first packet of each side once', async () => {
      const { call, browser, ims, events, obeyed } = await aConnectedCall();
      call.setGate(OPEN);
      await obeyed();

      for (const sequence of [1, 2, 3]) {
        await browser.sendRtp(voice(sequence));
        ims.send(imsVoice(sequence), call.ims);
      }
      const first = () => events.flatMap((it) => (it.kind === 'first-packet' ? [it.from] : []));
      await until(() => browser.heard.length === 3 && ims.heard.length === 3);
      // A plane in another process tells by message, behind the packets.
      await until(() => first().length >= 2);

      expect(first().sort()).toEqual(['browser', 'ims']);
    });

    it('passes no payload type that was not negotiated', async () => {
      const { call, browser, ims, obeyed } = await aConnectedCall();
      call.setGate(OPEN);
      await obeyed();

      await browser.sendRtp({ ...voice(1), payloadType: 96 });
      await browser.sendRtp(voice(2));
      await until(() => ims.heard.length === 1);

      expect(ims.heard[0]?.subarray(12).toString()).toBe('voice 2');
    });
  });

  describe(`MED-12: the ${name} media plane hears only whom it should`, () => {
    it('takes RTP on the IMS leg from the signalled peer alone', async () => {
      const { call, browser, ims, obeyed } = await aConnectedCall();
      call.setGate(OPEN);
      await obeyed();
      const stranger = await ImsPeer.open();

      stranger.send(imsVoice(1), call.ims);
      await until(() => call.stats().ims.packetsDropped === 1);
      ims.send(imsVoice(2), call.ims);
      await until(() => browser.heard.length === 1);
      stranger.close();

      expect(browser.heard[0]?.payload).toBe('ims 2');
    });

    it('takes SRTP from the validated address alone, even if it is authentic', async () => {
      const { call, browser, ims, obeyed } = await aConnectedCall();
      call.setGate(OPEN);
      await obeyed();
      const node = readCandidate(call.access.candidates[0] ?? '');
      const stranger = createSocket('udp4');
      browser.isHolding = true;
      await browser.sendRtp(voice(1));
      const held = browser.sent.at(-1) ?? Buffer.alloc(0);

      stranger.send(held, node?.port ?? 0, node?.address);
      await settle();
      stranger.close();
      const heardOfStranger = ims.heard.length;
      browser.isHolding = false;
      await browser.sendRaw(held);
      await until(() => ims.heard.length === 1);

      expect(heardOfStranger).toBe(0);
    });

    it('answers a check with the right integrity only', async () => {
      const { call } = await aCall(await aPlane());
      const node = readCandidate(call.access.candidates[0] ?? '');
      const stranger = createSocket('udp4');
      const answers: Buffer[] = [];
      stranger.on('message', (packet) => answers.push(packet));
      const { usernameFragment, password } = call.access;

      stranger.send(check(usernameFragment, 'not the password'), node?.port ?? 0, node?.address);
      stranger.send(check(usernameFragment, undefined), node?.port ?? 0, node?.address);
      stranger.send(check('none', password), node?.port ?? 0, node?.address);
      await settle();
      const unanswered = answers.length;
      stranger.send(check(usernameFragment, password), node?.port ?? 0, node?.address);
      await until(() => answers.length > 0);
      stranger.close();

      expect(unanswered).toBe(0);
    });

    it('gives each of many calls opened at once its own name, secret and ports', async () => {
      const plane = await aPlane();

      const opened = await Promise.all(Array.from({ length: 40 }, () => aCall(plane)));

      const calls = opened.map((it) => it.call);
      for (const own of [
        calls.map((it) => it.access.usernameFragment),
        calls.map((it) => it.access.password),
        calls.map((it) => it.ims.rtpPort),
        calls.map((it) => it.ssrcToBrowser),
      ]) {
        expect(new Set<string | number>(own).size).toBe(40);
      }
      // 48 and 132 bits in base64, so that nobody guesses and no two calls meet (RFC 8445 §5.3).
      expect(calls[0]?.access.usernameFragment).toMatch(/^[A-Za-z0-9+/]{8,256}$/);
      expect(calls[0]?.access.password).toMatch(/^[A-Za-z0-9+/]{22,256}$/);
    });

    it('is not hurt by noise from anybody on any of its ports', async () => {
      const { call, browser, ims, obeyed } = await aConnectedCall();
      call.setGate(OPEN);
      await obeyed();
      const node = readCandidate(call.access.candidates[0] ?? '');
      const stranger = createSocket('udp4');
      const noise = Array.from({ length: 512 }, (_, at) => {
        const length = at % 60;
        return Buffer.from(Array.from({ length }, (_it, index) => (index ? at * index : at >> 1)));
      });

      for (const packet of noise) {
        stranger.send(packet, node?.port ?? 0, node?.address);
        await browser.sendRaw(packet);
        ims.send(packet, call.ims);
      }
      await settle();
      stranger.close();
      await browser.sendRtp(voice(1));
      await until(() => ims.heard.length === 1);
      ims.send(imsVoice(1), call.ims);
      await until(() => browser.heard.some((it) => it.payload === 'ims 1'));

      expect(ims.heard[0]?.subarray(12).toString()).toBe('voice 1');
    });

    it('gives a port pair back, and not before its quarantine is over', async () => {
      const onePair = { firstPort: 43_200, lastPort: 43_201 };
      const quick = await aPlane({ ...onePair, quarantineMs: 0 });
      const first = await aCall(quick);
      await expect(aCall(quick)).rejects.toMatchObject({ code: 'internal' });
      await first.call.close();
      const second = await aCall(quick);
      await second.call.close();
      const slow = await aPlane({ ...onePair, quarantineMs: 60_000 });
      const third = await aCall(slow);
      await third.call.close();

      await expect(aCall(slow)).rejects.toMatchObject({ code: 'internal' });
      expect(second.call.ims).toEqual(first.call.ims);
    });
  });

  describe(`SEC-3: candidates offered to the ${name} media plane`, () => {
    it('are refused and counted where we must not send, and the call goes on', async () => {
      const { call } = await aCall(await aPlane({ allowLocal: false }));
      const candidate = (address: string) => `candidate:1 1 udp 1 ${address} 5000 typ host`;

      call.addCandidates(
        ['127.0.0.1', '169.254.169.254', '::1', 'fe80::1', '224.0.0.1', '198.51.100.7'].map(
          candidate,
        ),
      );
      call.addCandidates([candidate('3f2b-4c1d.local'), 'nonsense', '']);

      expect(call.stats().candidatesRefused).toBe(5);
    });
  });

  describe(`MED-6: consent on the ${name} media plane`, () => {
    it('is lost when no answer has come for its time; then nothing more is sent', async () => {
      const { call, browser, ims, events, obeyed } = await aConnectedCall({
        plane: { consentExpiryMs: 3_000 },
      });
      call.setGate(OPEN);
      await obeyed();
      ims.send(imsVoice(1), call.ims);
      await until(() => browser.heard.length === 1);

      await browser.vanish();
      await until(() => events.some((it) => it.kind === 'consent-lost'));
      const { packetsSent } = call.stats().access;
      ims.send(imsVoice(2), call.ims);
      await until(() => call.stats().ims.packetsReceived === 2);

      expect(call.stats().access.packetsSent).toBe(packetsSent);
      expect(events.filter((it) => it.kind === 'consent-lost')).toHaveLength(1);
    });
  });

  describe(`MED-10: numbering and reports of the ${name} media plane`, () => {
    it('go on without a break when the source of IMS changes', async () => {
      const { call, browser, ims, obeyed } = await aConnectedCall();
      call.setGate(OPEN);
      await obeyed();
      const startedMs = performance.now();

      ims.send(imsVoice(100, 0xa), call.ims);
      await until(() => browser.heard.length === 1);
      ims.send(imsVoice(60_000, 0xb), call.ims);
      await until(() => browser.heard.length === 2);

      const [before, after] = browser.heard;
      expect(after?.ssrc).toBe(before?.ssrc);
      expect(after?.sequence).toBe((before?.sequence ?? 0) + 1);
      const stepMs = (((after?.timestamp ?? 0) - (before?.timestamp ?? 0)) >>> 0) / 8;
      expect(stepMs).toBeGreaterThanOrEqual(20);
      expect(stepMs).toBeLessThanOrEqual(Math.max(20, performance.now() - startedMs + 2));
    });

    it('bear our own source on each leg, and no source of the other leg', async () => {
      const { call, browser, ims, obeyed } = await aConnectedCall();
      call.setGate(OPEN);
      await obeyed();
      for (const sequence of [1, 2, 3]) {
        await browser.sendRtp(voice(sequence));
        ims.send(imsVoice(sequence), call.ims);
      }
      await until(() => ims.heard.length === 3 && browser.heard.length === 3);
      const counted = ims.heardRtcp.length;
      await until(() => ims.heardRtcp.length > counted + 1 && browser.heardRtcp.length > 1);

      const ours = readRtpHeader(ims.heard[0] ?? Buffer.alloc(0))?.ssrc;
      const reports = ims.heardRtcp.flatMap((packet) => readReports(packet));
      const blocks = reports.flatMap((it) => it.blocks.map((block) => block.ssrc));
      expect(ours).not.toBe(0x1234);
      expect(new Set(reports.map((it) => it.ssrc))).toEqual(new Set([ours]));
      expect(new Set(blocks)).toEqual(new Set([0x77]));
      expect(browser.heardRtcp).toContain(200);
    });
  });

  describe(`MED-8: a detour through the ${name} media plane`, () => {
    it('takes what would have passed, and sends what it makes under the numbers of the leg', async () => {
      const { call, browser, ims, obeyed } = await aConnectedCall();
      call.setGate(OPEN);
      await obeyed();
      ims.send(imsVoice(1), call.ims);
      await until(() => browser.heard.length === 1);
      const taken: string[] = [];
      call.divert((from, packet) =>
        taken.push(`${from}: ${Buffer.from(packet.slice(12)).toString()}`),
      );
      await obeyed();

      ims.send(imsVoice(2), call.ims);
      await browser.sendRtp(voice(1));
      await until(() => taken.length === 2);
      call.send('browser', madeHere(60_000));
      call.send('ims', madeHere(9));
      await until(() => browser.heard.length === 2 && ims.heard.length === 1);
      const [before, after] = browser.heard;
      const sent = readRtpHeader(ims.heard[0] ?? Buffer.alloc(0));

      expect(taken.sort()).toEqual(['browser: voice 1', 'ims: ims 2']);
      expect(after).toMatchObject({ payload: 'made here', payloadType: 96, ssrc: before?.ssrc });
      expect(after?.sequence).toBe((before?.sequence ?? 0) + 1);
      expect(sent).toMatchObject({ payloadType: 96, marker: true });
    });

    it('stands behind the gate, and ends as if it had never been', async () => {
      const { call, browser, ims, obeyed } = await aConnectedCall();
      const taken: string[] = [];
      call.divert((from) => taken.push(from));
      call.setGate({ toIms: false, toBrowser: true });
      await obeyed();

      await browser.sendRtp(voice(1));
      await until(() => call.stats().access.packetsReceived === 1);
      call.send('ims', madeHere(1));
      call.divert(undefined);
      call.setGate(OPEN);
      await obeyed();
      await browser.sendRtp(voice(2));
      await until(() => ims.heard.length === 1);

      expect(taken).toEqual([]);
      expect(ims.heard[0]?.subarray(12).toString()).toBe('voice 2');
    });
  });

  describe(`MED-5: the ${name} media plane as STUN server`, () => {
    it('tells a plain asker where it is seen, on another port than media', async () => {
      const plane = await aPlane();
      const { call } = await aCall(plane);
      const [, address = '', port = ''] = plane.stunUrl.split(':');
      const asker = createSocket('udp4');
      asker.bind(0, '127.0.0.1');
      await once(asker, 'listening');
      const answer = once(asker, 'message');

      asker.send(new Message(methods.BINDING, classes.REQUEST).bytes, Number(port), address);
      const [packet] = (await answer) as [Buffer];
      const seenPort = packet.readUInt16BE(26) ^ 0x2112;
      const askedFrom = asker.address().port;
      asker.close();

      expect(packet.readUInt16BE(0)).toBe(0x0101);
      expect(seenPort).toBe(askedFrom);
      expect(readCandidate(call.access.candidates[0] ?? '')?.port).not.toBe(Number(port));
    });
  });
}

import { type ReportBlock, writeReport } from '../../media-node/src/core/media/rtcp-packet.ts';
import { readRtpHeader, writeRtp } from '../../media-node/src/core/media/rtp-packet.ts';
import { until } from '../support/until.ts';
import { voipMetrics } from '../support/voip-metrics.ts';
import type { ImsPeer } from './ims-peer.ts';
import { type CreatePlane, settle } from './media-plane.contract.ts';
import { createScenes, obeyedBy, type Scene, voice } from './media-plane-scene.ts';

const PCMA = { payloadType: 8, ticksPerMs: 8, frameTicks: 160 };
const OPUS = { payloadType: 97, ticksPerMs: 48, frameTicks: 960 };
const OPUS_TO_IMS = {
  payloadToIms: new Map([[111, 97]]),
  payloadToBrowser: new Map([[97, 111]]),
  clockRateHz: 48_000,
};
/** The clock of one plane counts whole milliseconds. */
const SLACK_MS = 3;
/** Longer than any frame, so that a step of a frame shows. */
const PAUSE_MS = 150;

const passed = async (ms: number): Promise<void> => {
  const endMs = performance.now() + ms;
  await until(() => performance.now() >= endMs);
};

/** Between which two moments of ours something was done. */
interface Between {
  readonly fromMs: number;
  readonly toMs: number;
}
const timed = async (act: () => unknown): Promise<Between> => {
  const fromMs = performance.now();
  await act();
  return { fromMs, toMs: performance.now() };
};
const least = (one: Between, other: Between): number => other.fromMs - one.toMs - SLACK_MS;
const most = (one: Between, other: Between): number => other.toMs - one.fromMs + SLACK_MS;

const OTHERS = [
  ['another source, of a time of its own', { ssrc: 0xb, sequence: 60_000, timestamp: 7 }],
  ['a source of the same name and the next number', { ssrc: 0xa, sequence: 101, timestamp: 7 }],
] as const;

interface Said {
  readonly ssrc: number;
  readonly sequence: number;
  readonly timestamp: number;
  readonly payloadType?: number;
}
const FIRST: Said = { ssrc: 0xa, sequence: 100, timestamp: 0xffff_ff00 };

const packetOf = (said: Said): Uint8Array =>
  writeRtp(
    { marker: false, payloadType: PCMA.payloadType, ...said },
    Buffer.from(`said by ${String(said.ssrc)}`),
  );

/** Resolves when the browser has heard it. */
const say = (scene: Scene, peer: ImsPeer, said: Said): Promise<Between> =>
  timed(async () => {
    const { browser, call } = scene;
    const before = browser.heard.length;
    peer.send(packetOf(said), call.ims);
    await until(() => browser.heard.length === before + 1);
  });

const ahead32 = (later = 0, earlier = 0): number => (later - earlier) >>> 0;
const lastOf = <T>(list: readonly T[]): T | undefined => list.at(-1);

/** What the browser of a call hears while whom it talks to is replaced (REFER, Replaces). */
export function describeTransfer(name: string, createPlane: CreatePlane): void {
  const { aTalk, anImsPeer, takeDown } = createScenes(createPlane);
  afterEach(takeDown);

  describe.each(OTHERS)(`a ${name} call handed on to %s`, (_who, second) => {
    it('goes on under the same source, one number further, at the time it is by then', async () => {
      const scene = await aTalk();
      const { browser, call, ims } = scene;
      const other = await anImsPeer();

      const before = await say(scene, ims, FIRST);
      await passed(PAUSE_MS);
      call.connectIms(other.endpoint);
      await obeyedBy(scene);
      const after = await say(scene, other, second);
      await say(scene, other, {
        ...second,
        sequence: second.sequence + 1,
        timestamp: second.timestamp + PCMA.frameTicks,
      });

      const [one, two, three] = browser.heard;
      const step = ahead32(two?.timestamp, one?.timestamp) / PCMA.ticksPerMs;
      expect(new Set(browser.heard.map((it) => it.ssrc))).toEqual(new Set([call.ssrcToBrowser]));
      expect(two?.sequence).toBe(((one?.sequence ?? 0) + 1) % 65_536);
      expect(three?.sequence).toBe(((one?.sequence ?? 0) + 2) % 65_536);
      expect(step).toBeGreaterThanOrEqual(least(before, after));
      expect(step).toBeLessThanOrEqual(most(before, after));
      expect(ahead32(three?.timestamp, two?.timestamp)).toBe(PCMA.frameTicks);
    });

    it('is told of by sender reports that lie on one line', async () => {
      const scene = await aTalk();
      const { browser, call, ims } = scene;
      const other = await anImsPeer();

      await say(scene, ims, FIRST);
      await until(() => browser.heardClocks.length === 1);
      await passed(PAUSE_MS);
      call.connectIms(other.endpoint);
      await obeyedBy(scene);
      await say(scene, other, second);
      await until(() => browser.heardClocks.length === 2);

      const [one, two] = browser.heardClocks;
      const told = ahead32(two?.timestamp, one?.timestamp) / PCMA.ticksPerMs;
      expect(two?.packets).toBe((one?.packets ?? 0) + 1);
      expect(Math.abs(told - ((two?.ntpMs ?? 0) - (one?.ntpMs ?? 0)))).toBeLessThan(SLACK_MS);
    });
  });

  describe(`a ${name} call handed on to somebody of another codec`, () => {
    it('counts until the change by the one clock and from there by the other', async () => {
      const scene = await aTalk();
      const { browser, call, ims } = scene;
      const other = await anImsPeer();

      const before = await say(scene, ims, FIRST);
      await passed(PAUSE_MS);
      const change = await timed(async () => {
        call.connectIms(other.endpoint);
        call.setRewrite(OPUS_TO_IMS);
        await obeyedBy(scene);
      });
      await passed(PAUSE_MS);
      const second = { ssrc: 0xb, sequence: 9, timestamp: 7, payloadType: OPUS.payloadType };
      const after = await say(scene, other, second);
      await until(() => browser.heardClocks.length > 1);

      const [one, two] = browser.heard;
      const step = ahead32(two?.timestamp, one?.timestamp);
      const clock = lastOf(browser.heardClocks);
      const leastTicks =
        PCMA.ticksPerMs * least(before, change) + OPUS.ticksPerMs * least(change, after);
      const mostTicks =
        PCMA.ticksPerMs * most(before, change) + OPUS.ticksPerMs * most(change, after);
      expect(two).toMatchObject({ payloadType: 111, ssrc: one?.ssrc });
      expect(two?.sequence).toBe(((one?.sequence ?? 0) + 1) % 65_536);
      expect(step).toBeGreaterThanOrEqual(leastTicks);
      expect(step).toBeLessThanOrEqual(mostTicks);
      // Sent after the packet, and so not before its time.
      expect(ahead32(clock?.timestamp, two?.timestamp)).toBeLessThan(2 ** 31);
    });
  });

  describe(`a ${name} call handed on while it is transcoded`, () => {
    it('goes on by the steps of what is made here, whoever speaks', async () => {
      const scene = await aTalk();
      const { browser, call } = scene;
      const other = await anImsPeer();
      const taken: string[] = [];
      call.divert((from, packet) => taken.push(`${from}: ${String(readRtpHeader(packet)?.ssrc)}`));
      await obeyedBy(scene);
      const make = async (sequence: number): Promise<void> => {
        const timestamp = sequence * OPUS.frameTicks;
        call.send('browser', packetOf({ ssrc: 0x99, sequence, timestamp, payloadType: 111 }));
        await until(() => browser.heard.length === sequence);
      };

      await make(1);
      call.connectIms(other.endpoint);
      await obeyedBy(scene);
      other.send(packetOf({ ssrc: 0xb, sequence: 9, timestamp: 7 }), call.ims);
      await until(() => taken.length === 1);
      await passed(PAUSE_MS);
      await make(2);

      const [one, two] = browser.heard;
      expect(taken).toEqual(['ims: 11']);
      expect(two?.sequence).toBe(((one?.sequence ?? 0) + 1) % 65_536);
      expect(ahead32(two?.timestamp, one?.timestamp)).toBe(OPUS.frameTicks);
    });
  });

  describe(`whom a ${name} call was handed on from`, () => {
    it('is not heard any more, and neither are his reports', async () => {
      const scene = await aTalk();
      const { browser, call, ims } = scene;
      const other = await anImsPeer();
      await say(scene, ims, FIRST);
      call.connectIms(other.endpoint);
      await obeyedBy(scene);
      const { packetsDropped, reportsReceived } = call.stats().ims;

      ims.send(packetOf({ ...FIRST, sequence: 101 }), call.ims);
      ims.sendRtcp(writeReport({ ssrc: 0xa, cname: 'former', blocks: [] }), call.ims);
      await until(() => call.stats().ims.packetsDropped === packetsDropped + 2);
      await say(scene, other, { ssrc: 0xb, sequence: 1, timestamp: 1 });
      await settle();

      expect(call.stats().ims.reportsReceived).toBe(reportsReceived);
      expect(browser.heard.map((it) => it.payload)).toEqual(['said by 10', 'said by 11']);
    });

    it('leaves what he lost in the numbers, and nothing else of how he heard us', async () => {
      const scene = await aTalk();
      const { browser, call, ims } = scene;
      const other = await anImsPeer();
      await browser.sendRtp(voice(1));
      await until(() => ims.heard.length === 1);
      const ssrc = readRtpHeader(ims.heard[0] ?? Buffer.alloc(0))?.ssrc ?? 0;
      const report = (cumulativeLost: number, jitterTicks: number): Uint8Array => {
        const block: ReportBlock = {
          ...{ ssrc, fractionLost: 128, cumulativeLost, highestSequence: 1, jitterTicks },
          ...{ lastReport: 0, delaySinceLast: 0 },
        };
        return writeReport({ ssrc: 0x4242, cname: 'far', blocks: [block] });
      };
      const metrics = voipMetrics({ of: ssrc, by: 0x4242 });
      ims.sendRtcp(Buffer.concat([report(7, 80), metrics]), call.ims);
      await until(() => call.stats().ims.far?.metrics !== undefined);

      call.connectIms(ims.endpoint);
      await obeyedBy(scene);
      const toldAgain = call.stats().ims.far;
      call.connectIms(other.endpoint);
      await obeyedBy(scene);
      const ofOther = call.stats().ims;
      other.sendRtcp(report(2, 160), call.ims);
      await until(() => call.stats().ims.far !== undefined);

      expect(toldAgain).toMatchObject({ packetsLost: 7, recentLoss: 0.5, jitterMs: 10 });
      expect(toldAgain).toHaveProperty('metrics');
      expect(ofOther.far).toBeUndefined();
      expect(ofOther.roundTripMs).toBeUndefined();
      expect(call.stats().ims.far).toEqual({ packetsLost: 9, recentLoss: 0.5, jitterMs: 20 });
    });

    it('leaves what was lost of his in the numbers, and none of the way between the two', async () => {
      const scene = await aTalk();
      const { call, ims } = scene;
      const other = await anImsPeer();
      await say(scene, ims, FIRST);
      await say(scene, ims, { ...FIRST, sequence: 104 });
      call.connectIms(other.endpoint);
      await obeyedBy(scene);
      await say(scene, other, { ...FIRST, sequence: 5_000 });
      await say(scene, other, { ...FIRST, sequence: 5_002 });

      expect(call.stats().ims.packetsLost).toBe(4);
    });
  });
}

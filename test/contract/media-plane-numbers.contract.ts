import {
  type ReportBlock,
  readReports,
  writeReport,
} from '../../media-node/src/core/media/rtcp-packet.ts';
import { readRtpHeader, writeRtp } from '../../media-node/src/core/media/rtp-packet.ts';
import type { VoiceLegStats } from '../../media-node/src/ports/media-stats.ts';
import { until } from '../support/until.ts';
import { MEASURED, voipMetrics } from '../support/voip-metrics.ts';
import type { CreatePlane } from './media-plane.contract.ts';
import {
  connect,
  createScenes,
  imsVoice,
  openGates,
  type Scene,
  voice,
} from './media-plane-scene.ts';

const TICKS_PER_MS = 8;
const HELD_PER_MS = 65.536;
const range = (first: number, last: number): readonly number[] =>
  Array.from({ length: last - first + 1 }, (_, at) => first + at);

/** One end of a leg, as the test plays it. */
interface FarSide {
  readonly of: (scene: Scene) => VoiceLegStats;
  readonly speak: (scene: Scene, sequence: number, timestamp: number) => Promise<unknown>;
  /** Makes the node send one packet there. */
  readonly provoke: (scene: Scene) => Promise<unknown>;
  readonly ssrcOfNode: (scene: Scene) => number | undefined;
  /** How the sender report of the node is to be named in an answer. */
  readonly senderReport: (scene: Scene) => number | undefined;
  readonly report: (scene: Scene, compound: Uint8Array) => Promise<unknown>;
}

const IMS: FarSide = {
  of: ({ call }) => call.stats().ims,
  speak: ({ call, ims }, sequence, timestamp) => {
    const header = { marker: false, payloadType: 8, sequence, timestamp, ssrc: 0x77 };
    ims.send(writeRtp(header, Buffer.from('ims')), call.ims);
    return Promise.resolve();
  },
  provoke: ({ browser }) => browser.sendRtp(voice(1)),
  ssrcOfNode: ({ ims }) => readRtpHeader(ims.heard[0] ?? new Uint8Array())?.ssrc,
  senderReport: ({ ims }) => namedIn(ims.heardRtcp.flatMap((it) => readReports(it))),
  report: ({ call, ims }, compound) => {
    ims.sendRtcp(compound, call.ims);
    return Promise.resolve();
  },
};

const BROWSER: FarSide = {
  of: ({ call }) => call.stats().access,
  speak: ({ browser }, sequence, timestamp) => browser.sendRtp({ ...voice(sequence), timestamp }),
  provoke: ({ call, ims }) => {
    ims.send(imsVoice(1), call.ims);
    return Promise.resolve();
  },
  ssrcOfNode: ({ browser }) => browser.heard[0]?.ssrc,
  senderReport: ({ browser }) => namedIn(browser.heardReports),
  report: ({ browser }, compound) => browser.sendRtcp(compound),
};

const namedIn = (reports: ReturnType<typeof readReports>): number | undefined =>
  reports.find(({ ntpMiddle }) => ntpMiddle !== undefined)?.ntpMiddle;

const SIDES = [
  ['the browser', BROWSER],
  ['IMS', IMS],
] as const;

const blockOf = (ssrc: number, more: Partial<ReportBlock> = {}): ReportBlock => ({
  ...{ ssrc, fractionLost: 0, cumulativeLost: 0, highestSequence: 1, jitterTicks: 0 },
  ...{ lastReport: 0, delaySinceLast: 0 },
  ...more,
});
const reportWith = (...blocks: readonly ReportBlock[]): Uint8Array =>
  writeReport({ ssrc: 0x4242, cname: 'far', blocks });

/** What a plane counts of a call beyond packets and octets. */
export function describeNumbers(name: string, createPlane: CreatePlane): void {
  const { aScene, aTalk, takeDown } = createScenes(createPlane);
  afterEach(takeDown);

  describe.each(SIDES)(`of the ${name} media plane, on the leg of %s`, (_side, side) => {
    it('tell what was lost on the way to us, in all and of late (RFC 3550 §A.3)', async () => {
      const scene = await aTalk({ settings: { rtcpIntervalMs: 1_000 } });
      const lost = new Set([5, 6, 7, 13]);

      for (const sequence of range(1, 20)) {
        if (!lost.has(sequence)) await side.speak(scene, sequence, sequence * 160);
      }
      await until(() => side.of(scene).packetsReceived === 16);
      const inAll = side.of(scene).packetsLost;
      for (const sequence of range(41, 60)) await side.speak(scene, sequence, sequence * 160);
      await until(() => side.of(scene).packetsReceived === 36);

      expect(inAll).toBe(4);
      expect(side.of(scene).packetsLost).toBe(24);
      // Wherever our report falls between them, two fifths and more were lost before one.
      await until(() => side.of(scene).recentLoss >= 0.39);
    });

    it('tell how unevenly it came (RFC 3550 §A.8)', async () => {
      const scene = await aTalk();
      // All at once, by a clock that hardly moves: as even as can be.
      for (const sequence of range(1, 40)) await side.speak(scene, sequence, sequence);
      await until(() => side.of(scene).packetsReceived === 40);
      const even = side.of(scene).jitterMs;

      // And 200 ms too early each.
      const early = 200 * TICKS_PER_MS;
      for (const sequence of range(41, 80)) await side.speak(scene, sequence, sequence * early);
      await until(() => side.of(scene).packetsReceived === 80);

      expect(even).toBeLessThan(50);
      expect(side.of(scene).jitterMs).toBeGreaterThan(100);
      expect(side.of(scene).jitterMs).toBeLessThan(300);
    });

    it('tell the round trip, by the time between report and answer less what it was held', async () => {
      const scene = await aTalk();
      const before = side.of(scene);
      const askedMs = performance.now();
      await side.provoke(scene);
      await until(() => side.senderReport(scene) !== undefined);
      const heardMs = performance.now();
      const ssrc = side.ssrcOfNode(scene) ?? 0;
      const lastReport = side.senderReport(scene) ?? 0;
      // Longer than the node takes to report: what is not taken off shows.
      const heldMs = 400;
      await until(() => performance.now() - heardMs > heldMs + 20);

      const delaySinceLast = Math.round(heldMs * HELD_PER_MS);
      const leastMs = performance.now() - heardMs - heldMs;
      await side.report(scene, reportWith(blockOf(ssrc, { lastReport, delaySinceLast })));
      await until(() => side.of(scene).roundTripMs !== undefined);
      const mostMs = performance.now() - askedMs - heldMs;

      expect(before.roundTripMs).toBeUndefined();
      // The clock of one plane counts whole milliseconds.
      expect(side.of(scene).roundTripMs).toBeGreaterThan(leastMs - 2);
      expect(side.of(scene).roundTripMs).toBeLessThan(mostMs + 2);
      expect(side.of(scene).reportsReceived).toBe(before.reportsReceived + 1);
    });

    it('tell what the other end reports of us, and nothing it says of others', async () => {
      const scene = await aTalk();
      await side.provoke(scene);
      await until(() => side.ssrcOfNode(scene) !== undefined);
      const ssrc = side.ssrcOfNode(scene) ?? 0;
      const before = side.of(scene);

      await side.report(
        scene,
        reportWith(
          blockOf(ssrc + 1, { cumulativeLost: 99 }),
          blockOf(ssrc, { cumulativeLost: 7, fractionLost: 64, jitterTicks: 10 * TICKS_PER_MS }),
          blockOf(ssrc + 2, { cumulativeLost: 98 }),
        ),
      );
      await until(() => side.of(scene).far !== undefined);

      expect(before.far).toBeUndefined();
      expect(side.of(scene).far).toEqual({ packetsLost: 7, recentLoss: 0.25, jitterMs: 10 });
    });

    it('tell what a phone at the other end has measured, and of whose stream (RFC 3611 §4.7)', async () => {
      const scene = await aTalk();
      await side.provoke(scene);
      await until(() => side.ssrcOfNode(scene) !== undefined);
      const ssrc = side.ssrcOfNode(scene) ?? 0;
      const report = reportWith(blockOf(ssrc));
      const cut = voipMetrics({ of: ssrc, by: 0x4242, wordsMore: -1 });

      await side.report(scene, Buffer.concat([report, voipMetrics({ of: ssrc + 1, by: 0x4242 })]));
      await side.report(scene, Buffer.concat([report, cut]));
      await until(() => side.of(scene).reportsReceived >= 2);
      const ofOthers = side.of(scene).far;
      await side.report(scene, Buffer.concat([report, voipMetrics({ of: ssrc, by: 0x4242 })]));
      await until(() => side.of(scene).far?.metrics !== undefined);
      const told = side.of(scene).far?.metrics;
      const changed = { 16: 127, 18: 127, 19: 127, 27: 0 };
      await side.report(scene, voipMetrics({ of: ssrc, by: 0x4242, changed }));
      await until(() => side.of(scene).far?.metrics?.rating === undefined);
      const { mosConversational: _, mosListening: __, rating: ___, ...stillKnown } = MEASURED;

      expect(ofOthers).toEqual({ packetsLost: 0, recentLoss: 0, jitterMs: 0 });
      expect(told).toEqual(MEASURED);
      expect(side.of(scene).far?.metrics).toEqual(stillKnown);
    });

    it('tell no round trip to a report that we never sent, nor of a block cut short', async () => {
      const scene = await aTalk();
      await side.provoke(scene);
      await until(() => side.senderReport(scene) !== undefined);
      const ssrc = side.ssrcOfNode(scene) ?? 0;
      const lastReport = (side.senderReport(scene) ?? 0) + 1;
      const cut = Uint8Array.from(reportWith(blockOf(ssrc, { cumulativeLost: 55 })));
      // It claims one block more than it holds.
      cut[0] = 0x82;
      const { reportsReceived } = side.of(scene);

      await side.report(scene, cut);
      await until(() => side.of(scene).reportsReceived === reportsReceived + 1);
      const afterCut = side.of(scene).far;
      await side.report(scene, reportWith(blockOf(ssrc, { lastReport })));
      await until(() => side.of(scene).reportsReceived === reportsReceived + 2);

      expect(afterCut).toBeUndefined();
      expect(side.of(scene).far?.packetsLost).toBe(0);
      expect(side.of(scene).roundTripMs).toBeUndefined();
    });
  });

  describe(`of the ${name} media plane: the stages of a set-up`, () => {
    it('are told in their order, the first sound each way once its gate is open', async () => {
      const scene = await aScene();
      const { browser, call, events, ims } = scene;
      await connect(scene);
      call.connectIms(ims.endpoint);
      await browser.sendRtp(voice(1));
      await until(() => call.stats().access.packetsReceived === 1);
      const whileShut = events.filter(({ kind }) => kind === 'first-sent');
      await openGates(scene);

      for (const sequence of [2, 3]) {
        await browser.sendRtp(voice(sequence));
        ims.send(imsVoice(sequence), call.ims);
      }
      const sent = () => events.flatMap((it) => (it.kind === 'first-sent' ? [it.to] : []));
      await until(() => browser.heard.length === 2 && ims.heard.length === 2);
      await until(() => sent().length >= 2);

      const stages = events.map(({ kind }) => kind);
      expect(stages.indexOf('ice-connected')).toBeGreaterThanOrEqual(0);
      expect(stages.indexOf('access-connected')).toBeGreaterThan(stages.indexOf('ice-connected'));
      expect(whileShut).toEqual([]);
      expect(sent().toSorted()).toEqual(['browser', 'ims']);
    });
  });
}

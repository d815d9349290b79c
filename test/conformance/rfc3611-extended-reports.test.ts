import { concatBytes } from '../../media-node/src/core/media/bytes.ts';
import { readMeasured, readReferences } from '../../media-node/src/core/media/extended-report.ts';
import { LegReporter } from '../../media-node/src/core/media/leg-reporter.ts';
import {
  readReports,
  writeGoodbye,
  writeReport,
} from '../../media-node/src/core/media/rtcp-packet.ts';
import { writeRtp } from '../../media-node/src/core/media/rtp-packet.ts';
import { aCallMedia, answered, linesOf, offered } from '../support/a-call-media.ts';
import { anImsSdp } from '../support/an-sdp.ts';
import { MEASURED, voipMetrics } from '../support/voip-metrics.ts';

const PEER = 0x77;
/** A block that is not ours to know, then the clock of the receiver (RFC 3611 §4.4). */
const EXTENDED = Uint8Array.from([
  ...[0x80, 207, 0, 6, 0, 0, 0, PEER],
  ...[6, 0, 0, 1, 1, 2, 3, 4],
  ...[4, 0, 0, 2, 1, 2, 0xab, 0xcd, 0x12, 0x34, 5, 6],
]);
/** By octet of the metrics: another value. */
const metricsOf = (source: number, changed = {}, wordsMore = 0) =>
  voipMetrics({ of: source, by: PEER, changed, wordsMore });
const rtp = (sequence: number) =>
  writeRtp(
    { marker: false, payloadType: 8, sequence, timestamp: 160 * sequence, ssrc: PEER },
    new Uint8Array(8),
  );

describe('RFC 3611: extended reports (MED-10)', () => {
  it('give a receiver that sends nothing its clock back, once, with the time since (§4.5)', () => {
    const reporter = new LegReporter({ ssrc: 1, cname: 'node' });
    reporter.receivedRtcp(
      concatBytes(writeReport({ ssrc: PEER, cname: 'peer', blocks: [] }), EXTENDED),
      1000,
    );

    const answered = writeReport(reporter.report(1500));
    const later = writeReport(reporter.report(2000));

    expect(Buffer.from(answered.subarray(-24)).toString('hex')).toBe(
      ['80cf0005', '00000001', '05000003', '00000077', 'abcd1234', '00008000'].join(''),
    );
    expect(later.length).toBe(answered.length - 24);
  });

  it.each([
    ['a clock', EXTENDED],
    ['VoIP metrics', metricsOf(1)],
  ])('of %s are read whatever a hostile one claims of its lengths', (_what, report) => {
    const read = (packet: Uint8Array) => [...readReferences(packet), ...readMeasured(packet)];
    const whole = read(report).length;

    for (let at = 0; at < report.length; at += 1) {
      const changed = Uint8Array.from(report);
      changed[at] = 0xff;
      expect(read(changed).length).toBeLessThanOrEqual(whole);
      expect(read(report.subarray(0, at))).toEqual([]);
    }
  });

  it('of reports beside them change nothing', () => {
    const report = writeReport({ ssrc: PEER, cname: 'peer', blocks: [] });

    expect(readReports(concatBytes(EXTENDED, report))).toEqual(readReports(report));
  });
});

describe('RFC 3611 §4.7: VoIP metrics (MED-10, MED-13)', () => {
  const hearingOf = (extended: Uint8Array) => {
    const reporter = new LegReporter({ ssrc: 1, cname: 'node' });
    const block = {
      ...{ ssrc: 1, fractionLost: 0, cumulativeLost: 4, highestSequence: 9, jitterTicks: 0 },
      ...{ lastReport: 0, delaySinceLast: 0 },
    };
    const report = writeReport({ ssrc: PEER, cname: 'peer', blocks: [block] });
    reporter.receivedRtcp(concatBytes(report, extended), 0);
    return reporter.hearing.far;
  };

  it('of our stream are told as the phone has measured them', () => {
    expect(hearingOf(metricsOf(1))?.metrics).toEqual(MEASURED);
  });

  it('are silent of what the phone does not know, or has out of all range', () => {
    // Round trip and own delay 0, R 127, MOS-LQ 127, MOS-CQ 51.
    const unknown = { 8: 0, 9: 0, 10: 0, 11: 0, 16: 127, 18: 127, 19: 51 };
    const told = hearingOf(metricsOf(1, unknown))?.metrics;

    expect(told).toEqual({
      ...{ lossRatio: 0.125, discardRatio: 0.0625 },
      burst: { missingRatio: 0.5, durationMs: 300 },
      gap: { missingRatio: 1 / 256, durationMs: 5_000 },
      jitterBuffer: { nominalMs: 60, maximumMs: 120 },
    });
    expect(hearingOf(metricsOf(1, { 16: 101 }))?.metrics).not.toHaveProperty('rating');
  });

  it.each([
    ['of somebody else’s stream', metricsOf(2)],
    ['one word longer than the block is', metricsOf(1, {}, 1)],
    ['one word shorter', metricsOf(1, {}, -1)],
    ['that never came', new Uint8Array(0)],
  ])('%s say nothing of ours', (_what, extended) => {
    expect(hearingOf(extended)).toEqual({ packetsLost: 4, recentLoss: 0, jitterMs: 0 });
  });

  it('are asked for of IMS, but where there is no RTCP (§5.2, RFC 3556 §2)', async () => {
    const asked = 'a=rtcp-xr:voip-metrics';
    const { media } = aCallMedia();
    const imsOffer = await offered(media);
    const withRtcp = await answered(aCallMedia().media, anImsSdp());
    const without = await answered(
      aCallMedia().media,
      anImsSdp({ audioLines: ['b=RS:0', 'b=RR:0'] }),
    );

    expect(linesOf(imsOffer, 'a=rtcp-xr')).toEqual([asked]);
    expect(linesOf(withRtcp, 'a=rtcp-xr')).toEqual([asked]);
    expect(linesOf(without, 'a=rtcp-xr')).toEqual([]);
  });
});

describe('RFC 3550 §6.6: a source that says goodbye (MED-10)', () => {
  it('is not reported on any more, what it lost stays counted, and it may come back', () => {
    const reporter = new LegReporter({ ssrc: 1, cname: 'node' });
    for (const sequence of [1, 3]) reporter.received(rtp(sequence), 0);

    reporter.receivedRtcp(writeGoodbye({ ssrc: PEER, cname: 'peer', blocks: [] }), 0);
    const gone = reporter.report(0).blocks;
    const { lost } = reporter;
    reporter.received(rtp(9), 0);

    expect(gone).toEqual([]);
    expect(lost).toBe(1);
    expect(reporter.report(0).blocks).toMatchObject([{ ssrc: PEER }]);
  });
});

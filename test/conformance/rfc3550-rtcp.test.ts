import { LegReporter } from '../../media-node/src/core/media/leg-reporter.ts';
import { Reception } from '../../media-node/src/core/media/reception.ts';
import { readReports, writeReport } from '../../media-node/src/core/media/rtcp-packet.ts';
import { readRtpHeader, writeRtp } from '../../media-node/src/core/media/rtp-packet.ts';

const header = (sequence: number, timestamp = sequence * 160) => ({
  marker: false,
  payloadType: 9,
  sequence,
  timestamp,
  ssrc: 0xaa,
  headerBytes: 12,
});

describe('RFC 3550 §6.4: reports', () => {
  it('come back from bytes as they were written', () => {
    const block = {
      ssrc: 0xaa,
      fractionLost: 64,
      cumulativeLost: -3,
      highestSequence: 70_000,
      jitterTicks: 12,
      lastReport: 0xdead_beef,
      delaySinceLast: 65_536,
    };
    const sender = { nowMs: 1_500, rtpTimestamp: 160, packets: 2, octets: 320 };

    const compound = writeReport({ ssrc: 1, cname: 'abcd', sender, blocks: [block] });

    expect(compound.length % 4).toBe(0);
    expect(readReports(compound)).toEqual([
      // 1900 to 1970 and 1.5 s: the low half of the seconds, the high half of the fraction.
      {
        ssrc: 1,
        ntpMiddle: ((2_208_988_801 % 0x1_0000) * 0x1_0000 + 0x8000) >>> 0,
        blocks: [block],
      },
    ]);
  });

  it('are read out of a hostile compound without a throw', () => {
    const compound = writeReport({ ssrc: 1, cname: 'x', blocks: [] });
    for (let at = 0; at < compound.length; at += 1) {
      const changed = Uint8Array.from(compound);
      changed[at] = 0xff;
      expect(Array.isArray(readReports(changed))).toBe(true);
      expect(Array.isArray(readReports(changed.subarray(0, at)))).toBe(true);
    }
  });
});

describe('RFC 3550 Appendix A.3: loss', () => {
  it('counts what is missing, in all and since the last report', () => {
    const reception = new Reception(header(65_534), 8000);
    for (const sequence of [65_534, 65_535, 1]) reception.packet(header(sequence), 0);

    const first = reception.block(0);
    for (const sequence of [2, 3, 4, 5]) reception.packet(header(sequence), 0);
    const second = reception.block(0);

    expect(first).toMatchObject({ cumulativeLost: 1, fractionLost: 64, highestSequence: 65_537 });
    expect(second).toMatchObject({ cumulativeLost: 1, fractionLost: 0, highestSequence: 65_541 });
  });
});

describe('RFC 3550 Appendix A.8: jitter', () => {
  it('is nil for an even stream and grows by a sixteenth of a deviation', () => {
    const reception = new Reception(header(0), 8000);
    for (const sequence of [0, 1, 2]) reception.packet(header(sequence), sequence * 20);
    const even = reception.block(60).jitterTicks;
    reception.packet(header(3), 3 * 20 + 40);

    expect(even).toBe(0);
    expect(reception.block(100).jitterTicks).toBe(20);
    expect(reception.jitterMs).toBe(2.5);
  });

  it('is not moved by an event, whose packets bear one timestamp (RFC 4733 §2.2)', () => {
    const reception = new Reception(header(0), 8000);
    reception.packet(header(0), 0);
    for (const sequence of [1, 2, 3, 4]) reception.packet(header(sequence, 160), sequence * 20);
    reception.packet(header(5), 100);

    expect(reception.jitterMs).toBe(0);
  });

  it('begins anew under another clock', () => {
    const reception = new Reception(header(0), 8000);
    for (const sequence of [0, 1, 2])
      reception.packet(header(sequence, sequence * 960), sequence * 20);
    const byWrongClock = reception.jitterMs;
    reception.setClockRate(48_000);
    for (const sequence of [3, 4, 5])
      reception.packet(header(sequence, sequence * 960), sequence * 20);

    expect(byWrongClock).toBeGreaterThan(10);
    expect(reception.jitterMs).toBe(0);
  });
});

describe('RFC 3550 §6.4.1: a leg of ours', () => {
  const sent = { timestamp: 1600, payloadBytes: 160 };
  const received = (sequence: number) => writeRtp(header(sequence), new Uint8Array(160));

  it('sends a receiver report while it sends nothing', () => {
    const leg = new LegReporter({ ssrc: 1, cname: 'node' });
    leg.received(received(1), 0);

    const report = leg.report(1000);

    expect(report.sender).toBeUndefined();
    expect(report.blocks.map((it) => it.ssrc)).toEqual([0xaa]);
  });

  it('tells the timestamp of this very moment, not of its last packet', () => {
    const leg = new LegReporter({ ssrc: 1, cname: 'node' });
    leg.sent(sent, 10_000);

    expect(leg.report(10_500).sender).toEqual({
      nowMs: 10_500,
      rtpTimestamp: 1600 + 4000,
      packets: 1,
      octets: 160,
    });
  });

  it('answers a sender report with its time and the delay since (round trip)', () => {
    const leg = new LegReporter({ ssrc: 1, cname: 'node' });
    leg.received(received(1), 0);
    const info = { nowMs: 1500, rtpTimestamp: 0, packets: 1, octets: 160 };
    leg.receivedRtcp(writeReport({ ssrc: 0xaa, cname: 'peer', sender: info, blocks: [] }), 2000);

    const [block] = leg.report(3000).blocks;

    expect(block?.lastReport).toBe(((2_208_988_801 % 0x1_0000) * 0x1_0000 + 0x8000) >>> 0);
    expect(block?.delaySinceLast).toBe(65_536);
  });

  it('reckons the round trip from an answer to a report of its own alone', () => {
    const leg = new LegReporter({ ssrc: 1, cname: 'node' });
    leg.sent(sent, 10_000);
    const { sender } = leg.report(10_500);
    const asWritten = readReports(
      writeReport({ ssrc: 1, cname: 'node', blocks: [], ...(sender && { sender }) }),
    );
    const answer = (lastReport: number, delaySinceLast: number) =>
      writeReport({
        ssrc: 0xaa,
        cname: 'peer',
        blocks: [
          {
            ...{ ssrc: 1, fractionLost: 0, cumulativeLost: -2, highestSequence: 1 },
            ...{ jitterTicks: 80, lastReport, delaySinceLast },
          },
        ],
      });

    leg.receivedRtcp(answer(0x1234, 0), 10_600);
    const ofStranger = leg.hearing;
    // Held for a quarter of a second.
    leg.receivedRtcp(answer(asWritten[0]?.ntpMiddle ?? 0, 65_536 / 4), 10_900);

    expect(ofStranger).toMatchObject({ far: { packetsLost: 0, jitterMs: 10 } });
    expect(ofStranger.roundTripMs).toBeUndefined();
    expect(leg.hearing).toMatchObject({ roundTripMs: 150, reportsReceived: 2 });
  });

  it('does not read a header that is not there', () => {
    const leg = new LegReporter({ ssrc: 1, cname: 'node' });
    leg.received(Uint8Array.of(0x80, 9), 0);

    expect(readRtpHeader(Uint8Array.of(0x80, 9))).toBeUndefined();
    expect(leg.report(0).blocks).toEqual([]);
  });
});

import { concatBytes } from '../../media-node/src/core/media/bytes.ts';
import { LegReporter } from '../../media-node/src/core/media/leg-reporter.ts';
import {
  readReferences,
  readReports,
  writeGoodbye,
  writeReport,
} from '../../media-node/src/core/media/rtcp-packet.ts';
import { writeRtp } from '../../media-node/src/core/media/rtp-packet.ts';

const PEER = 0x77;
/** A block that is not ours to know, then the clock of the receiver (RFC 3611 §4.4). */
const EXTENDED = Uint8Array.from([
  ...[0x80, 207, 0, 6, 0, 0, 0, PEER],
  ...[6, 0, 0, 1, 1, 2, 3, 4],
  ...[4, 0, 0, 2, 1, 2, 0xab, 0xcd, 0x12, 0x34, 5, 6],
]);
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

  it('are read whatever a hostile one claims of its lengths', () => {
    for (let at = 0; at < EXTENDED.length; at += 1) {
      const changed = Uint8Array.from(EXTENDED);
      changed[at] = 0xff;
      expect(Array.isArray(readReferences(changed))).toBe(true);
      expect(Array.isArray(readReferences(changed.subarray(0, at)))).toBe(true);
    }
  });

  it('of reports beside them change nothing', () => {
    const report = writeReport({ ssrc: PEER, cname: 'peer', blocks: [] });

    expect(readReports(concatBytes(EXTENDED, report))).toEqual(readReports(report));
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

import { concatBytes } from '../../media-node/src/core/media/bytes.ts';
import {
  readFeedback,
  writeBandwidthNotice,
  writeBandwidthRequest,
  writeEstimate,
  writeFullIntra,
  writeNack,
  writePictureLoss,
} from '../../media-node/src/core/media/rtcp-feedback.ts';

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

describe('RFC 4585 §6 and RFC 5104 §4: feedback (MED-9)', () => {
  it('comes back from one packet as it was written', () => {
    const packet = concatBytes(
      writeNack(1, 2, [7, 9]),
      writePictureLoss(1, 2),
      writeFullIntra(1, 2, 300),
      writeBandwidthRequest(1, 2, 300_000),
      writeBandwidthNotice(1, 2, 300_000),
      writeEstimate(1, 2, 300_000),
    );

    expect(readFeedback(packet)).toEqual([
      { kind: 'nack', media: 2, sequences: [7, 9] },
      { kind: 'pli', media: 2 },
      { kind: 'fir', media: 2 },
      { kind: 'limit', media: 2, owner: 1, bitsPerS: 300_000 },
      { kind: 'limit', media: 2, bitsPerS: 300_000 },
    ]);
  });

  it('has the layout of the specification', () => {
    // Power 2, a mantissa all ones, no overhead (RFC 5104 §4.2.1.1).
    expect(hex(writeBandwidthRequest(1, 2, 131_071 * 4))).toBe(
      ['83cd0004', '00000001', '00000000', '00000002', '0bfffe00'].join(''),
    );
    expect(hex(writeBandwidthNotice(1, 2, 128_000))).toBe(
      ['84cd0004', '00000001', '00000000', '00000002', '03e80000'].join(''),
    );
    expect(hex(writeEstimate(1, 2, 262_143 * 2))).toBe(
      ['8fce0005', '00000001', '00000000', '52454d42', '0107ffff', '00000002'].join(''),
    );
  });

  it('is read out of a hostile packet without a throw', () => {
    const packets = [writeNack(1, 2, [7]), writeBandwidthRequest(1, 2, 9), writeEstimate(1, 2, 9)];
    for (const packet of packets) {
      for (let at = 0; at < packet.length; at += 1) {
        const changed = Uint8Array.from(packet);
        changed[at] = 0xff;
        expect(Array.isArray(readFeedback(changed))).toBe(true);
        expect(Array.isArray(readFeedback(changed.subarray(0, at)))).toBe(true);
      }
    }
  });
});

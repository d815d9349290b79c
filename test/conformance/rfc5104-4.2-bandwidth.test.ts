import fc from 'fast-check';
import {
  readFeedback,
  writeBandwidthNotice,
} from '../../media-node/src/core/media/rtcp-feedback.ts';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');

describe('RFC 5104 §4.2: a receiver says how much it takes (MED-9)', () => {
  it('is read of a TMMBR, with who asked', () => {
    // 2 ^ 1 × 128000, 40 octets of headers.
    const request = hex('83 cd 0004 00000088 00000000 00004321 07e80028');

    expect(readFeedback(request)).toEqual([
      { kind: 'limit', media: 0x4321, bitsPerS: 256_000, owner: 0x88 },
    ]);
  });

  it('is read of a REMB', () => {
    const estimate = hex('8f ce 0005 00000088 00000000 52454d42 0105f400 00004321');

    expect(readFeedback(estimate)).toEqual([{ kind: 'limit', media: 0x4321, bitsPerS: 256_000 }]);
  });

  it('is passed over where it is cut, or of another application', () => {
    expect(readFeedback(hex('83 cd 0003 00000088 00000000 00004321'))).toEqual([]);
    expect(readFeedback(hex('8f ce 0003 00000088 00000000 52454d42'))).toEqual([]);
    expect(readFeedback(hex('8f ce 0005 00000088 00000000 41424344 0105f400 00004321'))).toEqual(
      [],
    );
  });

  it('is answered by a TMMBN that says the same', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 31 }), (bitsPerS) => {
        const notice = Buffer.from(writeBandwidthNotice(1, 0x88, bitsPerS));
        const rate = notice.readUInt32BE(16);
        const said = ((rate >>> 9) & 0x1_ffff) * 2 ** (rate >>> 26);

        expect(notice.subarray(0, 16).toString('hex')).toBe('84cd0004000000010000000000000088');
        expect(said).toBeLessThanOrEqual(bitsPerS);
        expect(said).toBeGreaterThanOrEqual(bitsPerS * 0.999 - 1);
      }),
    );
  });
});

import fc from 'fast-check';
import {
  bitsPerSOf,
  fittedSize,
  h264Limits,
  picturesPerS,
  VP8_LIMITS,
} from '../../../../../media-node/src/core/video/picture-limits.ts';

const macroblocks = ({ width, height }: { width: number; height: number }) =>
  Math.ceil(width / 16) * Math.ceil(height / 16);

describe('MED-9: what a level of H.264 takes', () => {
  it.each([
    ['42e00a', 99, 1485, 64_000],
    // Level 1b has two ways to be written.
    ['42f00b', 99, 1485, 128_000],
    ['42e009', 99, 1485, 128_000],
    ['42e00c', 396, 6000, 384_000],
    ['42e00d', 396, 11_880, 768_000],
    ['42e01e', 1620, 40_500, 10_000_000],
    ['42e01f', 3600, 108_000, 14_000_000],
    ['42e034', 8160, 245_760, 20_000_000],
    // Absent, or nonsense: the least there is (RFC 6184 §8.1).
    [undefined, 99, 1485, 64_000],
    ['zzz', 99, 1485, 64_000],
  ])('is of %s this', (id, most, perS, bitsPerS) => {
    expect(h264Limits(id)).toMatchObject({ macroblocks: most, macroblocksPerS: perS, bitsPerS });
  });
});

describe('MED-9: a picture for a receiver', () => {
  const VGA = { width: 640, height: 480 };

  it('stays as it is where it may', () => {
    expect(fittedSize(VGA, h264Limits('42e01e'))).toEqual(VGA);
    expect(fittedSize({ width: 1280, height: 720 }, VP8_LIMITS)).toEqual({
      ...{ width: 1280, height: 720 },
    });
  });

  it('is made smaller in its shape where the level wants it', () => {
    const { width, height } = fittedSize(VGA, h264Limits('42e00c'));

    expect(macroblocks({ width, height })).toBeLessThanOrEqual(396);
    expect(width / height).toBeCloseTo(4 / 3, 1);
    expect(width).toBeGreaterThan(300);
  });

  it('fits every level, whatever its size, with even sides and never larger', () => {
    const levels = ['42e00a', '42f00b', '42e00c', '42e00d', '42e015', '42e01e', '42e01f', '42e028'];
    const side = fc.integer({ min: 16, max: 1920 });
    fc.assert(
      fc.property(side, side, fc.constantFrom(...levels), (width, height, id) => {
        const limits = h264Limits(id);
        const size = fittedSize({ width, height }, limits);

        expect(macroblocks(size)).toBeLessThanOrEqual(limits.macroblocks);
        expect(macroblocks(size) * picturesPerS(size, limits)).toBeLessThanOrEqual(
          limits.macroblocksPerS,
        );
        expect([size.width % 2, size.height % 2]).toEqual([0, 0]);
        expect(size.width <= width && size.height <= height).toBe(true);
      }),
    );
  });

  it('comes as often as the level allows', () => {
    expect(picturesPerS({ width: 352, height: 288 }, h264Limits('42e00c'))).toBe(15);
    expect(picturesPerS({ width: 352, height: 288 }, h264Limits('42e00d'))).toBe(30);
  });

  it('has the bits of its size, of its level, or of what was asked, whichever is least', () => {
    const wide = h264Limits('42e01f');

    expect(bitsPerSOf(VGA, wide)).toBeGreaterThan(900_000);
    expect(bitsPerSOf(VGA, h264Limits('42e00c'))).toBe(384_000);
    expect(bitsPerSOf(VGA, wide, 250_000)).toBe(250_000);
    // Below this there is no picture any more.
    expect(bitsPerSOf(VGA, wide, 1)).toBe(60_000);
  });
});

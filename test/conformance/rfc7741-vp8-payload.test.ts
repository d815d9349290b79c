import fc from 'fast-check';
import { isVp8Key, packVp8, readVp8Payload } from '../../media-node/src/core/video/vp8-payload.ts';

const text = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString();
const payload = (...head: readonly number[]): Uint8Array =>
  Buffer.concat([Buffer.from(head), Buffer.from('vp8')]);

describe('RFC 7741 §4.2: the descriptor before a piece of VP8 (MED-9)', () => {
  it.each([
    ['of one byte', [0x10], true],
    ['within a picture', [0x00], false],
    ['at the start of a later partition', [0x11], false],
    ['with a number of 7 bits', [0x90, 0x80, 0x7f], true],
    ['with a number of 15 bits', [0x90, 0x80, 0x81, 0x02], true],
    ['with a layer and no number', [0x90, 0x60, 5, 0x40], true],
    ['with all there is', [0x90, 0xf0, 0x81, 0x02, 5, 0x40], true],
    ['with extensions said and none of them there', [0x90, 0x00], true],
  ])('is read %s', (_name, head, isStart) => {
    const read = readVp8Payload(payload(...head));

    expect(text(read?.data)).toBe('vp8');
    expect(read?.isStart).toBe(isStart);
  });

  it.each([
    ['nothing', []],
    ['a descriptor alone', [0x10]],
    ['less than the extensions it says', [0x90, 0xf0, 0x81, 2, 5]],
  ])('is refused where there is %s', (_name, bytes) => {
    expect(readVp8Payload(Uint8Array.from(bytes))).toBeUndefined();
  });

  it('is written so that a picture comes back in its pieces, none too long', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 5000 }),
        fc.integer({ min: 0, max: 0x7fff }),
        fc.integer({ min: 100, max: 1200 }),
        (frame, pictureId, maxBytes) => {
          const payloads = packVp8(frame, { pictureId, maxBytes });
          const read = payloads.map((it) => readVp8Payload(it));

          expect(Math.max(...payloads.map((it) => it.length))).toBeLessThanOrEqual(maxBytes);
          expect(read.map((it) => it?.isStart)).toEqual(payloads.map((_, at) => at === 0));
          const numbers = payloads.map((it) => Buffer.from(it).readUInt16BE(2) & 0x7fff);
          expect(new Set(numbers)).toEqual(new Set([pictureId]));
          expect(Buffer.concat(read.map((it) => it?.data ?? Buffer.of()))).toEqual(
            Buffer.from(frame),
          );
        },
      ),
    );
  });

  it('is read whatever bytes there are, without a throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        const read = readVp8Payload(bytes);
        expect(read?.data.length ?? 1).toBeGreaterThan(0);
      }),
    );
  });
});

describe('RFC 6386 §9.1: a key frame of VP8 (MED-9)', () => {
  it('is told by its first bit', () => {
    expect(isVp8Key(Uint8Array.of(0x50))).toBe(true);
    expect(isVp8Key(Uint8Array.of(0x51))).toBe(false);
    expect(isVp8Key(new Uint8Array())).toBe(false);
  });
});

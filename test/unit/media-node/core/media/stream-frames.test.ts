import fc from 'fast-check';
import { FrameReader, frameOf } from '../../../../../media-node/src/core/media/stream-frames.ts';

const MAX_BYTES = 64;
const packets = fc.array(fc.uint8Array({ maxLength: MAX_BYTES }), { maxLength: 20 });

/** Cut at any places. */
function cut(bytes: Uint8Array, places: readonly number[]): readonly Uint8Array[] {
  const at = [0, ...places.map((it) => it % (bytes.length + 1)), bytes.length];
  at.sort((a, b) => a - b);
  return at.slice(1).map((end, index) => bytes.subarray(at[index], end));
}

const streamOf = (of: readonly Uint8Array[]): Uint8Array => Buffer.concat(of.map(frameOf));
const plain = (of: readonly Uint8Array[]): readonly number[][] => of.map((it) => [...it]);

describe('MED-5: packets in a stream (RFC 4571 §2)', () => {
  it('come out as they went in, however the stream is cut; empty ones are passed over', () => {
    fc.assert(
      fc.property(packets, fc.array(fc.nat(), { maxLength: 30 }), (sent, places) => {
        const reader = new FrameReader(MAX_BYTES);

        const taken = cut(streamOf(sent), places).map((chunk) => reader.take(chunk));

        expect(taken).not.toContain(undefined);
        expect(plain(taken.flatMap((it) => it ?? []))).toEqual(
          plain(sent.filter((it) => it.length > 0)),
        );
      }),
    );
  });

  it('end with one that is longer than any may be, told by its length alone', () => {
    const reader = new FrameReader(MAX_BYTES);

    expect(reader.take(Uint8Array.of(0, MAX_BYTES))).toEqual([]);
    expect(new FrameReader(MAX_BYTES).take(Uint8Array.of(0, MAX_BYTES + 1))).toBeUndefined();
    expect(new FrameReader(MAX_BYTES).take(Buffer.from('GET / HTTP/1.1\r\n'))).toBeUndefined();
  });

  it('are never more than what came, whatever came', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array()), (chunks) => {
        const reader = new FrameReader(MAX_BYTES);
        const taken = chunks.flatMap((chunk) => reader.take(chunk) ?? []);

        const bytes = (of: readonly Uint8Array[]) => of.reduce((sum, it) => sum + it.length, 0);
        expect(bytes(taken)).toBeLessThanOrEqual(bytes(chunks));
        expect(taken.every((it) => it.length <= MAX_BYTES)).toBe(true);
      }),
    );
  });

  it('does not hold on to a chunk for the few bytes of it that wait', () => {
    const reader = new FrameReader(MAX_BYTES);
    const chunk = Uint8Array.of(0, 2, 1);

    reader.take(chunk);
    chunk.fill(9);

    expect(plain(reader.take(Uint8Array.of(7)) ?? [])).toEqual([[1, 7]]);
  });
});

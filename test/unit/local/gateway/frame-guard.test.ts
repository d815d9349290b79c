import { FrameGuard } from '../../../../local/src/gateway/frame-guard.ts';

const MAX = 32 * 1024;
const TEXT = 0x81;
const CONTINUATION = 0x00;

/** A masked client frame (RFC 6455 §5.2). */
function frame(sizeBytes: number, first = TEXT): Buffer {
  const mask = Buffer.from([1, 2, 3, 4]);
  const payload = Buffer.alloc(sizeBytes, 0xff);
  if (sizeBytes < 126)
    return Buffer.concat([Buffer.from([first, 0x80 | sizeBytes]), mask, payload]);
  const head = Buffer.alloc(sizeBytes < 65_536 ? 4 : 10);
  head.writeUInt8(first, 0);
  head.writeUInt8(0x80 | (head.length === 4 ? 126 : 127), 1);
  if (head.length === 4) head.writeUInt16BE(sizeBytes, 2);
  else head.writeBigUInt64BE(BigInt(sizeBytes), 2);
  return Buffer.concat([head, mask, payload]);
}

const acceptsAll = (guard: FrameGuard, bytes: Buffer, step: number): boolean => {
  for (let at = 0; at < bytes.length; at += step) {
    if (!guard.accepts(bytes.subarray(at, at + step))) return false;
  }
  return true;
};

describe('OPS-2: the guard of the frame length', () => {
  it.each([
    ['an empty frame', 0, true],
    ['the longest short frame', 125, true],
    ['the shortest with two bytes of length', 126, true],
    ['exactly 32 KB', MAX, true],
    ['one byte more', MAX + 1, false],
    ['eight bytes of length', 70_000, false],
  ])('takes %s for what it is, however it is cut', (_what, sizeBytes, accepted) => {
    for (const step of [1, 3, 1000, 1_000_000]) {
      expect(acceptsAll(new FrameGuard(MAX), frame(sizeBytes), step)).toBe(accepted);
    }
  });

  it('finds the next frame behind the payload of the last', () => {
    const parts = [frame(200), frame(MAX, CONTINUATION), frame(0), frame(MAX + 1)];

    expect(acceptsAll(new FrameGuard(MAX), Buffer.concat(parts.slice(0, 3)), 777)).toBe(true);
    expect(acceptsAll(new FrameGuard(MAX), Buffer.concat(parts), 777)).toBe(false);
  });
});

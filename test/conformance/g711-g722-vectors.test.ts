import { createHash } from 'node:crypto';
import { decodeG711, encodeG711, type G711Law } from '../../media-node/src/core/voice/g711.ts';
import { G722Decoder, G722Encoder } from '../../media-node/src/core/voice/g722.ts';

const sha256 = (bytes: ArrayBufferView): string =>
  createHash('sha256')
    .update(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength))
    .digest('hex');

/** A second that reaches every step of the quantizers: two tones, a sweep, noise, overload. */
const signal = Int16Array.from({ length: 16_000 }, (_, at) => {
  const noise = (((at * 1_103_515_245 + 12_345) >>> 8) % 2001) - 1000;
  const sweep = 9000 * Math.sin((at * at) / 9000);
  const tone = 12_000 * Math.sin(at / 5) * Math.sin(at / 2500);
  const loud = at > 14_000 ? 3 : 1;
  return Math.max(-32_768, Math.min(32_767, Math.round((noise + sweep + tone) * loud)));
});

describe('ITU-T G.711 – the two laws', () => {
  const coded = (law: G711Law, ...samples: readonly number[]): readonly number[] => {
    const frame = new Uint8Array(samples.length);
    encodeG711(law, Int16Array.from(samples), frame);
    return [...frame];
  };
  const decoded = (law: G711Law, ...codes: readonly number[]): readonly number[] => {
    const pcm = new Int16Array(codes.length);
    decodeG711(law, Uint8Array.from(codes), pcm);
    return [...pcm];
  };

  it('have the codes of the tables', () => {
    expect(decoded('mu', 0xff, 0x7f, 0x80, 0x00, 0xef)).toEqual([0, 0, 32_124, -32_124, 132]);
    expect(decoded('a', 0xd5, 0x55, 0xaa, 0x2a)).toEqual([8, -8, 32_256, -32_256]);
    expect(coded('mu', 32_767, -32_768, 132)).toEqual([0x80, 0x00, 0xef]);
    expect(coded('a', 32_767, -32_768, 8, -8)).toEqual([0xaa, 0x2a, 0xd5, 0x55]);
  });

  it.each(['mu', 'a'] as const)('give every code of the %s law back', (law) => {
    const codes = Array.from({ length: 256 }, (_, code) => code);
    const again = coded(law, ...decoded(law, ...codes));

    // The µ-law has two zeroes.
    expect(again.filter((code, at) => code !== at).length).toBeLessThanOrEqual(1);
  });

  it.each(['mu', 'a'] as const)('are never off by more than the step of the %s law', (law) => {
    const frame = new Uint8Array(signal.length);
    const back = new Int16Array(signal.length);
    encodeG711(law, signal, frame);
    decodeG711(law, frame, back);

    const worst = signal.reduce(
      (most, sample, at) =>
        Math.max(most, Math.abs(sample - (back[at] ?? 0)) / (Math.abs(sample) / 16 + 40)),
      0,
    );
    expect(worst).toBeLessThan(1);
  });
});

/** Written once by FFmpeg's encoder and decoder, which agree with ours bit for bit. */
const CODED = '26e09a92ea76f81f65317ae2cc063c2e1dc4bcc44466004bcd79f98bdb696f8e';
const DECODED = '26e83d732fcae98fdd0ff982ee4fb323d4bca7b03088da2c340f2861e18822be';

describe('ITU-T G.722 – 64 kbit/s', () => {
  it('encodes a second of everything as FFmpeg does', () => {
    const frame = new Uint8Array(signal.length / 2);

    new G722Encoder().encode(signal, frame);

    expect(sha256(frame)).toBe(CODED);
  });

  it('decodes it as FFmpeg does, whatever the size of its blocks', () => {
    const frame = new Uint8Array(signal.length / 2);
    new G722Encoder().encode(signal, frame);
    const pcm = new Int16Array(signal.length);
    const decoder = new G722Decoder();

    for (let at = 0; at < frame.length; at += 160) {
      decoder.decode(frame.subarray(at, at + 160), pcm.subarray(at * 2));
    }

    expect(sha256(pcm)).toBe(DECODED);
  });
});

import {
  levelOf,
  NoiseSource,
  readNoiseLevel,
  writeNoiseLevel,
} from '../../media-node/src/core/voice/comfort-noise.ts';

describe('RFC 3389 §3 – comfort noise', () => {
  it('tells its level in the first octet, in dB under overload', () => {
    expect(readNoiseLevel(Uint8Array.of(60, 1, 2, 3))).toBe(60);
    expect([...writeNoiseLevel(59.7)]).toEqual([60]);
    expect([...writeNoiseLevel(300)]).toEqual([127]);
  });

  it('is none without a level, or with one that cannot be', () => {
    expect(readNoiseLevel(new Uint8Array(0))).toBeUndefined();
    expect(readNoiseLevel(Uint8Array.of(200))).toBeUndefined();
  });

  it.each([30, 50, 70])('sounds as loud as it was told: %i dB', (levelDb) => {
    const pcm = new Int16Array(1600);

    new NoiseSource().fill(pcm, levelDb);

    expect(levelOf(pcm)).toBeGreaterThan(levelDb - 1);
    expect(levelOf(pcm)).toBeLessThan(levelDb + 1);
  });

  it('of a sine at overload is 0 dB, of silence 127', () => {
    const sine = Int16Array.from({ length: 800 }, (_, at) => 32_767 * Math.sin(at / 3));

    expect(levelOf(sine)).toBeLessThan(0.1);
    expect(levelOf(new Int16Array(160))).toBe(127);
  });
});

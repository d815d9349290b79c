import { cryptoIds } from '../../../../../media-node/src/adapters/ids/crypto-ids.ts';

describe('random texts', () => {
  it.each([64, 96, 128, 100_000])(
    'of %p bits are as long as that takes, and never the same',
    (bits) => {
      const texts = Array.from({ length: 1_000 }, () => cryptoIds.random(bits));

      expect(new Set(texts).size).toBe(texts.length);
      for (const text of texts)
        expect(Buffer.from(text, 'base64url')).toHaveLength(Math.ceil(bits / 8));
    },
  );

  it('are not left over from one another where they come from one pool', () => {
    const texts = Array.from({ length: 2_000 }, () => cryptoIds.random(128)).join('');

    // Wiped bytes would show as a run of the letter that stands for zero.
    expect(texts).not.toContain('AAAAAAAAAA');
  });
});

import { createAesAnswerCipher } from '../../../../functions/src/adapters/aes-answer-cipher.ts';
import { randomAnswerKey } from '../../../../functions/src/adapters/random-key-mint.ts';

describe('SEC-2: a kept answer', () => {
  const cipher = createAesAnswerCipher({ key: randomAnswerKey() });

  it('shows nothing of itself, and is read back for the request it answers', () => {
    const kept = cipher.encrypt('{"token":"s3cret"}', 'c1/r1');

    expect(kept).not.toContain('s3cret');
    expect(cipher.decrypt(kept, 'c1/r1')).toBe('{"token":"s3cret"}');
  });

  it('is read for no other request, by no other key and not when changed', () => {
    const kept = cipher.encrypt('answer', 'c1/r1');
    const other = createAesAnswerCipher({ key: randomAnswerKey() });
    const bytes = Buffer.from(kept, 'base64url');
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;

    expect(cipher.decrypt(kept, 'c1/r2')).toBeUndefined();
    expect(other.decrypt(kept, 'c1/r1')).toBeUndefined();
    expect(cipher.decrypt(bytes.toString('base64url'), 'c1/r1')).toBeUndefined();
    expect(cipher.decrypt('', 'c1/r1')).toBeUndefined();
  });
});

import { TokenBucket } from '../../../../local/src/gateway/token-bucket.ts';

describe('OPS-2: a throttle', () => {
  it('lets a burst pass, then a steady rate, and saves up no more than a burst', () => {
    let nowMs = 0;
    const bucket = new TokenBucket(2, () => nowMs);
    const passed = (tries: number) =>
      Array.from({ length: tries }, () => bucket.take()).filter(Boolean).length;

    expect(passed(5)).toBe(2);
    nowMs += 500;
    expect(passed(5)).toBe(1);
    nowMs += 60_000;
    expect(passed(5)).toBe(2);
  });
});

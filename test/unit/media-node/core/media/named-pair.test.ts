import { NamedPair } from '../../../../../media-node/src/core/media/named-pair.ts';

type Check = readonly [pair: string, transaction: string, atMs: number];

/** Whether each check moves the call to its pair. */
const movesBy = (...checks: readonly Check[]): readonly boolean[] => {
  const named = new NamedPair();
  return checks.map((check) => named.isNamedStill(...check));
};

describe('MED-5: the pair that a browser names', () => {
  it('is another once that is named for half a second', () => {
    const checks = [
      ['a', '1', 0],
      ['b', '2', 1_000],
      ['b', '3', 1_499],
      ['b', '4', 1_500],
    ] as const;

    expect(movesBy(...checks)).toEqual([false, false, false, true]);
  });

  it('is not another where each is named as it is checked at first, as once was done', () => {
    expect(movesBy(['a', '1', 0], ['b', '2', 20], ['b', '3', 200], ['c', '4', 220])).toEqual([
      ...[false, false],
      ...[false, false],
    ]);
  });

  it('is not another where one check is repeated for want of an answer', () => {
    expect(movesBy(['b', '2', 0], ['b', '2', 500], ['b', '2', 1_500])).toEqual([
      ...[false, false, false],
    ]);
  });

  it('is not another while the one in use is named in between', () => {
    expect(movesBy(['b', '1', 0], ['a', '2', 400], ['b', '3', 800], ['b', '4', 1_200])).toEqual([
      ...[false, false],
      ...[false, false],
    ]);
  });
});

/** Does the work of every item, so many at a time. */
export async function inTurn<T>(
  items: readonly T[],
  atATime: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const left = items[Symbol.iterator]();
  const worker = async (): Promise<void> => {
    for (let next = left.next(); !next.done; next = left.next()) await work(next.value);
  };
  await Promise.all(Array.from({ length: atATime }, worker));
}

export const range = (length: number, first = 0): readonly number[] =>
  Array.from({ length }, (_, index) => first + index);

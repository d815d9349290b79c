/** So many at once: neither the core nor the table is to be flooded by a node that goes. */
const AT_ONCE = 16;

export async function inTurns<T>(
  items: readonly T[],
  take: (item: T) => Promise<void>,
): Promise<void> {
  const rest = [...items];
  const turn = async (): Promise<void> => {
    for (let item = rest.shift(); item !== undefined; item = rest.shift()) await take(item);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, turn));
}

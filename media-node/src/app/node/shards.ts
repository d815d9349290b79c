import { OWNER_SHARDS } from '@isthmus/shared/store/keys';

/** The shards a survivor begins with: all survivors know the same list, so no two begin alike. */
export function shardsFirst(me: string, alive: readonly string[]): readonly number[] {
  const survivors = [...new Set(alive)].sort();
  const mine = survivors.indexOf(me);
  if (mine < 0) return [];
  const all = Array.from({ length: OWNER_SHARDS }, (_, shard) => shard);
  return all.filter((shard) => shard % survivors.length === mine);
}

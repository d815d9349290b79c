import type { SrvRecord } from './records.ts';

/** A number from 0 up to 1, another at every call. */
export type Draw = () => number;

/** Lowest priority first, and within one as their weights draw them (RFC 2782). */
export function orderSrv(records: readonly SrvRecord[], draw: Draw): readonly SrvRecord[] {
  // A target of «.» says that the service is decidedly not to be had.
  const usable = records.filter(({ name }) => name !== '' && name !== '.');
  const priorities = [...new Set(usable.map(({ priority }) => priority))].sort((a, b) => a - b);
  return priorities.flatMap((priority) =>
    drawn(
      usable.filter((it) => it.priority === priority),
      draw,
    ),
  );
}

function drawn(records: readonly SrvRecord[], draw: Draw): readonly SrvRecord[] {
  // Those of weight zero stand first, so that they have a small chance of being taken first.
  const left = [...records].sort((a, b) => a.weight - b.weight);
  const ordered: SrvRecord[] = [];
  while (left.length > 0) {
    const [taken] = left.splice(indexDrawn(left, draw()), 1);
    if (taken) ordered.push(taken);
  }
  return ordered;
}

function indexDrawn(records: readonly SrvRecord[], chance: number): number {
  const total = records.reduce((sum, { weight }) => sum + weight, 0);
  const wanted = Math.floor(chance * (total + 1));
  let sum = 0;
  for (const [index, { weight }] of records.entries()) {
    sum += weight;
    if (sum >= wanted) return index;
  }
  return records.length - 1;
}

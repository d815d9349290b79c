import type { Row } from '../report.ts';

/** What there is in a process, after a collection of garbage. */
export interface Census {
  /** Instances by the name of their class. */
  readonly objects: Readonly<Record<string, number>>;
  /** What keeps the event loop alive, by kind: timers, sockets. */
  readonly resources: Readonly<Record<string, number>>;
  readonly openFiles: number;
  readonly heapBytes: number;
  readonly residentBytes: number;
}

export const LEFT = 'left behind';
export const MEMORY = 'memory of ended calls';
/** Told, and no bar: the local table is in that process, and records stay in it. */
export const MEMORY_WITH_TABLE = 'memory of ended calls, table included';
const KIB = 1_024;

/** What is there at every look: a request under way holds a socket for a moment, a leak for good. */
export const leastOf = (looks: readonly Census[]): Census => ({
  objects: leastByName(looks.map(({ objects }) => objects)),
  resources: leastByName(looks.map(({ resources }) => resources)),
  openFiles: Math.min(...looks.map(({ openFiles }) => openFiles)),
  heapBytes: Math.min(...looks.map(({ heapBytes }) => heapBytes)),
  residentBytes: Math.min(...looks.map(({ residentBytes }) => residentBytes)),
});

function leastByName(counts: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const names = new Set(counts.flatMap((it) => Object.keys(it)));
  return Object.fromEntries(
    [...names].map((name) => [name, Math.min(...counts.map((it) => it[name] ?? 0))]),
  );
}

/** What one process has more of than before the calls. */
export function leftRows(
  process: string,
  { before, after }: { readonly before: Census; readonly after: Census },
): readonly Row[] {
  const counts = (of: Census): Readonly<Record<string, number>> => ({
    ...of.objects,
    ...of.resources,
    'open files': of.openFiles,
  });
  const [had, has] = [counts(before), counts(after)];
  const names = [...new Set([...Object.keys(had), ...Object.keys(has)])].sort();
  return names.map((name) => leftRow(`${process}: ${name}`, had[name] ?? 0, has[name] ?? 0));
}

export const leftRow = (subject: string, before: number, after: number): Row => ({
  ...{ case: LEFT, subject, before, after, left: after - before },
});

export function memoryRow(
  of: Pick<Row, 'case' | 'subject'>,
  { before, after, calls }: { before: Census; after: Census; calls: number },
): Row {
  const grown = (name: 'heapBytes' | 'residentBytes'): number => after[name] - before[name];
  return {
    ...of,
    calls,
    heapKiB: Math.round(after.heapBytes / KIB),
    heapBytesPerCall: Math.round(grown('heapBytes') / calls),
    residentKiB: Math.round(after.residentBytes / KIB),
    residentBytesPerCall: Math.round(grown('residentBytes') / calls),
  };
}

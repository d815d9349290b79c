import type { TraceEntry } from './ims-types.ts';

const KEPT = 2_000;

export interface Trace {
  add(entry: TraceEntry): void;
  entries(): readonly TraceEntry[];
}

/** The last messages of all flows, without what could be used to log in. */
export function createTrace(): Trace {
  const entries: TraceEntry[] = [];
  return {
    add(entry) {
      if (entries.length === KEPT) entries.shift();
      entries.push({ ...entry, text: masked(entry.text) });
    },
    entries: () => [...entries],
  };
}

function masked(text: string): string {
  return text.replace(/^((?:proxy-)?authorization[ \t]*:.*)$/gim, (line) =>
    line.replace(/\b(response|cnonce)="[^"]+"/gi, '$1="***"'),
  );
}

import { readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { queryObjects } from 'node:v8';
import type { Census } from '../soak/census.ts';
import { collectGarbage } from './usage.ts';

/** Also one whose constructor is its own business. */
interface Class {
  readonly prototype: object;
}

const TURN_MS = 50;

/** Counts this process; `classes`: whose instances are looked for on the heap. */
export async function takeCensus(classes: Readonly<Record<string, Class>>): Promise<Census> {
  const objects: Record<string, number> = {};
  for (const [name, it] of Object.entries(classes)) {
    objects[name] = countOf(it);
    // The whole heap is walked for each: a node that does nothing else loses its lease.
    await sleep(TURN_MS);
  }
  collectGarbage();
  const { heapUsed, external, rss } = process.memoryUsage();
  return {
    objects,
    resources: tallyOf(process.getActiveResourcesInfo()),
    openFiles: readdirSync('/proc/self/fd').length,
    heapBytes: heapUsed + external,
    residentBytes: rss,
  };
}

/** Whatever has the class's prototype in its chain, prototypes of its heirs among them. */
const countOf = (it: Class): number => queryObjects(it as never, { format: 'count' });

function tallyOf(names: readonly string[]): Readonly<Record<string, number>> {
  const tally: Record<string, number> = {};
  for (const name of names) tally[name] = (tally[name] ?? 0) + 1;
  return tally;
}

import { fileURLToPath } from 'node:url';
import { pinned, type RelayedCall, type RelaySubject, untilSaid } from '../relay.ts';

export const PORTABLE = 'Isthmus, portable';
export const NATIVE = 'Isthmus, native';

/** One of our planes in a process of its own; what a node runs, with keys given instead of agreed. */
function ourSubject(name: string, file: string, ramp: RelaySubject['ramp']): RelaySubject {
  const program = fileURLToPath(new URL(file, import.meta.url));
  return {
    name,
    suite: 'cm',
    ramp,
    async start(calls) {
      const child = await pinned(process.execPath, [program, String(calls)]);
      const opened = JSON.parse(await untilSaid(child, 'ready ')) as RelayedCall[];
      return { pid: child.pid, calls: opened, stop: () => child.stop() };
    },
  };
}

export const portableSubject = ourSubject(PORTABLE, './portable-process.ts', 'script');
export const nativeSubject = ourSubject(NATIVE, './native-process.ts', 'native');

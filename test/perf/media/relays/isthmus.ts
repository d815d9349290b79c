import { fileURLToPath } from 'node:url';
import { pinned, type RelayedCall, type RelaySubject, untilSaid } from '../relay.ts';

export const PORTABLE = 'Isthmus, portable';
export const NATIVE = 'Isthmus, native';
/** What it is where io_uring is not allowed. */
export const NATIVE_EPOLL = 'Isthmus, native, epoll';

/** One of our planes in a process of its own; what a node runs, with keys given instead of agreed. */
function ourSubject(
  name: string,
  ramp: RelaySubject['ramp'],
  ...[file, ...args]: readonly [file: string, ...args: string[]]
): RelaySubject {
  const program = fileURLToPath(new URL(file, import.meta.url));
  return {
    name,
    suite: 'cm',
    ramp,
    async start(calls) {
      const child = await pinned(process.execPath, [program, String(calls), ...args]);
      const opened = JSON.parse(await untilSaid(child, 'ready ')) as RelayedCall[];
      return { pid: child.pid, calls: opened, stop: () => child.stop() };
    },
  };
}

export const portableSubject = ourSubject(PORTABLE, 'script', './portable-process.ts');
export const nativeSubject = ourSubject(NATIVE, 'native', './native-process.ts');
export const nativeEpollSubject = ourSubject(
  NATIVE_EPOLL,
  'native',
  './native-process.ts',
  'epoll',
);

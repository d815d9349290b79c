import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export type EvsFault = 'OTHER_VERSION' | 'NO_ENCODER' | 'OCTETS_FOR_BITS' | 'NO_DECODE';

/** Stand-ins for an operator's EVS, built by the machine's compiler; gone with `remove`. */
export function evsLibraries() {
  const folder = mkdtempSync(join(tmpdir(), 'isthmus-evs-'));
  return {
    build(fault?: EvsFault): string {
      const library = join(folder, `${fault ?? 'sound'}.so`);
      execFileSync('cc', [
        ...['-shared', '-fPIC', '-O1', '-Wall', '-Wextra', '-Werror'],
        ...(fault ? [`-DFAULT_${fault}`] : []),
        `-I${at('../../../media-node/native-codecs')}`,
        ...[at('./stand-in.c'), '-o', library],
      ]);
      return library;
    },
    remove(): void {
      rmSync(folder, { recursive: true });
    },
  };
}

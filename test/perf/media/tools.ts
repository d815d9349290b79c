import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** Our own programs, built for this run. */
export interface Tools {
  readonly dir: string;
  readonly generator: string;
  readonly floorRelay: string;
  close(): Promise<void>;
}

const run = promisify(execFile);
const SOURCES = fileURLToPath(new URL('./generator/', import.meta.url));
const FLAGS = ['-O2', '-Wall', '-Wextra', '-Werror'];
const GENERATOR = ['load-generator', 'options', 'packets', 'streams', 'srtp-reference', 'usage'];

/** Throws with the compiler's words where they cannot be built. */
export async function buildTools(): Promise<Tools> {
  const dir = await mkdtemp(join(tmpdir(), 'isthmus-media-bench-'));
  const build = async (name: string, sources: readonly string[], libraries: readonly string[]) => {
    const program = join(dir, name);
    const files = sources.map((it) => join(SOURCES, `${it}.c`));
    await run('cc', [...FLAGS, '-o', program, ...files, ...libraries]);
    return program;
  };
  return {
    dir,
    generator: await build('load-generator', GENERATOR, ['-lcrypto']),
    floorRelay: await build('floor-relay', ['floor-relay'], []),
    close: () => rm(dir, { recursive: true, force: true }),
  };
}

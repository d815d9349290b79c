import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, say } from './toolchain.mjs';

/**
 * Every decoder of a codec addon, without Node, under AddressSanitizer for a bounded time:
 * `npm run fuzz:codecs -- 60` seconds, and a seed where a run is to be repeated; with `--video` before
 * them, the decoders of pictures.
 */

const VOICE = { folder: 'native-codecs', sources: ['opus.c', 'amr.c'] };
const VIDEO = {
  folder: 'native-video-codecs',
  sources: ['vp8.c', 'h264.c', 'parameter-sets.c', 'shrink.c'],
};

const [first, ...others] = process.argv.slice(2);
const isVideo = first === '--video';
const { folder: name, sources } = isVideo ? VIDEO : VOICE;
const folder = join(ROOT, 'media-node', name);
const program = join(folder, 'build/fuzz');
mkdirSync(join(folder, 'build'), { recursive: true });
const built = spawnSync(
  process.env.CC ?? 'cc',
  [
    ...['-std=gnu11', '-g', '-O1', '-Wall', '-Wextra', '-fno-omit-frame-pointer'],
    '-fsanitize=address,undefined',
    '-fno-sanitize-recover=all',
    ...['fuzz/fuzz.c', ...sources],
    ...['-o', program, '-ldl', '-lpthread'],
  ],
  { cwd: folder, stdio: 'inherit' },
);
if (built.status !== 0) process.exit(1);
const { status, signal } = spawnSync(program, isVideo ? others : process.argv.slice(2), {
  stdio: 'inherit',
});
if (status !== 0) say(`fuzzing found something (${signal ?? `exit code ${status}`})`);
process.exitCode = status ?? 1;

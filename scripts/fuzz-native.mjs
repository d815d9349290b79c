import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { buildNative } from './build-native.mjs';
import { findNode, ROOT, say } from './toolchain.mjs';

/**
 * The media addon under AddressSanitizer and UndefinedBehaviorSanitizer, fed with changed packets for
 * a bounded time: `npm run fuzz:native -- --seconds 600`. What is wrong ends the process with a report.
 */

const FOLDER = 'media-node/native';
const FUZZED = {
  name: 'media-fuzz',
  folder: FOLDER,
  flags: [
    ...['-g', '-O1', '-fno-omit-frame-pointer', '-DISTHMUS_FUZZ', '-DOPENSSL_SUPPRESS_DEPRECATED'],
    ...['-fsanitize=address,undefined', '-fno-sanitize-recover=all', '-fvisibility=hidden'],
  ],
  libraries: ['-lpthread'],
};

if (buildNative([FUZZED]).length > 0) process.exit(1);
const addon = join(ROOT, FOLDER, 'build', `${FUZZED.name}.node`);
const runtime = (name) =>
  execFileSync(process.env.CC ?? 'cc', [`-print-file-name=${name}`], { encoding: 'utf8' }).trim();
const { status, signal } = spawnSync(
  findNode(),
  [
    '--disable-warning=ExperimentalWarning',
    'test/support/fuzz-native.ts',
    addon,
    ...process.argv.slice(2),
  ],
  {
    cwd: ROOT,
    stdio: 'inherit',
    env: {
      ...process.env,
      // Node itself is not built with them: they must be there before it.
      LD_PRELOAD: `${runtime('libasan.so')} ${runtime('libubsan.so')}`,
      // V8 frees nothing at its end; what leaks is counted by us.
      ASAN_OPTIONS: 'detect_leaks=0:abort_on_error=1',
      UBSAN_OPTIONS: 'print_stacktrace=1',
    },
  },
);
if (status !== 0) say(`fuzzing found something (${signal ?? `exit code ${status}`})`);
process.exitCode = status ?? 1;

import { buildNative } from './build-native.mjs';
import { findNode, install, missingPackages, run, say } from './toolchain.mjs';

// Everything on one machine. stdout belongs to local/src/main.ts alone.
if (missingPackages({ withDev: false }).length > 0) {
  say('Installing what running needs; once, about a minute …');
  const code = await install({ withDev: false });
  if (code !== 0) {
    say('npm ci failed; its messages are above.');
    process.exit(code);
  }
}

buildNative();

process.exitCode = await run(findNode(), [
  '--disable-warning=ExperimentalWarning',
  'local/src/main.ts',
  ...process.argv.slice(2),
]);

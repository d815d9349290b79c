import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What start and test share. Free of dependencies: it runs before any is installed, on Node 20. */

export const ROOT = fileURLToPath(new URL('..', import.meta.url));
const NODE_MAJOR = 24;
/** Optional in the lock file, because each machine wants only its own. */
const PACKAGED_NODE = `node_modules/node-${process.platform}-${process.arch}`;

export const say = (line) => process.stderr.write(`${line}\n`);

const readJson = (path) => (existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : undefined);

/** `node_modules/.package-lock.json` is npm's own note of what it finished installing. */
export function missingPackages({ withDev, root = ROOT }) {
  const wanted = readJson(join(root, 'package-lock.json'))?.packages ?? {};
  const present = readJson(join(root, 'node_modules/.package-lock.json'))?.packages ?? {};
  return Object.entries(wanted)
    .filter(([path]) => path.includes('node_modules/'))
    .filter(([path, entry]) => path === PACKAGED_NODE || isNeeded(entry, withDev))
    .filter(([path, entry]) => !isPresent(present[path], entry))
    .map(([path]) => path);
}

const isNeeded = (entry, withDev) =>
  !entry.optional && !entry.devOptional && !entry.peer && (withDev || !entry.dev);

const isPresent = (found, entry) =>
  found !== undefined && (entry.link === true || found.version === entry.version);

/** Installs from the lock file; all that npm says goes to stderr, so that stdout stays clean. */
export async function install({ withDev }) {
  const args = ['ci', ...(withDev ? [] : ['--omit=dev']), '--no-audit', '--no-fund'];
  const path = (process.env.PATH ?? '')
    .split(delimiter)
    // npm ci empties node_modules: the node that runs it must not live in there.
    .filter((folder) => !folder.includes('node_modules'))
    .join(delimiter);
  const env = { ...process.env, PATH: path, npm_config_loglevel: 'error' };
  return await run('npm', args, { env, stdio: ['ignore', 2, 2] });
}

/** The Node that the code is written for: the installed package's, or the running one. */
export function findNode() {
  const packaged = join(ROOT, PACKAGED_NODE, 'bin/node');
  if (existsSync(packaged)) return packaged;
  if (Number(process.versions.node.split('.')[0]) >= NODE_MAJOR) return process.execPath;
  say(
    `Isthmus needs Node ${NODE_MAJOR} or newer; this is ${process.version} on ${process.platform}.`,
  );
  return process.exit(1);
}

/** Spawns, passes signals on, and resolves with the exit code as a shell would give it. */
export function run(command, args, options = {}) {
  const { onSpawn, ...spawnOptions } = options;
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: ROOT, stdio: 'inherit', ...spawnOptions });
    onSpawn?.(child);
    const forward = (signal) => {
      // A terminal sends Ctrl-C to the whole group; a second one would mean "at once".
      if (signal === 'SIGINT' && process.stdin.isTTY) return;
      child.kill(signal);
    };
    const done = (code) => {
      process.off('SIGINT', forward).off('SIGTERM', forward);
      resolve(code);
    };
    process.on('SIGINT', forward).on('SIGTERM', forward);
    child.on('error', (error) => {
      say(`${command}: ${error.message}`);
      done(127);
    });
    child.on('close', (code, signal) => {
      done(code ?? 128 + (constants.signals[signal] ?? 0));
    });
  });
}

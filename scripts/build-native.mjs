import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { ROOT, say } from './toolchain.mjs';

/**
 * Every native addon: sources in `folder`, the addon in its `build/`; `headers`: where else some of
 * its headers are. Free of dependencies and of node-gyp: the compiler of the machine, and the headers
 * that the Node package carries. An addon that cannot be built is told of in one line; what needs it
 * does without.
 */
const ADDONS = [
  {
    name: 'media',
    folder: 'media-node/native',
    // HMAC of every packet stands on SHA-1 of the low level: public, and deprecated.
    flags: ['-g', '-fvisibility=hidden', '-DOPENSSL_SUPPRESS_DEPRECATED'],
    libraries: ['-lpthread'],
  },
  {
    name: 'codecs',
    folder: 'media-node/native-codecs',
    headers: 'media-node/native-shared',
    libraries: ['-ldl', '-lpthread'],
  },
  {
    name: 'video-codecs',
    folder: 'media-node/native-video-codecs',
    headers: 'media-node/native-shared',
    libraries: ['-ldl', '-lpthread'],
  },
];

const FLAGS = ['-O2', '-fPIC', '-shared', '-Wall', '-Wextra', '-fstack-protector-strong'];
const LANGUAGES = {
  c: { compiler: process.env.CC ?? 'cc', ending: '.c', flags: ['-std=gnu11'] },
  'c++': { compiler: process.env.CXX ?? 'c++', ending: '.cc', flags: ['-std=c++17'] },
};

/** Builds what is missing or old. Resolves to the names of those that cannot be had. */
export function buildNative(addons = ADDONS) {
  return addons.filter((addon) => !isBuilt(addon) && !build(addon)).map(({ name }) => name);
}

function isBuilt(addon) {
  const { stamp, target } = placesOf(addon);
  return existsSync(target) && existsSync(stamp) && readFileSync(stamp, 'utf8') === stampOf(addon);
}

function build(addon) {
  const { folder, target, stamp } = placesOf(addon);
  const headers = headerFolder();
  if (!headers) return cannot(addon, 'this Node has no headers');
  const { compiler, flags } = LANGUAGES[addon.language ?? 'c'];
  if (spawnSync(compiler, ['--version'], { stdio: 'ignore' }).status !== 0) {
    return cannot(addon, `there is no compiler (${compiler})`);
  }
  mkdirSync(dirname(target), { recursive: true });
  const fresh = `${target}.${process.pid}`;
  const { status, stderr } = spawnSync(
    compiler,
    [
      ...FLAGS,
      ...flags,
      '-DNAPI_VERSION=8',
      `-I${headers}`,
      ...(addon.flags ?? []),
      ...sourcesOf(addon).filter((file) => !file.endsWith('.h')),
      ...['-o', fresh],
      ...(addon.libraries ?? []),
    ],
    { cwd: folder, encoding: 'utf8' },
  );
  if (status !== 0) return cannot(addon, firstError(stderr));
  renameSync(fresh, target);
  writeFileSync(stamp, stampOf(addon));
  return true;
}

const firstError = (text) => text.split('\n').find((line) => /error|undefined/.test(line)) ?? text;

function cannot({ name }, reason) {
  say(`The ${name} addon is not built: ${reason}. Everything else works without it.`);
  return false;
}

function placesOf({ name, folder }) {
  const home = join(ROOT, folder);
  const target = join(home, 'build', `${name}.node`);
  return { folder: home, target, stamp: `${target}.stamp` };
}

function sourcesOf({ folder, language = 'c' }) {
  const { ending } = LANGUAGES[language];
  return readdirSync(join(ROOT, folder))
    .filter((file) => file.endsWith(ending) || file.endsWith('.h'))
    .sort();
}

/** Changes with the sources, the flags, the compiler's version and the libraries' headers. */
function stampOf(addon) {
  const hash = createHash('sha256');
  const { compiler } = LANGUAGES[addon.language ?? 'c'];
  hash.update(JSON.stringify([addon, FLAGS, LANGUAGES, process.arch, versionOf(compiler)]));
  for (const folder of [addon.folder, addon.headers ?? []].flat())
    for (const file of sourcesOf({ ...addon, folder }))
      hash.update(readFileSync(join(ROOT, folder, file)));
  return hash.digest('hex');
}

function versionOf(compiler) {
  try {
    return execFileSync(compiler, ['-dumpfullversion'], { encoding: 'utf8' });
  } catch {
    return 'none';
  }
}

function headerFolder() {
  const packaged = join(ROOT, `node_modules/node-${process.platform}-${process.arch}/include/node`);
  const beside = join(dirname(process.execPath), '../include/node');
  return [packaged, beside].find((folder) => existsSync(join(folder, 'node_api.h')));
}

if (process.argv[1] === import.meta.filename) {
  const failed = buildNative(ADDONS);
  process.exitCode = process.argv.includes('--must') && failed.length > 0 ? 1 : 0;
}

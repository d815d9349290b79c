import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildNative } from './build-native.mjs';
import { installCommand, missingTools } from './debian-tools.mjs';
import { addUp, closingLine, filesToRepeat, readArguments, settle } from './test-totals.mjs';
import { findNode, install, missingPackages, run, say } from './toolchain.mjs';

const JEST = [
  '--experimental-vm-modules',
  '--disable-warning=ExperimentalWarning',
  'node_modules/jest/bin/jest.js',
];
/** The synthesis of the stacks needs all of a machine's memory: one file at a time. */
const IN_BAND = new Set(['infra']);
/**
 * These stand on real sockets, browsers and cores: a file that fails on a busy machine is run once
 * more, alone and in plain sight. One that fails twice has failed.
 */
const REPEATED = new Set(['contract', 'integration', 'e2e']);
const PROJECT_LIMIT_MS = 25 * 60_000;

const { projects, jestArguments, problem } = readArguments(process.argv.slice(2));
if (problem) {
  say(problem);
  process.exit(1);
}

if (missingPackages({ withDev: true }).length > 0) {
  say('Installing the development dependencies …');
  if ((await install({ withDev: true })) !== 0) process.exit(1);
}

const absent = missingTools(projects);
if (absent.length > 0) {
  for (const tool of absent) say(`Missing: ${tool.name} (Debian package ${tool.debian})`);
  say(`Everything the tests need comes with:\n  ${installCommand()}`);
  process.exit(1);
}

buildNative();

const folder = mkdtempSync(join(tmpdir(), 'isthmus-test-'));
const totals = [];
let runs = 0;
for (const project of projects) totals.push(await runProject(project));
rmSync(folder, { recursive: true, force: true });

const sum = addUp(totals);
process.stdout.write(`\n${closingLine(sum)}\n`);
process.exitCode = sum.failed > 0 ? 1 : 0;

async function runProject(project) {
  say(`\n── ${project}`);
  const first = await runJest(project, jestArguments);
  const files = REPEATED.has(project) ? filesToRepeat(first.result) : [];
  if (files.length === 0) return first;
  say(`\n── ${project}, once more and alone:\n${files.join('\n')}`);
  // What fails may leave a socket open, for which jest would wait for ever.
  const second = await runJest(project, ['--forceExit', '--runTestsByPath', ...files]);
  if (!second.result) return first;
  return { code: second.code, result: settle(first.result, second.result) };
}

async function runJest(project, more) {
  const outputFile = join(folder, `${project}-${String(runs++)}.json`);
  const code = await run(
    findNode(),
    [
      ...JEST,
      '--selectProjects',
      project,
      '--json',
      `--outputFile=${outputFile}`,
      ...workersFor(project),
      ...more,
    ],
    { stdio: ['ignore', 'ignore', 'inherit'], timeout: PROJECT_LIMIT_MS },
  );
  return { code, result: readResult(outputFile) };
}

/** What stands on sockets waits more than it computes: four files at a time fill two cores. */
function workersFor(project) {
  if (IN_BAND.has(project)) return ['--runInBand'];
  return [`--maxWorkers=${REPEATED.has(project) ? '4' : '2'}`];
}

function readResult(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined; // jest ended before it could write: the exit code tells
  }
}

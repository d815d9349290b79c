import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildNative } from './build-native.mjs';
import { installCommand, missingTools } from './debian-tools.mjs';
import { planOf } from './test-plan.mjs';
import { addUp, closingLine, filesToRepeat, readArguments, settle } from './test-totals.mjs';
import { findNode, install, missingPackages, run, say } from './toolchain.mjs';

const JEST = [
  '--experimental-vm-modules',
  '--disable-warning=ExperimentalWarning',
  'node_modules/jest/bin/jest.js',
];
const STAGE_LIMIT_MS = 25 * 60_000;

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
const choosesFiles = jestArguments.length > 0;
for (const stage of planOf(projects, { choosesFiles })) totals.push(await runStage(stage));
rmSync(folder, { recursive: true, force: true });

const sum = addUp(totals);
process.stdout.write(`\n${closingLine(sum)}\n`);
process.exitCode = sum.failed > 0 ? 1 : 0;

async function runStage({ projects: names, repeats, workers, files: chosen }) {
  const title = `\n── ${[...names, ...chosen].join(', ')}`;
  say(title);
  const more = [`--maxWorkers=${String(workers)}`, ...chosen, ...jestArguments];
  const first = await runJest(names, more);
  const files = repeats ? filesToRepeat(first.result) : [];
  if (files.length === 0) return first;
  // What stands on real sockets, browsers and cores can fail on a busy machine: such a file is run
  // once more, alone and in plain sight. One that fails twice has failed.
  say(`${title}, once more and alone:\n${files.join('\n')}`);
  // What fails may leave a socket open, for which jest would wait for ever.
  const alone = ['--maxWorkers=1', '--forceExit', '--runTestsByPath', ...files];
  const second = await runJest(names, alone);
  if (!second.result) return first;
  return { code: second.code, result: settle(first.result, second.result) };
}

async function runJest(names, more) {
  const outputFile = join(folder, `${String(runs++)}.json`);
  const code = await run(
    findNode(),
    [...JEST, '--selectProjects', ...names, '--json', `--outputFile=${outputFile}`, ...more],
    { stdio: ['ignore', 'ignore', 'inherit'], timeout: STAGE_LIMIT_MS },
  );
  return { code, result: readResult(outputFile) };
}

function readResult(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined; // jest ended before it could write: the exit code tells
  }
}

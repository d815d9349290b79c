import { PROJECTS } from './test-plan.mjs';

/** `unit contract --testPathPatterns x` → the projects to run, and what is jest's own. */
export function readArguments(args) {
  const firstFlag = args.findIndex((arg) => arg.startsWith('-'));
  const names = firstFlag < 0 ? args : args.slice(0, firstFlag);
  const unknown = names.filter((name) => !PROJECTS.includes(name));
  return {
    projects: names.length === 0 ? PROJECTS : PROJECTS.filter((name) => names.includes(name)),
    jestArguments: firstFlag < 0 ? [] : args.slice(firstFlag),
    problem:
      unknown.length > 0
        ? `No such tests: ${unknown.join(', ')}. There are: ${PROJECTS.join(', ')}.`
        : undefined,
  };
}

/** More than these are no accident of a busy machine. */
const MOST_SECOND_RUNS = 4;

/** The files of a run that deserve a second one, alone: few failed, and jest itself was well. */
export function filesToRepeat(result) {
  const failed = (result?.testResults ?? []).filter(({ status }) => status === 'failed');
  return failed.length > MOST_SECOND_RUNS ? [] : failed.map(({ name }) => name);
}

/** The first run with the repeated files as the second found them. */
export function settle(first, second) {
  const again = new Set((second?.testResults ?? []).map(({ name }) => name));
  const before = (first.testResults ?? []).filter(({ name }) => again.has(name));
  const count = (files, status) =>
    files.flatMap((file) => file.assertionResults ?? []).filter((it) => it.status === status)
      .length;
  const unloaded = before.filter((file) => (file.assertionResults ?? []).length === 0).length;
  return {
    ...first,
    numPassedTests: first.numPassedTests - count(before, 'passed') + second.numPassedTests,
    numFailedTests: first.numFailedTests - count(before, 'failed') + second.numFailedTests,
    numPendingTests: first.numPendingTests - count(before, 'pending') + second.numPendingTests,
    numRuntimeErrorTestSuites:
      first.numRuntimeErrorTestSuites - unloaded + second.numRuntimeErrorTestSuites,
  };
}

/** A suite that could not even load, or a jest that fell, is a failure and never a silence. */
export function addUp(runs) {
  const sum = { passed: 0, failed: 0, skipped: 0 };
  for (const { code, result } of runs) {
    const failed = (result?.numFailedTests ?? 0) + (result?.numRuntimeErrorTestSuites ?? 0);
    sum.passed += result?.numPassedTests ?? 0;
    sum.skipped += (result?.numPendingTests ?? 0) + (result?.numTodoTests ?? 0);
    sum.failed += code !== 0 && failed === 0 ? 1 : failed;
  }
  return sum;
}

export const closingLine = ({ passed, failed, skipped }) =>
  `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;

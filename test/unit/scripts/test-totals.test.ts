import { PROJECTS } from '../../../scripts/test-plan.mjs';
import {
  addUp,
  closingLine,
  filesToRepeat,
  readArguments,
  settle,
} from '../../../scripts/test-totals.mjs';

const aRun = (code: number, counts: Record<string, number>) => ({ code, result: counts });

describe('the closing line of the tests', () => {
  it('adds the projects up', () => {
    const sum = addUp([
      aRun(0, { numPassedTests: 3, numFailedTests: 0 }),
      aRun(1, { numPassedTests: 2, numFailedTests: 1 }),
    ]);

    expect(closingLine(sum)).toBe('5 passed, 1 failed');
  });

  it('counts a suite that could not load as a failure', () => {
    const sum = addUp([aRun(1, { numPassedTests: 1, numRuntimeErrorTestSuites: 2 })]);

    expect(sum.failed).toBe(2);
  });

  it('counts a jest that fell without a word as a failure', () => {
    expect(addUp([{ code: 137, result: undefined }]).failed).toBe(1);
    expect(addUp([aRun(1, { numPassedTests: 0 })]).failed).toBe(1);
  });

  it('names what was skipped', () => {
    const sum = addUp([aRun(0, { numPassedTests: 1, numPendingTests: 1, numTodoTests: 1 })]);

    expect(closingLine(sum)).toBe('1 passed, 0 failed, 2 skipped');
  });
});

describe('the arguments of the tests', () => {
  it('run everything when none is given', () => {
    expect(readArguments([])).toMatchObject({ projects: PROJECTS, problem: undefined });
  });

  it('name projects first and leave the rest to jest', () => {
    expect(readArguments(['contract', 'unit', '--testPathPatterns', 'x'])).toMatchObject({
      projects: ['unit', 'contract'],
      jestArguments: ['--testPathPatterns', 'x'],
    });
  });

  it('refuse a kind of test that there is not', () => {
    expect(readArguments(['unity']).problem).toContain('unity');
  });
});

describe('a file that failed on a busy machine', () => {
  const file = (name: string, ...statuses: string[]) => ({
    name,
    status: statuses.includes('failed') || statuses.length === 0 ? 'failed' : 'passed',
    assertionResults: statuses.map((status) => ({ status })),
  });
  const first = {
    numPassedTests: 3,
    numFailedTests: 1,
    numPendingTests: 0,
    numRuntimeErrorTestSuites: 1,
    testResults: [file('a', 'passed'), file('b', 'passed', 'passed', 'failed'), file('c')],
  };
  const again = (counts: Record<string, number>) => ({
    numPassedTests: 0,
    numFailedTests: 0,
    numPendingTests: 0,
    numRuntimeErrorTestSuites: 0,
    ...counts,
    testResults: [file('b', 'passed', 'passed', 'passed'), file('c', 'passed')],
  });

  it('is run once more, but not when many fail', () => {
    const many = { testResults: ['a', 'b', 'c', 'd', 'e'].map((name) => file(name, 'failed')) };

    expect(filesToRepeat(first)).toEqual(['b', 'c']);
    expect(filesToRepeat(many)).toEqual([]);
    expect(filesToRepeat(undefined)).toEqual([]);
  });

  it('counts as the second run found it', () => {
    const mended = settle(first, again({ numPassedTests: 4 }));
    const broken = settle(first, again({ numPassedTests: 3, numFailedTests: 1 }));

    expect(closingLine(addUp([{ code: 0, result: mended }]))).toBe('5 passed, 0 failed');
    expect(closingLine(addUp([{ code: 1, result: broken }]))).toBe('4 passed, 1 failed');
  });
});

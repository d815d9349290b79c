interface JestCounts {
  readonly numPassedTests?: number;
  readonly numFailedTests?: number;
  readonly numPendingTests?: number;
  readonly numTodoTests?: number;
  readonly numRuntimeErrorTestSuites?: number;
}

interface Totals {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export function readArguments(args: readonly string[]): {
  readonly projects: readonly string[];
  readonly jestArguments: readonly string[];
  readonly problem: string | undefined;
};
export function addUp(
  runs: readonly { readonly code: number; readonly result: JestCounts | undefined }[],
): Totals;
export function closingLine(totals: Totals): string;

interface FileOfRun {
  readonly name: string;
  readonly status: string;
  readonly assertionResults?: readonly { readonly status: string }[];
}

interface FirstRun {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numRuntimeErrorTestSuites: number;
  readonly testResults: readonly FileOfRun[];
}

export function filesToRepeat(
  result: { readonly testResults: readonly FileOfRun[] } | undefined,
): readonly string[];
export function settle(first: FirstRun, second: FirstRun): FirstRun;

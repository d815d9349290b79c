const base = {
  testEnvironment: 'node',
  modulePathIgnorePatterns: ['<rootDir>/cdk.out', '<rootDir>/.tsbuild'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: { parser: { syntax: 'typescript' }, target: 'es2023' },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
};
const suite = (name) => ({
  ...base,
  displayName: name,
  testMatch: [`<rootDir>/test/${name}/**/*.test.ts`],
});
export default {
  randomize: true,
  testSequencer: '<rootDir>/test/slow-first.mjs',
  coverageProvider: 'v8',
  testTimeout: 60_000,
  projects: ['unit', 'conformance', 'contract', 'integration', 'infra', 'e2e'].map(suite),
};

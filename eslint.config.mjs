import tseslint from 'typescript-eslint';

// Only what needs types; Biome owns everything else.
export default tseslint.config(
  { ignores: ['**/dist/', '.tsbuild/', 'coverage/', '**/cdk.out/', '.data/'] },
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.strictTypeCheckedOnly],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
    },
  },
  {
    files: ['shared/src/**', 'media-node/src/core/**', 'media-node/src/ports/**'],
    rules: {
      'no-restricted-properties': [
        'error',
        { object: 'Math', property: 'random', message: 'the core has no randomness' },
      ],
    },
  },
);

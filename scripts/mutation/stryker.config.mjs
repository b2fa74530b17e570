// How Stryker changes the code, one thing at a time, and has the tests judge each change: `npm run mutation`.
export default {
  ignorePatterns: ['artifacts', 'dist', '.keystile', '.turbo', '.git', 'apps/{bench,demo,docs,trials,types}'],
  tempDirName: 'artifacts/mutation.tmp',
  plugins: ['@stryker-mutator/vitest-runner'],
  testRunner: 'vitest',
  // The tests that reach a mutant are known from a run before, and others are not asked. Following imports instead
  // would miss what is loaded on first use.
  coverageAnalysis: 'perTest',
  vitest: { configFile: 'scripts/mutation/vitest.config.ts', related: false },
  concurrency: 1,
  // A slow machine is no dead mutant: endless loops end by the count of their turns.
  timeoutMS: 20_000,
  timeoutFactor: 2,
  dryRunTimeoutMinutes: 20,
  reporters: ['json', 'progress-append-only'],
  jsonReporter: { fileName: 'artifacts/mutation.tmp.json' },
  allowEmpty: true,
}

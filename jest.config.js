const common = {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '\\.ts$': '<rootDir>/tools/strip-types.js' },
  modulePathIgnorePatterns: ['<rootDir>/functions/.*/dist', '<rootDir>/.lake', '<rootDir>/build'],
};
const tests = (...folders) => folders.map((folder) => `<rootDir>/test/${folder}/**/*.test.ts`);

export default {
  // Two workers: the services of the lake need the rest of a small machine.
  maxWorkers: 2,
  projects: [
    { ...common, displayName: 'unit', testMatch: tests('unit', 'property') },
    {
      ...common,
      displayName: 'lake',
      testMatch: tests('contract', 'integrity', 'e2e'),
      globalSetup: '<rootDir>/test/support/start-lake.ts',
      globalTeardown: '<rootDir>/test/support/stop-lake.ts',
    },
    { ...common, displayName: 'browser', testMatch: tests('browser') },
    { ...common, displayName: 'readers', testMatch: tests('readers') },
    { ...common, displayName: 'cloud', testMatch: tests('cloud') },
    {
      ...common,
      displayName: 'airflow',
      testMatch: tests('airflow'),
      globalSetup: '<rootDir>/test/support/start-lake.ts',
      globalTeardown: '<rootDir>/test/support/stop-lake.ts',
    },
    {
      ...common,
      displayName: 'kubernetes',
      testMatch: tests('kubernetes'),
      globalSetup: '<rootDir>/test/kubernetes/start-cluster.ts',
      globalTeardown: '<rootDir>/test/kubernetes/stop-cluster.ts',
    },
    {
      ...common,
      displayName: 'engines',
      testMatch: tests('engines'),
      globalSetup: '<rootDir>/test/engines/start-engines.ts',
      globalTeardown: '<rootDir>/test/engines/stop-engines.ts',
    },
  ],
  testTimeout: 120_000,
};

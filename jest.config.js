export default {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': ['@swc/jest'] },
  globalSetup: '<rootDir>/test/support/global-setup.mjs',
  globalTeardown: '<rootDir>/test/support/global-teardown.mjs',
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  // Two cores: one worker beside the database and the hubs under test.
  maxWorkers: 2,
  // Released versions that were built there have a package of the same name.
  modulePathIgnorePatterns: ['<rootDir>/.cache/'],
  testTimeout: 60_000,
};

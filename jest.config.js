/** Unit specs stand beside their source; everything that needs Postgres or sockets lives in test/. */
export default {
  testMatch: ['<rootDir>/{libs,apps}/**/*.spec.ts', '<rootDir>/test/**/*.spec.ts'],
  testPathIgnorePatterns: ['/node_modules/', '/dist/', '/test/bench/'],
  modulePathIgnorePatterns: ['<rootDir>/dist/'],
  transform: { '^.+\\.ts$': '@swc/jest' },
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  testEnvironment: 'node',
  // A condition of our own: packages publish their sources, which are not for us, under `source`.
  testEnvironmentOptions: { customExportConditions: ['pool-source', 'node'] },
  setupFiles: ['<rootDir>/test/support/preload.ts'],
  globalSetup: '<rootDir>/test/support/global-setup.ts',
  globalTeardown: '<rootDir>/test/support/global-teardown.ts',
  maxWorkers: 2,
  // What a spec has loaded as ES modules stays in its worker, some 10 MB each. One that has grown is replaced: it would take longer to end than Jest waits.
  workerIdleMemoryLimit: '300MB',
  testTimeout: 30_000,
};

import { defineConfig } from 'vitest/config'

// Forks, not threads: the native ClickHouse addon crashes when a worker thread ends.
export default defineConfig({
  test: {
    include: [
      'src/**/*.spec.ts',
      'tools/**/*.spec.ts',
      'clients/**/*.spec.ts',
      'web/src/**/*.spec.ts',
      'test/**/*-spec.ts',
    ],
    pool: 'forks',
    globalSetup: process.env.TEST_ON_CLUSTER ? ['test/cluster/support/global-setup.ts'] : [],
    // Every end-to-end file starts its own engines; more than two wait for them a lot, also on two cores.
    maxWorkers: 3,
    // Only what hangs reaches them; a loaded machine must not.
    testTimeout: 900_000,
    hookTimeout: 900_000,
    expect: { poll: { timeout: 180_000 } },
  },
})

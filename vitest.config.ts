import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    // Forks, not threads: the native ClickHouse addon crashes when a worker thread ends.
    pool: 'forks',
    // Every end-to-end file starts its own engines; more than two wait for them a lot, also on two cores.
    maxWorkers: 3,
    // Only what hangs reaches them; a loaded machine must not.
    testTimeout: 900_000,
    hookTimeout: 900_000,
    expect: { poll: { timeout: 180_000 } },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: [
            'src/**/*.spec.ts',
            'clients/**/*.spec.ts',
            'tools/**/*.spec.ts',
            'web/src/**/*.spec.ts',
            'test/docs.unit-spec.ts',
          ],
          // A process for each of so many small files took longer than what they test. A spec leaves no clock, environment
          // or module changed behind it.
          isolate: false,
        },
      },
      {
        extends: true,
        test: {
          name: 'engines',
          include: ['test/**/*-spec.ts'],
          exclude: ['test/docs.unit-spec.ts'],
          globalSetup: process.env.TEST_ON_CLUSTER ? ['test/cluster/support/global-setup.ts'] : [],
        },
      },
    ],
  },
})

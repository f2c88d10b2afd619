import { defineConfig } from 'vitest/config'

// The tests run as compiled: commands, scoring threads and the workflow bundle are made of the very files that ship.
export default defineConfig({
  test: {
    include: ['dist/test/**/*.test.js'],
    globalSetup: 'dist/test/globalSetup.js',
    pool: 'forks',
    // Tests that run beside each other start workers of their own: more of them starve a machine of two cores.
    maxConcurrency: 3,
    testTimeout: 30_000,
    hookTimeout: 120_000,
  },
})

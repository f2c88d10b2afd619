import { readdirSync } from 'node:fs'
import { defineConfig } from 'vitest/config'

// What was compiled of a test that has moved since stays in dist: only what has a source runs.
const tests = readdirSync('test', { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.test.ts'))

// The tests run as compiled: commands, scoring threads and the workflow bundle are made of the very files that ship.
export default defineConfig({
  test: {
    include: tests.map((name) => `dist/test/${name.replace(/\.ts$/, '.js')}`),
    globalSetup: 'dist/test/setup/globalSetup.js',
    setupFiles: 'dist/test/setup/silence.js',
    pool: 'forks',
    // Tests that run beside each other start workers of their own: more of them starve a machine of two cores.
    maxConcurrency: 3,
    testTimeout: 30_000,
    hookTimeout: 120_000,
  },
})

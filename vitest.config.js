import { readdirSync } from 'node:fs'
import { defineConfig } from 'vitest/config'

// A test runs only while it has a source: dist keeps what was compiled until the next build.
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

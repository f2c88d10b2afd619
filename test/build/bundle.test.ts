import { execFile } from 'node:child_process'
import { stat } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const bundle = (name: string) => fileURLToPath(new URL(`../../bin/${name}.js`, import.meta.url))

// Windows has no such bit: npm writes a command file there.
test.runIf(process.platform !== 'win32')('what the build makes can be called, as npx does', async () => {
  expect((await stat(bundle('daybreak'))).mode & 0o111).toBe(0o111)
  expect((await stat(bundle('thread'))).mode & 0o111).toBe(0)
  expect((await promisify(execFile)(bundle('daybreak'), ['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
})

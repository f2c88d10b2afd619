import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { codeFingerprint } from '../../../engine/loader/codeFingerprint.js'

test('the code is the one that the build took the fingerprint of', async () => {
  expect(codeFingerprint()).toMatch(/^[0-9a-f]{64}$/)
  expect(codeFingerprint()).toBe(await readFile(new URL('../../../code.sha256', import.meta.url), 'utf8'))
})

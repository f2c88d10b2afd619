import { expect, test } from 'vitest'
import type { ModelFingerprint } from '../../../engine/protocol/documents/manifest.js'
import { mustBeVersion, recordVersion } from '../../../engine/storage/modelVersions.js'
import { temporaryFolder } from '../../setup/temporaryFolder.js'

const home = temporaryFolder()
const ref = { pipeline: 'churn', date: '2026-03-03', attempt: 'a001' }
const model = (version: string, sha256: string): ModelFingerprint => ({
  file: 'model.onnx',
  version,
  sha256,
  inputs: [],
  outputs: [],
  repairs: [],
  goldenRows: 0,
})

test('a version that nobody used may be any file', async () => {
  await expect(mustBeVersion(home.path(), 'churn', model('1', 'aa'))).resolves.toBeUndefined()
})

test('a version is the file that it was first, and another one is refused with the attempt that had it', async () => {
  await recordVersion(home.path(), ref, model('2026/03', 'aa'))
  await recordVersion(home.path(), { ...ref, attempt: 'a002' }, model('2026/03', 'bb'))
  await expect(mustBeVersion(home.path(), 'churn', model('2026/03', 'aa'))).resolves.toBeUndefined()
  await expect(mustBeVersion(home.path(), 'churn', model('2026/03', 'bb'))).rejects.toMatchObject({
    code: 'ModelVersionChanged',
    problem: { details: ['sha256 now bb', 'sha256 then aa, in attempt a001 of 2026-03-03, the first of this version'] },
  })
})

test('another version, and the same one of another pipeline, are files of their own', async () => {
  await recordVersion(home.path(), ref, model('1', 'aa'))
  await expect(mustBeVersion(home.path(), 'churn', model('2', 'bb'))).resolves.toBeUndefined()
  await expect(mustBeVersion(home.path(), 'other', model('1', 'bb'))).resolves.toBeUndefined()
})

import { mkdir, writeFile } from 'node:fs/promises'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { binary } from '../../../definition/tasks.js'
import { byVersion, modelFiles } from '../../../engine/loader/modelFiles.js'
import { temporaryFolder } from '../../setup/temporaryFolder.js'

const folder = temporaryFolder()
const task = binary({ positive: 1 })

async function versions(...paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    await mkdir(folder.path(path, '..'), { recursive: true })
    await writeFile(folder.path(path), 'x')
  }
}

test('the latest is the highest that has the file, by number and not by letter', async () => {
  await versions('model/1.9.0/m.onnx', 'model/1.10.0/m.onnx', 'model/1.10.0/scaler.onnx', 'model/2.0.0/other.onnx', 'model/.hidden/m.onnx')
  const found = await modelFiles(folder.path(), {
    file: 'model/{version}/m.onnx',
    version: 'latest',
    steps: ['model/{version}/scaler.onnx'],
    task,
  })
  expect(found).toEqual({
    modelVersion: '1.10.0',
    modelFile: folder.path('model/1.10.0/m.onnx'),
    preprocessingFiles: [folder.path('model/1.10.0/scaler.onnx')],
  })
})

test('days, names with something around the version, and files instead of folders', async () => {
  await versions('model/2026-03-09/m.onnx', 'model/2026-03-10/m.onnx', 'churn-v9.onnx', 'churn-v11.onnx', 'churn-v.onnx')
  expect(await modelFiles(folder.path(), { file: 'model/{version}/m.onnx', version: 'latest', task })).toMatchObject({
    modelVersion: '2026-03-10',
  })
  expect(await modelFiles(folder.path(), { file: 'churn-v{version}.onnx', version: 'latest', task })).toMatchObject({ modelVersion: '11' })
})

test('a version by name, and the one that a run chose before a newer one came', async () => {
  await versions('model/1/m.onnx', 'model/2/m.onnx')
  const model = { file: 'model/{version}/m.onnx', version: 'latest', task }
  expect(await modelFiles(folder.path(), model, '1')).toMatchObject({ modelVersion: '1', modelFile: folder.path('model/1/m.onnx') })
  expect(await modelFiles(folder.path(), { ...model, version: '2' }, '1')).toMatchObject({ modelVersion: '2' })
})

test('no version at all says where it looked', async () => {
  await versions('model/a.txt')
  await expect(modelFiles(folder.path(), { file: 'model/{version}/m.onnx', version: 'latest', task })).rejects.toMatchObject({
    code: 'ModelUnusable',
    problem: { details: [expect.stringContaining('holds a.txt')] },
  })
})

test('versions are in one order, whatever they look like', () => {
  const version = fc.oneof(fc.stringMatching(/^[0-9.]{1,6}$/), fc.stringMatching(/^v?[0-9]+(\.[0-9a-z]+){0,2}$/))
  fc.assert(
    fc.property(version, version, version, (a, b, c) => {
      expect(Math.sign(byVersion(a, b)) + Math.sign(byVersion(b, a))).toBe(0)
      expect(byVersion(a, a)).toBe(0)
      if (byVersion(a, b) < 0 && byVersion(b, c) < 0) expect(byVersion(a, c)).toBeLessThan(0)
    }),
  )
})

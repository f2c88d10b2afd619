import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { endlessModel } from '../../setup/heavyModels.js'
import { writePipeline } from '../../setup/smallPipeline.js'
import { rows, scoredFiles } from './scoredFiles.js'

const files = scoredFiles()
const { score } = files

test('the same rows give the same digest for any partitions, threads and repetition', { timeout: 60_000 }, async () => {
  const content = rows(30_000, (index) => (index % 5000 === 17 ? `r${index},bad,1` : undefined))
  const [one, many] = [await score(content, { targetRecords: 1_000_000 }), await score(content, { targetRecords: 1 })]
  expect(one.summaries).toHaveLength(1)
  expect(many.summaries.length).toBeGreaterThan(5)
  await files.startPool(4)
  const four = await score(content, { targetRecords: 8192 })
  expect([many.digest, four.digest]).toEqual([one.digest, one.digest])
  expect([many.predictions, many.rejects]).toEqual([one.predictions, one.rejects])
  expect(one.table).toMatchObject({ records: 30_000, predicted: 29_994, rejected: 6 })
  expect({ ...many.table, batches: [] }).toEqual({ ...one.table, batches: [] })
})

test('a run that is stopped says so, and its threads leave', { timeout: 60_000 }, async () => {
  const stop = new AbortController()
  const scoring = score(rows(400_000), { targetRecords: 20_000, signal: stop.signal, onProgress: () => stop.abort() })
  await expect(scoring).rejects.toMatchObject({ code: 'Interrupted' })
  await files.pool().close()
  await expect(
    files.pool().try({ compiled: { code: '', map: '', fingerprint: '' }, modelFile: '', modelVersion: '', preprocessingFiles: [] }),
  ).rejects.toMatchObject({
    code: 'Interrupted',
  })
})

test('a thread that ends is named, and the next task gets a new one', async () => {
  await expect(score(rows(10), { definition: 'features: { x: (row) => process.exit(3), y: (row) => row.y }' })).rejects.toMatchObject({
    code: 'ScoringFailed',
    message: 'a scoring thread ended with code 3',
  })
  expect((await score(rows(10))).table.predicted).toBe(10)
})

describe('a thread that is held by a model', () => {
  /** In a process of its own, because it ends with it. */
  async function hold(...words: string[]) {
    const definition = "model: { file: 'model.onnx', version: '1', task: regression() }"
    await writePipeline(files.folder.path('pipelines'), { definition, model: endlessModel(-1) })
    const child = spawn(process.execPath, [
      fileURLToPath(new URL('./heldThread.js', import.meta.url)),
      files.folder.path('pipelines'),
      ...words,
    ])
    let said = ''
    child.stdout.on('data', (chunk) => {
      said += chunk
    })
    const [code, signal] = await once(child, 'close')
    return { said, code, signal }
  }

  test('is given up when it is silent for too long: the task fails by name, the process can be left', { timeout: 60_000 }, async () => {
    expect(await hold('silence', '1')).toEqual({
      said: 'given up: a scoring thread has not answered for 1.5 seconds\ntask: ModelBreaks\nclosed\n',
      code: null,
      signal: 'SIGKILL',
    })
  })

  test('does not keep a process that is told to stop', { timeout: 60_000 }, async () => {
    expect(await hold('stop', '130')).toEqual({
      said: 'given up: a scoring thread has not answered for 0.3 seconds since it was told to stop\ntask: Interrupted\nclosed\n',
      code: null,
      signal: 'SIGINT',
    })
  })
})

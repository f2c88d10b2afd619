import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ScoringPool } from '../../../engine/batch/scoringPool.js'
import { loadPipeline } from '../../../engine/loader/loadPipeline.js'
import type { ScoringSpec } from '../../../engine/scoring/openScoring.js'
import { linearRegressorModel } from '../../setup/onnxBuilder.js'
import { temporaryFolder } from '../../setup/temporaryFolder.js'

const folder = temporaryFolder()
let pool: ScoringPool

beforeEach(() => {
  pool = new ScoringPool(1)
})

afterEach(() => pool.close())

async function specOf(name: string): Promise<ScoringSpec> {
  const home = folder.path('pipelines', name)
  await mkdir(home, { recursive: true })
  await writeFile(join(home, 'model.onnx'), linearRegressorModel({ coefficients: [name.length], intercept: 0 }))
  await writeFile(
    join(home, 'pipeline.ts'),
    `import { column, definePipeline, regression } from 'daybreak'
     export default definePipeline({
       name: '${name}',
       input: { path: 'in_{date}.csv', format: 'csv', columns: { x: column.number() } },
       features: { x: (row) => row.x },
       model: { file: 'model.onnx', version: '1', task: regression() },
     })`,
  )
  const { compiled, modelFile, modelVersion, preprocessingFiles } = await loadPipeline(folder.path('pipelines'), name)
  return { compiled, modelFile, modelVersion, preprocessingFiles }
}

test('what a thread has opened it scores by, whatever becomes of the file; who asks for the file gets the file', async () => {
  const spec = await specOf('small')
  const { description } = await pool.try(spec)
  await writeFile(spec.modelFile, 'no model')
  expect((await pool.try({ ...spec, modelSha256: description.sha256 })).description).toEqual(description)
  await expect(pool.try(spec)).rejects.toMatchObject({ code: 'ModelUnusable' })
})

test('a thread keeps the last few models open, and no more', async () => {
  const first = await specOf('a')
  const { description } = await pool.try(first)
  const known = { ...first, modelSha256: description.sha256 }
  await writeFile(first.modelFile, 'no model')
  for (const name of ['bb', 'ccc', 'dddd']) await pool.try(await specOf(name))
  await expect(pool.try(known)).resolves.toMatchObject({ microBatch: 4096, goldenRows: 0 })
  await pool.try(await specOf('eeeee'))
  await expect(pool.try(known)).rejects.toMatchObject({ code: 'ModelUnusable' })
})

import { writeFile } from 'node:fs/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ScoringPool } from '../../../engine/batch/scoringPool.js'
import type { ScoringSpec } from '../../../engine/scoring/openScoring.js'
import { linearRegressorModel } from '../../setup/onnxBuilder.js'
import { specOf, writePipeline } from '../../setup/smallPipeline.js'
import { temporaryFolder } from '../../setup/temporaryFolder.js'

const folder = temporaryFolder()
let pool: ScoringPool

beforeEach(() => {
  pool = new ScoringPool(1)
})

afterEach(() => pool.close())

/** A pipeline of this name, with a model of its own. */
async function pipeline(name: string): Promise<ScoringSpec> {
  const definition = 'features: { x: (row) => row.x }, model: { ...base.model, task: regression() }'
  const model = linearRegressorModel({ coefficients: [name.length], intercept: 0 })
  return specOf(await writePipeline(folder.path('pipelines'), { name, definition, model }))
}

test('what a thread has opened it scores by, whatever becomes of the file; who asks for the file gets the file', async () => {
  const spec = await pipeline('small')
  const { description } = await pool.try(spec)
  await writeFile(spec.modelFile, 'no model')
  expect((await pool.try({ ...spec, modelSha256: description.sha256 })).description).toEqual(description)
  await expect(pool.try(spec)).rejects.toMatchObject({ code: 'ModelUnusable' })
})

test('a thread keeps the last few models open, and no more', async () => {
  const first = await pipeline('a')
  const { description } = await pool.try(first)
  const known = { ...first, modelSha256: description.sha256 }
  await writeFile(first.modelFile, 'no model')
  for (const name of ['bb', 'ccc', 'dddd']) await pool.try(await pipeline(name))
  await expect(pool.try(known)).resolves.toMatchObject({ microBatch: 4096, goldenRows: 0 })
  await pool.try(await pipeline('eeeee'))
  await expect(pool.try(known)).rejects.toMatchObject({ code: 'ModelUnusable' })
})

import { writeFile } from 'node:fs/promises'
import { afterEach, expect, test } from 'vitest'
import { day } from '../../../definition/dates.js'
import { checkGolden } from '../../../engine/scoring/golden.js'
import { type OpenScoring, openScoring } from '../../../engine/scoring/openScoring.js'
import { linearRegressorModel } from '../../setup/onnxBuilder.js'
import { specOf, writePipeline } from '../../setup/smallPipeline.js'
import { temporaryFolder } from '../../setup/temporaryFolder.js'

const folder = temporaryFolder()
let opened: OpenScoring | undefined

afterEach(async () => {
  await opened?.model.close()
  opened = undefined
})

/** Tries golden rows on a model that doubles its only feature. */
async function tried(rows: string, task: string): Promise<number> {
  const model = linearRegressorModel({ coefficients: [2], intercept: 0 })
  const definition = `input: { path: 'in_{date}.csv', format: 'csv', header: false, columns: { x: column.number({ from: 1 }) } },
    features: { x: (row) => row.x }, model: { ...base.model, task: ${task} }`
  opened = await openScoring(specOf(await writePipeline(folder.path('pipelines'), { definition, model })))
  await writeFile(folder.path('golden.csv'), rows)
  return await checkGolden(opened, { file: folder.path('golden.csv'), date: day('2026-03-02'), tolerance: 1e-5 })
}

test('rows that are answered as expected are counted; a column that a file has by its place has its own name here', async () => {
  expect(await tried('x,expected_score\n1,2\n2,4\n', 'regression()')).toBe(2)
})

test('an answer outside the limits of the task is none, whatever the golden row expects', async () => {
  await expect(tried('x,expected_score\n1,2\n6,12\n', 'regression({ max: 10 })')).rejects.toMatchObject({
    code: 'GoldenRowsDiffer',
    problem: { details: ['line 3: the model answered 12, above 10'] },
  })
})

test('all differences are told with their lines, the first ten in full', async () => {
  const rows = Array.from({ length: 12 }, (_, index) => `${index},${index === 0 ? 0 : 1}`).join('\n')
  const error = await tried(`x,expected_score\n${rows}\n`, 'regression()').catch((caught: unknown) => caught)
  expect(error).toMatchObject({ message: expect.stringContaining('11 of 12 golden rows are answered differently (tolerance 0.00001)') })
  const lines = Array.from({ length: 10 }, (_, index) => `line ${index + 3}: score ${2 * (index + 1)}, expected 1`)
  expect(error).toMatchObject({ problem: { details: [...lines, 'and 1 more'] } })
})

test('a prediction alone is compared too when it is a number; a blank is compared with nothing, and a row needs an answer', async () => {
  await expect(tried('x,expected_prediction\n1,2\n2,5\n', 'regression()')).rejects.toMatchObject({
    problem: { details: ['line 3: predicted 4, expected 5'] },
  })
  await opened?.model.close()
  await expect(tried('x,expected_score,expected_prediction\n1,2,\n2,,4\n0,,\n', 'regression()')).rejects.toMatchObject({
    problem: { details: ['line 4: no answer is expected of it'] },
  })
})

import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { day } from '../../../definition/dates.js'
import { loadPipeline } from '../../../engine/loader/loadPipeline.js'
import { type OpenScoring, openScoring } from '../../../engine/scoring/openScoring.js'
import { tryFeatures } from '../../../engine/scoring/tryFeatures.js'
import { matchHeader, readHeader, recordsBehind } from '../../../engine/table/header.js'
import { linearRegressorModel } from '../../setup/onnxBuilder.js'
import { temporaryFolder } from '../../setup/temporaryFolder.js'

const folder = temporaryFolder()
const format = { kind: 'csv', delimiter: ',' } as const
let opened: OpenScoring | undefined

afterEach(async () => {
  await opened?.model.close()
  opened = undefined
})

/** Tries features, written as in a definition, on rows of `id`, `amount` (nullable) and `day`. */
async function tried(features: string, rows: readonly string[], missing = '') {
  const home = folder.path('pipelines', 'small')
  await mkdir(home, { recursive: true })
  const count = features.split('=>').length - 1
  await writeFile(join(home, 'model.onnx'), linearRegressorModel({ coefficients: new Array(count).fill(1), intercept: 0 }))
  await writeFile(
    join(home, 'pipeline.ts'),
    `import { column, definePipeline, regression } from 'daybreak'
     export default definePipeline({
       name: 'small',
       input: {
         path: 'in_{date}.csv', format: 'csv',
         columns: { id: column.text(), amount: column.number({ nullable: true }), day: column.date() },
       },
       features: { ${features} },
       model: { file: 'model.onnx', version: '1', task: regression(), ${missing} },
     })`,
  )
  const { compiled, modelFile, modelVersion, preprocessingFiles } = await loadPipeline(folder.path('pipelines'), 'small')
  opened = await openScoring({ compiled, modelFile, modelVersion, preprocessingFiles })
  const file = folder.path('in.csv')
  await writeFile(file, `id,amount,day\n${rows.join('\n')}\n`)
  const header = await readHeader(file, format)
  const { positions } = matchHeader(file, header, opened.definition.input.columns, format)
  const range = await recordsBehind(file, header)
  return await tryFeatures(opened, { date: day('2026-03-02'), file, header, positions, format, range })
}

const ROWS = ['a,1,2026-03-01', 'b,,2026-03-01', 'c,x,2026-03-01', 'd,3,2026-03-01']

test('features that take every good row are told as such; rows that break the contract are passed over', async () => {
  expect(await tried('amount: (row) => row.amount ?? 0, age: (row, { date }) => date - row.day', ROWS)).toEqual({ records: 3, refused: [] })
})

test('a feature that reads a column which is not there is refused, with what was meant', async () => {
  await expect(tried('amount: (row) => row.amuont, age: (row, { date }) => date - row.day', ROWS)).rejects.toMatchObject({
    code: 'DefinitionInvalid',
    message: 'features.amount: reads row.amuont, and there is no such column; did you mean "amount"?',
  })
  await expect(tried('x: (row) => 2 * row.size, y: ({ colour }) => colour.length', ROWS)).rejects.toMatchObject({
    problem: {
      details: ['features.x: reads row.size, and there is no such column', 'features.y: reads row.colour, and there is no such column'],
    },
  })
})

test('a column that is not there is let pass where the feature does without it', async () => {
  expect(await tried('amount: (row) => row.other ?? 1', ROWS)).toMatchObject({ refused: [] })
})

test('a blank that reaches the model is told with the feature, its rows and the first line', async () => {
  expect(await tried('amount: (row) => row.amount, one: () => 1', ROWS)).toEqual({
    records: 3,
    refused: [{ feature: 'amount', records: 1, line: 3, reason: expect.stringContaining('model.missing says nothing of numbers') }],
  })
  expect(await tried('amount: (row) => row.amount', ROWS, 'missing: { number: -1 }')).toMatchObject({ refused: [] })
})

test('what a feature throws, and what is no number, is told in its own words', async () => {
  const { refused } = await tried(
    "bad: () => { throw new Error('no rate for this day') }, none: () => undefined, nan: (row) => row.day / 0 - row.day / 0",
    ROWS,
  )
  expect(refused.map(({ feature, records, reason }) => [feature, records, reason])).toEqual([
    ['bad', 3, 'feature bad failed: no rate for this day'],
    ['none', 3, 'feature none gives undefined: does it read a column that is not there?'],
    ['nan', 3, 'feature nan is NaN'],
  ])
})

test('only the first records are looked at', async () => {
  const rows = Array.from({ length: 2000 }, (_, index) => `r${index},${index < 1000 ? 1 : ''},2026-03-01`)
  expect(await tried('amount: (row) => row.amount', rows)).toEqual({ records: 256, refused: [] })
})

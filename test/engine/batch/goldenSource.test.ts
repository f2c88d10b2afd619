/** Golden rows as they were cut out of a day's file: in the encoding and with the delimiter of the input, or in UTF-8 with commas. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { day } from '../../../definition/dates.js'
import { ScoringPool } from '../../../engine/batch/scoringPool.js'
import { loadPipeline } from '../../../engine/loader/loadPipeline.js'
import { linearRegressorModel } from '../../setup/onnxBuilder.js'
import { temporaryFolder } from '../../setup/temporaryFolder.js'

const folder = temporaryFolder()
let pool: ScoringPool

beforeEach(() => {
  pool = new ScoringPool(1)
})

afterEach(() => pool.close())

/** Tries golden rows on a model that doubles `x`, and adds 1 in `Köln`. Returns how many there are. */
async function tried(rows: string | Buffer, input: string): Promise<number> {
  const home = folder.path('pipelines', 'small')
  await mkdir(home, { recursive: true })
  await writeFile(join(home, 'model.onnx'), linearRegressorModel({ coefficients: [2, 1], intercept: 0 }))
  await writeFile(
    join(home, 'pipeline.ts'),
    `import { column, definePipeline, regression } from 'daybreak'
     export default definePipeline({
       name: 'small',
       input: { path: 'in_{date}.csv', format: 'csv', ${input}, columns: { x: column.number({ decimal: ',' }), place: column.text() } },
       features: { x: (row) => row.x, there: (row) => row.place === 'Köln' },
       model: { file: 'model.onnx', version: '1', task: regression() },
     })`,
  )
  const { compiled, modelFile, modelVersion, preprocessingFiles } = await loadPipeline(folder.path('pipelines'), 'small')
  const file = folder.path('golden.csv')
  await writeFile(file, rows)
  const spec = { compiled, modelFile, modelVersion, preprocessingFiles }
  return (await pool.try(spec, { file, date: day('2026-03-02'), tolerance: 1e-5 })).goldenRows
}

const semicolons = 'x;place;expected_score\n1,5;Köln;4\n2;Bonn;4,0\n'
const commas = 'x,place,expected_score\n"1,5",Köln,4\n2,Bonn,4\n'

test.each<[string, string | Buffer, string]>([
  ['the delimiter of the input', semicolons, "delimiter: ';'"],
  ['commas, whatever stands in the input', commas, "delimiter: ';'"],
  ['tabs', semicolons.replaceAll(';', '\t'), "delimiter: '\\t'"],
  ['a name that only its own delimiter leaves whole', semicolons.replace('place;', '"place";'), "delimiter: ';'"],
  ['the encoding of the input', Buffer.from(commas, 'latin1'), "encoding: 'latin1'"],
  ['both', Buffer.from(semicolons, 'latin1'), "delimiter: ';', encoding: 'windows-1252'"],
  ['two bytes a character', Buffer.from(semicolons, 'utf16le'), "delimiter: ';', encoding: 'utf-16le'"],
  ['UTF-8, whatever the input is in', semicolons, "delimiter: ';', encoding: 'windows-1252'"],
  ['UTF-8 with a mark', `\ufeff${commas}`, "delimiter: ';'"],
])('rows with %s are read', async (_, rows, input) => {
  expect(await tried(rows, input)).toBe(2)
})

test.each<[string, string | Buffer, string, object]>([
  ['another encoding', Buffer.from(commas, 'latin1'), "delimiter: ','", { message: expect.stringMatching(/golden\.csv is not UTF-8$/) }],
  [
    'another delimiter',
    semicolons.replaceAll(';', '|'),
    "delimiter: ';'",
    {
      message: expect.stringContaining('neither expected_prediction'),
      problem: { next: expect.stringContaining('"," or ";" between the cells') },
    },
  ],
  ['another answer', semicolons.replace('4,0', '4,1'), "delimiter: ';'", { problem: { details: ['line 3: score 4, expected 4,1'] } }],
])('rows with %s are refused', async (_, rows, input, error) => {
  await expect(tried(rows, input)).rejects.toMatchObject({ code: 'GoldenRowsDiffer', ...error })
})

import { writeFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { column } from '../../../definition/columns.js'
import { day } from '../../../definition/dates.js'
import { binary, regression } from '../../../definition/tasks.js'
import type { Scores } from '../../../engine/model/scores.js'
import type { OpenScoring } from '../../../engine/scoring/openScoring.js'
import { outputColumn } from '../../../engine/scoring/outputColumns.js'
import { matchHeader, readHeader, recordsBehind } from '../../../engine/table/header.js'
import { BlockReader } from '../../../engine/table/readBlocks.js'
import { temporaryFolder } from '../../setup/temporaryFolder.js'

const folder = temporaryFolder()
const format = { kind: 'csv', delimiter: ',' } as const
const columns = { id: column.text(), age: column.number({ nullable: true }), since: column.date({ format: 'DD.MM.YYYY' }) }
const scores: Omit<Scores, 'own'> = {
  score: Float32Array.of(0, 0.1, 0.9),
  confidence: Float32Array.of(0, 0.9, 0.9),
  label: Int32Array.of(0, 0, 1),
}

/** The values of a column for two records, a plain one and one that is not, whose scores are in slots 1 and 2. */
async function valuesOf(
  name: string,
  { task = binary({ positive: 'yes' }) as OpenScoring['definition']['model']['task'], type = 'float32' } = {},
) {
  const file = folder.path('in.csv')
  await writeFile(file, 'since,id,age\n01.02.2026,a,1.50\n02.02.2026,"b,c",\n')
  const header = await readHeader(file, format)
  const { positions } = matchHeader(file, header, columns, format)
  const date = day('2026-03-03')
  const opened = { definition: { input: { columns }, model: { task } }, model: { plan: { scores: { type } }, classes: ['no', 'yes'] } }
  const context = { date, positions, timestamp: '2026-03-04T06:00:00.000Z', modelVersion: '1.0' }
  const { value } = outputColumn(opened as unknown as OpenScoring, context, name)
  const values: unknown[] = []
  for await (const block of new BlockReader({ header, format, columns, positions, date, capacity: 4 }).read(
    file,
    await recordsBehind(file, header),
  ))
    for (let record = 0; record < block.count; record += 1) values.push(value(block, record, record + 1, scores as Scores))
  return values
}

test.each([
  ['prediction', ['no', 'yes']],
  ['probability', [0.9, 0.9]],
  ['score', [0.1, 0.9]],
  ['line', [2, 3]],
  ['timestamp', ['2026-03-04T06:00:00.000Z', '2026-03-04T06:00:00.000Z']],
  ['model_version', ['1.0', '1.0']],
  ['id', ['a', 'b,c']],
  ['age', [1.5, null]],
  ['since', ['2026-02-01', '2026-02-02']],
])('%s has a value of its type for every record', async (name, values) => {
  expect(await valuesOf(name)).toEqual(values)
})

test('of a regression the prediction is the number itself', async () => {
  expect(await valuesOf('prediction', { task: regression() })).toEqual([0.1, 0.9])
})

test('a number of float64 keeps all its digits; one of float32 has the fewest that read back', async () => {
  expect(await valuesOf('score', { type: 'float64' })).toEqual([Math.fround(0.1), Math.fround(0.9)])
})

import { writeFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { day } from '../../../definition/dates.js'
import { column, definePipeline, regression } from '../../../definition/index.js'
import { untriedBlanks } from '../../../engine/scoring/untriedBlanks.js'
import { temporaryFolder } from '../../setup/temporaryFolder.js'

const folder = temporaryFolder()
const date = day('2026-03-03')

const definition = definePipeline({
  name: 'shop',
  input: {
    path: 'in_{date}.csv',
    format: 'csv',
    key: 'id',
    columns: {
      id: column.text(),
      age: column.number({ nullable: true }),
      income: column.number({ nullable: true }),
      visits: column.number({ nullable: true }),
      note: column.text({ nullable: true }),
      size: column.number(),
    },
  },
  features: {
    age: (row) => row.age,
    share: (row) => (row.income === null ? null : row.income / row.size),
    visits: (row) => row.visits ?? 0,
  },
  model: { file: 'model.onnx', version: '1', task: regression(), missing: { number: 'nan' } },
})

const golden = async (rows: string) => {
  const file = folder.path('golden.csv')
  await writeFile(file, `id,age,income,visits,note,size,expected_score\n${rows}`)
  return { file, date }
}

test('without golden rows every column is named whose blank reaches the model as one', async () => {
  expect(await untriedBlanks(definition, undefined)).toEqual(['age', 'income'])
})

test('a blank in any golden row, quoted or not, is enough', async () => {
  expect(await untriedBlanks(definition, await golden('1,30,5,,,2,0.5\n'))).toEqual(['age', 'income'])
  expect(await untriedBlanks(definition, await golden('1,30,5,1,,2,0.5\n2,,5,1,,2,0.5\n'))).toEqual(['income'])
  expect(await untriedBlanks(definition, await golden('1,30,"",1,,2,0.5\n2,,5,1,,2,0.5\n'))).toEqual([])
})

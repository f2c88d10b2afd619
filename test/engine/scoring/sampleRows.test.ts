import { writeFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { day } from '../../../definition/dates.js'
import { binary, column, definePipeline } from '../../../definition/index.js'
import { sampleRows } from '../../../engine/scoring/sampleRows.js'
import { temporaryFolder } from '../../setup/temporaryFolder.js'

const folder = temporaryFolder()

const definition = definePipeline({
  name: 'shop',
  input: {
    path: 'in_{date}.csv',
    format: 'csv',
    key: 'id',
    columns: {
      id: column.text(),
      city: column.text(),
      plan: column.category(['basic', 'pro']),
      age: column.integer({ min: 18 }),
      since: column.date({ max: '1960-01-01' }),
    },
  },
  features: { city: (row) => row.city, plan: (row) => row.plan, age: (row) => row.age, days: (row) => row.since },
  model: { file: 'model.onnx', version: '1', task: binary({ positive: 1 }) },
})

test('without golden rows there is one record, of what the contract allows', async () => {
  expect(await sampleRows(definition, undefined)).toEqual([['', 'basic', 18, day('1960-01-01')]])
})

test('golden rows come first, those that can be read', async () => {
  const file = folder.path('golden.csv')
  await writeFile(file, 'id,city,plan,age,since,expected_score\n1,Oslo,pro,40,1959-12-31,0.5\n2,Oslo,other,40,1959-12-31,0.5\n')
  const samples = await sampleRows(definition, { file, date: day('2026-03-03') })
  expect(samples).toEqual([
    ['Oslo', 'pro', 40, day('1959-12-31')],
    ['', 'basic', 18, day('1960-01-01')],
  ])
  expect(await sampleRows(definition, { file: folder.path('none.csv'), date: day('2026-03-03') })).toEqual(samples.slice(1))
})

test('a feature that throws makes no sample', async () => {
  const fails = () => {
    throw new Error('no')
  }
  expect(await sampleRows({ ...definition, features: { fails } } as never, undefined)).toEqual([])
})

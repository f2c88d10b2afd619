import { expect, test } from 'vitest'
import { column } from '../../../definition/columns.js'
import { definePipeline } from '../../../definition/index.js'
import { binary } from '../../../definition/tasks.js'
import { expandFeatures, featureNames } from '../../../engine/scoring/features.js'

const { features, input } = definePipeline({
  name: 'small',
  input: {
    path: 'in_{date}.csv',
    format: 'csv',
    columns: { age: column.number(), plan: column.category(['free', 'pro']), city: column.text() },
  },
  features: {
    age: (row) => row.age,
    plan: { oneHot: 'plan' },
    days: (_row, { date }) => date,
    city: { oneHot: 'city', values: ['Oslo', 'Bergen'] },
  },
  model: { file: 'model.onnx', version: '1', task: binary({ positive: 1 }) },
})
const definition = { features, input } as unknown as Parameters<typeof expandFeatures>[0]

test('features are in the order of the definition, one-hot ones expanded where they stand', () => {
  expect(featureNames(definition)).toEqual(['age', 'plan_free', 'plan_pro', 'days', 'city_Oslo', 'city_Bergen'])
})

test('one of a one-hot is 1, or none for a value that is not listed; the data date is given to all', () => {
  const values = (row: Record<string, string | number>) => expandFeatures(definition).map(({ compute }) => compute(row, { date: 20_000 }))
  expect(values({ age: 30, plan: 'pro', city: 'Oslo' })).toEqual([30, 0, 1, 20_000, 1, 0])
  expect(values({ age: 31, plan: 'free', city: 'Paris' })).toEqual([31, 1, 0, 20_000, 0, 0])
})

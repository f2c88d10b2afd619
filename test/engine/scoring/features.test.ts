import { expect, test } from 'vitest'
import { column } from '../../../definition/columns.js'
import { definePipeline } from '../../../definition/index.js'
import { binary } from '../../../definition/tasks.js'
import { expandFeatures, featureNames } from '../../../engine/scoring/features.js'
import { type Node, onnxModel } from '../../setup/onnxBuilder.js'
import { scoredFiles } from '../batch/scoredFiles.js'

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

const { score } = scoredFiles()

const sum = (input: string): Node => ({
  operator: 'ReduceSum',
  inputs: [input, 'axis'],
  outputs: [`${input} sum`],
  attributes: { keepdims: 1 },
})

/** The sum of `first` plus 10 times the sum of `second`. */
const model = onnxModel({
  nodes: [
    { operator: 'Constant', inputs: [], outputs: ['axis'], attributes: { value_ints: [1] } },
    sum('first'),
    sum('second'),
    { operator: 'Mul', inputs: ['second sum', 'ten'], outputs: ['tens'] },
    { operator: 'Add', inputs: ['first sum', 'tens'], outputs: ['y'] },
  ],
  weights: [{ name: 'ten', shape: [1], values: [10] }],
  inputs: [
    { name: 'first', type: 'float32', shape: ['n', 'a'] },
    { name: 'second', type: 'float32', shape: ['n', 'b'] },
  ],
  outputs: [{ name: 'y', type: 'float32', shape: ['n', 1] }],
})

test.each([
  [{ first: ['x', 'y'], second: ['x'] }, [13, 26]],
  [{ first: ['x'], second: ['y', 'x'] }, [31, 62]],
  [{ first: ['y', 'x', 'kind'], second: ['kind', 'y'] }, [34, 46]],
])('of %j', async (inputs, expected) => {
  const kind = Object.values(inputs).flat().includes('kind')
  const definition = `features: { x: (row) => row.x, y: (row) => row.y, ${kind ? "kind: { oneHot: 'id', values: ['a', 'b'] }" : ''} },
    model: { file: 'model.onnx', version: '1', task: regression(), inputs: ${JSON.stringify(inputs)} }`
  const { predictions } = await score('id,x,y\na,1,2\nc,2,4\n', { definition, model, columns: ['prediction'] })
  expect(predictions.trim().split('\n').slice(1).map(Number)).toEqual(expected)
})

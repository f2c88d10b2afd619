import { expect, test } from 'vitest'
import type { TensorInfo } from '../../../engine/model/onnx/tensorInfo.js'
import { checkNull, planInputs, type WantedInputs } from '../../../engine/model/planInputs.js'

const tensor = (name: string, type: string, ...shape: readonly number[]): TensorInfo => ({ name, type, shape })

function planned(tensors: readonly TensorInfo[], wanted: WantedInputs, metadata: Readonly<Record<string, string>> = {}) {
  const [problems, notes]: [string[], string[]] = [[], []]
  const feeds = planInputs({ inputs: [...tensors], metadata }, wanted, problems, notes)
  return { feeds, problems, notes }
}

test('one tensor takes all features in their order', () => {
  expect(planned([tensor('x', 'float32', -1, 3)], { features: ['a', 'b', 'c'], inputs: 'one-tensor' })).toEqual({
    feeds: [{ input: 'x', type: 'float32', rank: 2, features: [0, 1, 2] }],
    problems: [],
    notes: [],
  })
})

test('inputs by name take the feature of their name, whatever its place', () => {
  const tensors = [tensor('b', 'string', -1), tensor('a', 'int64', -1, 1)]
  expect(planned(tensors, { features: ['a', 'b'], inputs: 'by-name' })).toMatchObject({
    feeds: [
      { input: 'b', rank: 1, features: [1] },
      { input: 'a', rank: 2, features: [0] },
    ],
    problems: [],
  })
})

test('a feature may go to several inputs, and each must go to one', () => {
  const tensors = [tensor('x', 'float32', -1, 2), tensor('y', 'float32', -1, 2)]
  expect(planned(tensors, { features: ['a', 'b', 'c'], inputs: { x: ['b', 'a'], y: ['a', 'b'] } })).toMatchObject({
    feeds: [{ features: [1, 0] }, { features: [0, 1] }],
    problems: ['Feature "c" goes to no input.'],
  })
})

test('everything that does not fit is told at once', () => {
  const { problems } = planned([tensor('x', 'float16', -1, 2), tensor('y', 'float32', -1, 2, 2)], {
    features: ['a'],
    inputs: { x: ['a', 'aa', 'b'], z: ['a'] },
  })
  expect(problems).toEqual([
    expect.stringContaining('The model has no input "z"'),
    'Input "x" float16 [n, 2] is of a type that features cannot be put into.',
    'Input "x" float16 [n, 2] takes 2 values a record, and the definition gives 3: "a", "aa", "b".',
    expect.stringContaining('There is no feature "aa" for input "x"'),
    expect.stringContaining('There is no feature "b" for input "x"'),
    expect.stringContaining('The model needs "y" float32 [n, 2, 2], and model.inputs gives nothing to input "y"'),
  ])
})

test.each([
  ['["b","a"]', 1],
  ['b, a', 1],
  ['["a","b"]', 0],
  ['["b","a","c"]', 0],
  ['["c","d"]', 0],
])('a list of names in the file, %s, is held against the order when it names the same features', (names, count) => {
  const { problems } = planned([tensor('x', 'float32', -1, 2)], { features: ['a', 'b'], inputs: 'one-tensor' }, { feature_names: names })
  expect(problems).toHaveLength(count)
})

test('NaN for what is missing needs an input that can hold it', () => {
  const feeds = (type: string) => planned([tensor('x', type, -1, 1)], { features: ['a'], inputs: 'one-tensor' }).feeds
  const checked = (type: string) => {
    const problems: string[] = []
    checkNull({ number: 'nan' }, feeds(type), problems)
    return problems.length
  }
  expect([checked('float32'), checked('int64')]).toEqual([0, 1])
})

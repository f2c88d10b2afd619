import { expect, test } from 'vitest'
import { binary, multiclass, regression } from '../../../definition/tasks.js'
import { type ElementName, onnxModel } from '../../setup/onnxBuilder.js'
import { openedModels, score } from './openedModels.js'

const { open } = openedModels()

/** Hands its one input on as float32 [n, width]. */
const passing = (width: number, name = 'y') =>
  onnxModel({
    nodes: [{ operator: 'Identity', inputs: ['x'], outputs: [name] }],
    inputs: [{ name: 'x', type: 'float32', shape: ['n', width] }],
    outputs: [{ name, type: 'float32', shape: ['n', width] }],
  })

/** The place of the largest of its inputs, cast to a type. */
const labels = (type: ElementName) =>
  onnxModel({
    nodes: [
      { operator: 'ArgMax', inputs: ['x'], outputs: ['place'], attributes: { axis: 1, keepdims: 0 } },
      {
        operator: 'Cast',
        inputs: ['place'],
        outputs: ['label'],
        attributes: { to: { int64: 7, int32: 6, string: 8, bool: 9, float32: 1, float16: 10, float64: 11, bfloat16: 16 }[type] },
      },
    ],
    inputs: [{ name: 'x', type: 'float32', shape: ['n', 3] }],
    outputs: [{ name: 'label', type, shape: ['n'] }],
  })

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x))

test('one logit becomes the probability of the positive class', async () => {
  const model = await open(passing(1), { task: binary({ positive: 1, scores: 'logit' }), features: ['a'] })
  const found = await score(model, [[2], [-2], [0], [1000], [-1000]])
  expect(found.map(({ label }) => label)).toEqual([1, 0, 1, 1, 0])
  for (const [index, logit] of [2, -2, 0, 1000, -1000].entries()) {
    expect(found[index]!.score).toBe(Math.fround(sigmoid(logit)))
    expect(found[index]!.confidence).toBeCloseTo(Math.max(sigmoid(logit), 1 - sigmoid(logit)), 6)
  }
})

test('several logits become probabilities that add up to one, however large', async () => {
  const task = multiclass({ classes: ['a', 'b', 'c'], scores: 'logit' })
  const model = await open(passing(3), { task, features: ['a', 'b', 'c'] })
  const [plain, large] = await score(model, [
    [1, 2, 3],
    [1e30, 0, -1e30],
  ])
  expect(plain).toMatchObject({ label: 'c', confidence: Math.fround(Math.exp(3) / (Math.exp(1) + Math.exp(2) + Math.exp(3))) })
  expect(large).toMatchObject({ label: 'a', confidence: 1 })
})

test('a margin orders records and has no probability; the threshold is 0', async () => {
  const model = await open(passing(1), { task: binary({ positive: 'yes', negative: 'no', scores: 'margin' }), features: ['a'] })
  expect(await score(model, [[3.5], [-0.25], [0]])).toEqual([
    { score: 3.5, label: 'yes', confidence: Number.NaN },
    { score: -0.25, label: 'no', confidence: Number.NaN },
    { score: 0, label: 'yes', confidence: Number.NaN },
  ])
})

test.each<[ElementName, readonly (number | string)[], readonly unknown[]]>([
  ['int64', [0, 1, 2], [2, 0, 1]],
  ['int32', [0, 1, 2], [2, 0, 1]],
  ['string', ['0', '1', '2'], ['2', '0', '1']],
])('labels alone, of %s, are taken as they are', async (type, classes, expected) => {
  const model = await open(labels(type), { task: multiclass({ classes, scores: 'label' }), features: ['a', 'b', 'c'] })
  const found = await score(model, [
    [0, 1, 2],
    [2, 1, 0],
    [0, 2, 1],
  ])
  expect(found.map(({ label }) => label)).toEqual(expected)
  expect(found.every(({ score: one, confidence }) => Number.isNaN(one) && Number.isNaN(confidence))).toBe(true)
})

test('a label that is none of the classes has no class', async () => {
  const model = await open(labels('int64'), { task: binary({ positive: 1, scores: 'label' }), features: ['a', 'b', 'c'] })
  expect(
    (
      await score(model, [
        [0, 1, 0],
        [0, 0, 9],
      ])
    ).map(({ label }) => label),
  ).toEqual([1, undefined])
})

test('whole numbers are numbers of a regression; beyond 2^53 they are none', async () => {
  const model = await open(labels('int64'), { task: regression(), features: ['a', 'b', 'c'] })
  expect((await score(model, [[0, 1, 2]]))[0]?.score).toBe(2)
  const large = onnxModel({
    nodes: [{ operator: 'Cast', inputs: ['x'], outputs: ['y'], attributes: { to: 7 } }],
    inputs: [{ name: 'x', type: 'float64', shape: ['n', 1] }],
    outputs: [{ name: 'y', type: 'int64', shape: ['n', 1] }],
  })
  const found = await score(await open(large, { task: regression(), features: ['a'] }), [[2 ** 53 - 1], [2 ** 53 + 2]])
  expect(found.map(({ score: one }) => one)).toEqual([2 ** 53 - 1, Number.NaN])
})

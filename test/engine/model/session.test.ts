import { describe, expect, test } from 'vitest'
import { binary, multiclass, regression } from '../../../definition/tasks.js'
import { linearClassifierModel, linearRegressorModel, onnxModel } from '../../setup/onnxBuilder.js'
import { castModel, openedModels, score } from './openedModels.js'

const models = openedModels()
const { open } = models

/** Why it does not fit, in one text. */
const problemsOf = async (...model: Parameters<typeof models.problemsOf>) => (await models.problemsOf(...model)).join('\n')

const task = binary({ positive: 1, name: 'churn' })
const coefficients = [[1, -2]]
const classifier = (zipMap: boolean | 'alone' = true, labels: readonly number[] | readonly string[] = [0, 1]) =>
  linearClassifierModel({ features: 2, coefficients, intercept: [0.25], labels, zipMap })
const logistic = (a: number, b: number) => 1 / (1 + Math.exp(-(a - 2 * b + 0.25)))
const names = ['age', 'income']

describe('a binary model', () => {
  test.each([false, true, 'alone'] as const)('gives probability, label and confidence (ZipMap: %s)', async (zipMap) => {
    const model = await open(classifier(zipMap), { task, features: names })
    expect(model.classes).toEqual([0, 1])
    const [yes, no] = await score(model, [
      [3, 1],
      [0, 1],
    ])
    expect(yes).toMatchObject({ label: 1, score: expect.closeTo(logistic(3, 1), 6), confidence: yes!.score })
    expect(no).toMatchObject({ label: 0, score: expect.closeTo(logistic(0, 1), 6), confidence: expect.closeTo(1 - logistic(0, 1), 6) })
  })

  test('takes text labels, and the first column for positive when the definition says so', async () => {
    const model = await open(classifier(true, ['leaves', 'stays']), { task: binary({ positive: 'leaves' }), features: names })
    const [row] = await score(model, [[3, 1]])
    expect(row).toMatchObject({
      label: 'stays',
      score: expect.closeTo(1 - logistic(3, 1), 6),
      confidence: expect.closeTo(logistic(3, 1), 6),
    })
  })

  test('predicts positive exactly at the threshold', async () => {
    const probability = castModel('float32')
    for (const [threshold, label] of [
      [0.5, 1],
      [0.5000001, 0],
    ] as const) {
      const model = await open(probability, { task: binary({ positive: 1, threshold }), features: ['p'] })
      expect(await score(model, [[0.5]])).toEqual([{ score: 0.5, label, confidence: 0.5 }])
    }
  })

  test('of one column: confidence of the negative class is one minus the score, in float32', async () => {
    const model = await open(castModel('float32'), { task, features: ['p'] })
    expect(await score(model, [[0.1]])).toEqual([{ score: Math.fround(0.1), label: 0, confidence: Math.fround(1 - Math.fround(0.1)) }])
  })
})

test('a multiclass model predicts the highest column, the first of equals, under the labels of the file', async () => {
  const bytes = linearClassifierModel({
    features: 1,
    coefficients: [[1], [1], [-1]],
    intercept: [0, 0, 0],
    labels: [94, 17, 36],
    zipMap: true,
  })
  const model = await open(bytes, { task: multiclass(), features: ['x'] })
  expect((await score(model, [[1], [-1]])).map(({ label }) => label)).toEqual([94, 36])
})

test('a regression model gives numbers and no confidence', async () => {
  const model = await open(linearRegressorModel({ coefficients: [2, 3], intercept: 1 }), { task: regression(), features: names })
  expect(await score(model, [[1, 10]])).toEqual([{ score: 33, label: undefined, confidence: Number.NaN }])
})

test('a fixed number of records at a time is run in slices of it', async () => {
  const bytes = linearClassifierModel({ features: 2, coefficients, intercept: [0.25], labels: [0, 1], batch: 3 })
  const model = await open(bytes, { task, features: names })
  const rows = Array.from({ length: 10 }, (_, index) => [index, index / 2 + 1])
  expect(model.newMicroBatch().size).toBe(4095)
  for (const [index, row] of (await score(model, rows)).entries()) expect(row.score).toBeCloseTo(logistic(index, index / 2 + 1), 5)
})

test('named inputs get the features of their names, in whatever order', async () => {
  const bytes = linearClassifierModel({ features: ['income', 'age'], coefficients, intercept: [0.25], labels: [0, 1] })
  const model = await open(bytes, { task, features: ['age', 'income'], inputs: 'by-name' })
  expect((await score(model, [[1, 3]]))[0]!.score).toBeCloseTo(logistic(3, 1), 6)
})

test('inputs of several columns get the features listed for them', async () => {
  const bytes = onnxModel({
    nodes: [
      { operator: 'Cast', inputs: ['flags'], outputs: ['f'], attributes: { to: 1 } },
      { operator: 'Concat', inputs: ['numbers', 'f'], outputs: ['all'], attributes: { axis: 1 } },
      { operator: 'ReduceSum', inputs: ['all'], outputs: ['sum'] },
      { operator: 'ReduceMax', inputs: ['all'], outputs: ['y'], attributes: { axes: [1], keepdims: 1 } },
    ],
    inputs: [
      { name: 'numbers', type: 'float32', shape: ['n', 2] },
      { name: 'flags', type: 'bool', shape: ['n', 1] },
    ],
    outputs: [{ name: 'y', type: 'float32', shape: ['n', 1] }],
  })
  const spec = { task: regression(), features: ['a', 'flag', 'b'], inputs: { numbers: ['b', 'a'], flags: ['flag'] } }
  const model = await open(bytes, spec)
  expect(
    (
      await score(model, [
        [-5, true, -7],
        [4, false, 2],
      ])
    ).map((row) => row.score),
  ).toEqual([1, 4])
})

test('a score that is NaN or infinite has no label', async () => {
  const root = onnxModel({
    nodes: [{ operator: 'Sqrt', inputs: ['x'], outputs: ['y'] }],
    inputs: [{ name: 'x', type: 'float32', shape: ['n', 1] }],
    outputs: [{ name: 'y', type: 'float32', shape: ['n', 1] }],
  })
  for (const kind of [task, regression()]) {
    const model = await open(root, { task: kind, features: ['x'] })
    const batch = model.newMicroBatch()
    batch.set(0, 0, -1)
    batch.set(1, 0, 4)
    const { label } = await batch.run()
    expect([label[0], label[1]]).toEqual([-1, kind.kind === 'binary' ? 1 : 0])
  }
})

test('a model that knows some texts only runs when one of them stands for missing', async () => {
  const spec = { task: regression(), features: ['x'] }
  expect(await problemsOf(castModel('string'), spec)).toMatch(/does not run on rows of this shape, filled with 0, false and ""/)
  const model = await open(castModel('string'), { ...spec, missing: { text: '0' } })
  expect((await score(model, [['2.5'], [null]])).map((row) => row.score)).toEqual([2.5, 0])
})

test('null becomes what the definition says', async () => {
  const filled = await open(castModel('int64'), { task: regression(), features: ['x'], missing: { number: -1 } })
  expect((await score(filled, [[null]]))[0]!.score).toBe(-1)
  const nan = await open(castModel('float32'), { task: regression(), features: ['x'], missing: { number: 'nan' } })
  const batch = nan.newMicroBatch()
  expect(batch.set(0, 0, null)).toBeUndefined()
  expect((await batch.run()).label[0]).toBe(-1)
})

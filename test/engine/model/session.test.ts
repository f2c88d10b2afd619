import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { binary, multiclass, regression } from '../../../definition/tasks.js'
import { microBatchSize, SIZE_TOLERANCE } from '../../../engine/model/session.js'
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

test('a result does not depend on the other slots', async () => {
  const model = await open(classifier(), { task, features: names })
  const batch = model.newMicroBatch()
  await fc.assert(
    fc.asyncProperty(
      fc.nat(batch.size - 1),
      fc.float({ min: -5, max: 5, noNaN: true }),
      fc.float({ min: -5, max: 5, noNaN: true }),
      async (slot, value, noise) => {
        for (let other = 0; other < batch.size; other++) batch.clear(other)
        batch.set(slot, 0, value)
        const alone = (await batch.run()).score[slot]
        for (let other = 0; other < batch.size; other++) if (other !== slot) batch.set(other, 0, noise)
        expect((await batch.run()).score[slot]).toBe(alone)
      },
    ),
    { numRuns: 20 },
  )
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

test('the size of a micro-batch follows from features and model alone', async () => {
  const { plan } = await open(classifier(), { task, features: names })
  expect([1, 64, 65, 784, 3000, 1_000_000].map((features) => microBatchSize(features, plan))).toEqual([4096, 4096, 2048, 256, 64, 64])
  expect([1, 3, 5000].map((fixedBatch) => microBatchSize(2, { ...plan, fixedBatch }))).toEqual([4096, 4095, 5000])
})

/** A network with a hidden layer, of which nobody says in which order its sums are made. */
function network(features: number, hidden: number): Uint8Array {
  const weights = (many: number, of: number) =>
    Array.from({ length: many }, (_, index) => Math.sin(index * 12.9898 + of) / Math.sqrt(features))
  return onnxModel({
    nodes: [
      { operator: 'MatMul', inputs: ['x', 'w1'], outputs: ['h'] },
      { operator: 'Tanh', inputs: ['h'], outputs: ['a'] },
      { operator: 'MatMul', inputs: ['a', 'w2'], outputs: ['z'] },
      { operator: 'Sigmoid', inputs: ['z'], outputs: ['y'] },
    ],
    inputs: [{ name: 'x', type: 'float32', shape: ['n', features] }],
    outputs: [{ name: 'y', type: 'float32', shape: ['n', 1] }],
    weights: [
      { name: 'w1', shape: [features, hidden], values: weights(features * hidden, 1) },
      { name: 'w2', shape: [hidden, 1], values: weights(hidden, 2) },
    ],
  })
}

test('a micro-batch of any size gives the scores of the usual one, within the bound that is promised', async () => {
  const [features, records] = [30, 600]
  const model = await open(network(features, 64), { task, features: Array.from({ length: features }, (_, index) => `f${index}`) })
  const value = (record: number, feature: number) => ((record * 7919 + feature * 104_729) % 2000) / 100 - 10
  const scored = async (size?: number) => {
    const batch = model.newMicroBatch(size === undefined ? {} : { size })
    const scores: number[] = []
    for (let first = 0; first < records; first += batch.size) {
      const many = Math.min(batch.size, records - first)
      for (let slot = 0; slot < batch.size; slot += 1) {
        if (slot >= many) batch.clear(slot)
        else for (let feature = 0; feature < features; feature += 1) batch.set(slot, feature, value(first + slot, feature))
      }
      scores.push(...(await batch.run()).score.subarray(0, many))
    }
    return scores
  }
  const usual = await scored()
  for (const size of [1, 3, 64, 256]) {
    for (const [record, score] of (await scored(size)).entries())
      expect(Math.abs(score - usual[record]!)).toBeLessThanOrEqual(SIZE_TOLERANCE)
  }
})

test('a micro-batch has whole runs of a model of a fixed batch, and at most the usual size', async () => {
  const fixed = await open(castModel('float32', [7, 1]), { task: regression(), features: ['x'] })
  expect([1, 7, 8, 1_000_000].map((size) => fixed.newMicroBatch({ size }).size)).toEqual([7, 7, 14, 4095])
  const free = await open(castModel('float32'), { task: regression(), features: ['x'] })
  expect([1, 64, 1_000_000].map((size) => free.newMicroBatch({ size }).size)).toEqual([1, 64, 4096])
})

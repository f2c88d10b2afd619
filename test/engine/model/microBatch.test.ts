import fc from 'fast-check'
import { expect, test } from 'vitest'
import { binary, regression } from '../../../definition/tasks.js'
import { microBatchSize, SIZE_TOLERANCE } from '../../../engine/model/microBatch.js'
import { linearClassifierModel, onnxModel } from '../../setup/onnxBuilder.js'
import { castModel, openedModels } from './openedModels.js'

const { open } = openedModels()

const task = binary({ positive: 1, name: 'churn' })
const classifier = linearClassifierModel({ features: 2, coefficients: [[1, -2]], intercept: [0.25], labels: [0, 1] })
const names = ['age', 'income']

test('a result does not depend on the other slots', async () => {
  const model = await open(classifier, { task, features: names })
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

test('the size of a micro-batch follows from features and model alone', async () => {
  const { plan } = await open(classifier, { task, features: names })
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

/** Two columns of logits: -z and z, of which the logistic function makes probabilities, and two numbers of which softmax does. */
import { writeFile } from 'node:fs/promises'
import { afterEach, expect, test } from 'vitest'
import { binary, type LogitColumns, multiclass, type Task } from '../../../definition/tasks.js'
import { MirroredColumns } from '../../../engine/model/mirroredColumns.js'
import { type OpenModel, openModel } from '../../../engine/model/session.js'
import { linearClassifierModel, type Node, onnxModel } from '../../setup/onnxBuilder.js'
import { temporaryFolder } from '../../setup/temporaryFolder.js'

const folder = temporaryFolder()
const opened: OpenModel[] = []

afterEach(async () => {
  for (const model of opened.splice(0)) await model.close()
})

async function open(bytes: Uint8Array, task: Task): Promise<OpenModel> {
  const file = folder.path('model.onnx')
  await writeFile(file, bytes)
  const model = await openModel(file, { task, features: ['x'], inputs: 'one-tensor' })
  opened.push(model)
  return model
}

async function probability(model: OpenModel, x: number): Promise<number> {
  const batch = model.newMicroBatch()
  batch.set(0, 0, x)
  return (await batch.run()).score[0]!
}

/** Two columns of one number each: `first` times x, and `second` times x. */
const columns = (first: number, second: number, nodes: readonly Node[] = []) =>
  onnxModel({
    nodes: [...nodes, { operator: 'MatMul', inputs: [nodes.at(-1)?.outputs[0] ?? 'x', 'w'], outputs: ['scores'] }],
    weights: [{ name: 'w', shape: [1, 2], values: [first, second] }],
    inputs: [{ name: 'x', type: 'float32', shape: ['n', 1] }],
    outputs: [{ name: 'scores', type: 'float32', shape: ['n', 2] }],
  })

const sigmoid = (z: number) => 1 / (1 + Math.exp(-z))
const task = (positive = 1, logits?: LogitColumns) => binary({ positive, scores: 'logit', ...(logits ? { logits } : {}) })

/** As skl2onnx writes a logistic regression with `raw_scores`. */
const rawScores = linearClassifierModel({ features: 1, coefficients: [[1]], intercept: [0], labels: [0, 1], transform: 'NONE' })

// z = 0.6323: a probability of 0.653, of which softmax of both columns makes 0.780.
const z = 0.6323

test.each<[string, Uint8Array, Task, number]>([
  ['of a decision function', rawScores, task(), sigmoid(z)],
  ['of a decision function, for the other class', rawScores, task(0), sigmoid(-z)],
  ['of any operators', columns(-1, 1), task(), sigmoid(z)],
  ['declared', columns(-1, 1), task(1, 'mirrored'), sigmoid(z)],
  ['of several classes', rawScores, multiclass({ scores: 'logit' }), sigmoid(z)],
  ['that are declared to be separate', rawScores, task(1, 'separate'), sigmoid(2 * z)],
  ['that are none: two numbers', columns(-1, 1.5), task(), sigmoid(2.5 * z)],
  ['that are none: one is always 0', columns(0, 1), task(), sigmoid(z)],
])('mirrored columns %s', async (_, bytes, declared, expected) => {
  const model = await open(bytes, declared)
  expect(await probability(model, z)).toBeCloseTo(expected, 6)
})

test('that they are mirrored is said', async () => {
  expect((await open(rawScores, task())).description.notes).toContainEqual(expect.stringContaining('-z and z'))
  expect((await open(columns(-1, 1.5), task())).description.notes).not.toContainEqual(expect.stringContaining('-z and z'))
})

test('where drawn numbers do not tell, nobody has told yet', async () => {
  const dead = columns(-1, 1, [{ operator: 'Sub', inputs: ['x', 'x'], outputs: ['nothing'] }])
  const { plan } = await open(dead, task())
  expect(plan.scores.mirrored).toBeUndefined()
})

test.each<[string, readonly number[], boolean | undefined]>([
  ['nothing', [], undefined],
  ['records of 0, and of NaN', [0, 0, -0, 0, Number.NaN, Number.NaN, Infinity, -Infinity], undefined],
  ['three records', [1, -1, 2, -2, 3, -3], undefined],
  ['four', [1, -1, 2, -2, 3, -3, -4, 4], true],
  ['what float32 leaves', [1, -1.0000001, 2, -2, 3e5, -300000.03, -4, 4], true],
  ['one that is not', [1, -1, 2, -2, 3, -3, -4, 4, 1, -1.001], false],
])('of %s', (_, data, found) => {
  const mirrored = new MirroredColumns()
  mirrored.add(data)
  expect(mirrored.found).toBe(found)
})

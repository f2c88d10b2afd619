/** Which column of scores is which class: as the file says, as declared, or asked; never taken from which class is positive. */
import { writeFile } from 'node:fs/promises'
import { afterEach, describe, expect, test } from 'vitest'
import { type BinaryTask, binary, type Label, multiclass, type Task } from '../../../definition/tasks.js'
import { type OpenModel, openModel } from '../../../engine/model/session.js'
import type { DaybreakError } from '../../../engine/protocol/errors.js'
import { linearClassifierModel, type Node, onnxModel, type Value } from '../../setup/onnxBuilder.js'
import { temporaryFolder } from '../../setup/temporaryFolder.js'

const folder = temporaryFolder()
const opened: OpenModel[] = []

afterEach(async () => {
  for (const model of opened.splice(0)) await model.close()
})

async function open(bytes: Uint8Array, task: Task, features: readonly string[] = ['x']): Promise<OpenModel> {
  const file = folder.path('model.onnx')
  await writeFile(file, bytes)
  const model = await openModel(file, { task, features, inputs: 'one-tensor' })
  opened.push(model)
  return model
}

/** What the model says of a record with these values. */
async function predict(bytes: Uint8Array, task: Task, ...values: readonly number[]) {
  const model = await open(
    bytes,
    task,
    values.map((_, index) => `x${index}`),
  )
  const batch = model.newMicroBatch()
  values.forEach((value, feature) => {
    batch.set(0, feature, value)
  })
  const { score, label, confidence } = await batch.run()
  return { prediction: model.classes[label[0]!], score: score[0]!, confidence: confidence[0]! }
}

const problems = (bytes: Uint8Array, task: Task) =>
  open(bytes, task).then(
    () => [],
    (error: DaybreakError) => error.problem.details,
  )

interface Extra {
  readonly nodes?: readonly Node[]
  readonly outputs?: readonly Value[]
  readonly labels?: readonly { readonly name: string; readonly texts: readonly string[] }[]
}

/** P(second) = 1 / (1 + e^-5x), by MatMul and Softmax: two columns, of which the file says nothing. */
const softmax = ({ nodes = [], outputs = [], labels = [] }: Extra = {}) =>
  onnxModel({
    nodes: [
      { operator: 'MatMul', inputs: ['x', 'w'], outputs: ['logits'] },
      { operator: 'Softmax', inputs: ['logits'], outputs: ['probabilities'], attributes: { axis: 1 } },
      ...nodes,
    ],
    weights: [{ name: 'w', shape: [1, 2], values: [-2.5, 2.5] }],
    labels,
    inputs: [{ name: 'x', type: 'float32', shape: ['n', 1] }],
    outputs: [{ name: 'probabilities', type: 'float32', shape: ['n', 2] }, ...outputs],
  })

/** One column: P(second) = 1 / (1 + e^-5x). */
const sigmoid = onnxModel({
  nodes: [
    { operator: 'MatMul', inputs: ['x', 'w'], outputs: ['logit'] },
    { operator: 'Sigmoid', inputs: ['logit'], outputs: ['probability'] },
  ],
  weights: [{ name: 'w', shape: [1, 1], values: [5] }],
  inputs: [{ name: 'x', type: 'float32', shape: ['n', 1] }],
  outputs: [{ name: 'probability', type: 'float32', shape: ['n', 1] }],
})

const [likely, unlikely] = [expect.closeTo(0.99331, 5), expect.closeTo(0.00669, 5)]

describe('two columns of a model that names no classes', () => {
  test.each<[string, BinaryTask, Label, unknown]>([
    ['1 is positive', binary({ positive: 1 }), 0, unlikely],
    ['0 is positive', binary({ positive: 0 }), 0, likely],
    ['"0" is positive', binary({ positive: '0', negative: '1' }), '0', likely],
    ['declared in order', binary({ positive: 0, classes: [0, 1] }), 0, likely],
    ['declared the other way round', binary({ positive: 0, classes: [1, 0] }), 1, unlikely],
    ['texts, declared', binary({ positive: 'leaves', classes: ['leaves', 'stays'] }), 'leaves', likely],
    ['1 and 2, declared', binary({ positive: 2, negative: 1, classes: [1, 2] }), 1, unlikely],
  ])('%s', async (_, task, prediction, score) => {
    // P(first class) is 0.9933.
    expect(await predict(softmax(), task, -1)).toEqual({ prediction, score, confidence: likely })
  })

  test.each<[BinaryTask, string]>([
    [binary({ positive: 'yes', negative: 'no' }), 'classes: ["no", "yes"] or classes: ["yes", "no"]'],
    [binary({ positive: 'leaves', negative: 'stays' }), 'classes: ["leaves", "stays"] or classes: ["stays", "leaves"]'],
    [binary({ positive: 1, negative: 2 }), 'classes: [1, 2] or classes: [2, 1]'],
    [binary({ positive: 1, negative: -1, scores: 'margin' }), 'classes: [-1, 1] or classes: [1, -1]'],
    [binary({ positive: 10, negative: 9 }), 'classes: [9, 10] or classes: [10, 9]'],
  ])('of %o which is which is asked', async (task, choice) => {
    const found = await problems(softmax(), task)
    expect(found).toEqual([expect.stringContaining('does not say which of its two columns of scores is which class')])
    expect(found[0]).toContain(choice)
  })
})

describe('one column', () => {
  test.each<[BinaryTask, Label]>([
    [binary({ positive: 1 }), 0],
    [binary({ positive: 0, classes: [1, 0] }), 1],
    [binary({ positive: 'yes', negative: 'no' }), 'no'],
    [binary({ positive: 'leaves', negative: 'stays', classes: ['stays', 'leaves'] }), 'stays'],
  ])('of %o is about the second class', async (task, prediction) => {
    expect(await predict(sigmoid, task, -1)).toEqual({ prediction, score: unlikely, confidence: likely })
  })

  test.each<[BinaryTask, RegExp]>([
    [binary({ positive: 0 }), /about its second class, 1 .*say so by classes: \[1, 0\]/],
    [binary({ positive: 'leaves', negative: 'stays' }), /does not say which class its one column of scores is about/],
    [binary({ positive: -1, negative: 1, scores: 'margin' }), /as classes: \[-1, 1\] or classes: \[1, -1\]/],
  ])('of %o it is asked', async (task, question) => {
    expect(await problems(sigmoid, task)).toEqual([expect.stringMatching(question)])
  })
})

test('what the file names is not to be declared otherwise', async () => {
  const bytes = linearClassifierModel({ features: 1, coefficients: [[5]], intercept: [0], labels: [0, 1] })
  expect(await predict(bytes, binary({ positive: 0, classes: [0, 1] }), -1)).toMatchObject({ prediction: 0, score: likely })
  expect(await problems(bytes, binary({ positive: 0, classes: [1, 0] }))).toEqual([
    "The model's classes are 0, 1, in this order; the definition says 1, 0.",
  ])
})

const place = { operator: 'ArgMax', inputs: ['probabilities'], outputs: ['place'], attributes: { axis: 1, keepdims: 0 } }

test('a table in which the largest column is looked up names the classes', async () => {
  const bytes = softmax({
    labels: [{ name: 'classes', texts: ['stays', 'leaves'] }],
    nodes: [
      place,
      { operator: 'ArrayFeatureExtractor', domain: 'ai.onnx.ml', inputs: ['classes', 'place'], outputs: ['found'] },
      { operator: 'Constant', inputs: [], outputs: ['row'], attributes: { value_ints: [-1] } },
      { operator: 'Reshape', inputs: ['found', 'row'], outputs: ['label'] },
    ],
    outputs: [{ name: 'label', type: 'string', shape: ['n'] }],
  })
  expect(await predict(bytes, binary({ positive: 'leaves' }), -1)).toMatchObject({ prediction: 'stays', score: unlikely })
  expect(await predict(bytes, multiclass(), -1)).toMatchObject({ prediction: 'stays', score: likely })
})

describe('the labels that a model gives itself', () => {
  const label: Value = { name: 'class', type: 'int64', shape: ['n'] }
  const named = { operator: 'Identity', inputs: ['place'], outputs: ['class'] }

  test.each<[string, Extra]>([
    ['the only one that looks like it', { nodes: [place, named], outputs: [label] }],
    [
      'beside the ways through a tree',
      {
        nodes: [place, named, { operator: 'Cast', inputs: ['logits'], outputs: ['ways'], attributes: { to: 8 } }, ...firstOf('ways')],
        outputs: [{ name: 'decision_path', type: 'string', shape: ['n', 1] }, label],
      },
    ],
    [
      'beside the classes, of which there is one list',
      {
        nodes: [{ operator: 'Constant', inputs: [], outputs: ['class_labels'], attributes: { value_ints: [0, 1] } }, place, named],
        outputs: [{ name: 'class_labels', type: 'int64', shape: [2] }, label],
      },
    ],
    [
      'beside whole numbers of another kind',
      {
        nodes: [{ operator: 'Cast', inputs: ['x'], outputs: ['leaf'], attributes: { to: 7 } }, place, named],
        outputs: [{ name: 'leaf', type: 'int64', shape: ['n', 1] }, label],
      },
    ],
  ])('are found: %s', async (_, extra) => {
    const model = await open(softmax(extra), binary({ positive: 1 }))
    expect(model.plan.ownLabels).toEqual(['class'])
  })
})

/** The first column of a tensor, as `decision_path`. */
function firstOf(tensor: string): readonly Node[] {
  return [
    { operator: 'Constant', inputs: [], outputs: ['first'], attributes: { value_ints: [0] } },
    { operator: 'Gather', inputs: [tensor, 'first'], outputs: ['decision_path'], attributes: { axis: 1 } },
  ]
}

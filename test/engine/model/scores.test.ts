/** What a model's outputs can hold besides probabilities, and models with steps before them. Real ONNX Runtime throughout. */
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeAll, expect, test } from 'vitest'
import { binary, multiclass, regression } from '../../../definition/tasks.js'
import { describeModel } from '../../../engine/model/onnx/describe.js'
import type { ModelSpec } from '../../../engine/model/plan.js'
import { type OpenModel, openModel } from '../../../engine/model/session.js'
import type { DaybreakError } from '../../../engine/protocol/errors.js'
import { type ElementName, linearClassifierModel, linearRegressorModel, mixedInputsModel, onnxModel } from '../../setup/onnxBuilder.js'

let folder = ''
let files = 0
const opened: OpenModel[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'scores-'))
})

afterEach(async () => {
  for (const model of opened.splice(0)) await model.close()
})

async function stored(bytes: Uint8Array): Promise<string> {
  const file = join(folder, `${++files}.onnx`)
  await writeFile(file, bytes)
  return file
}

type Spec = Partial<ModelSpec> & Pick<ModelSpec, 'task' | 'features'>

async function open(bytes: Uint8Array, spec: Spec, steps: readonly Uint8Array[] = []): Promise<OpenModel> {
  const before = await Promise.all(steps.map(stored))
  const model = await openModel(await stored(bytes), { inputs: 'one-tensor', ...spec }, before)
  opened.push(model)
  return model
}

async function score(model: OpenModel, rows: readonly (readonly (number | string)[])[]) {
  const batch = model.newMicroBatch()
  rows.forEach((row, slot) => {
    row.forEach((value, feature) => {
      expect(batch.set(slot, feature, value)).toBeUndefined()
    })
  })
  const { score: scores, label, confidence } = await batch.run()
  return rows.map((_, slot) => ({ score: scores[slot]!, label: model.classes[label[slot]!], confidence: confidence[slot]! }))
}

const problems = (opening: Promise<unknown>) =>
  opening.then(
    () => [],
    (error: DaybreakError) => error.problem.details,
  )

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

test('of several outputs one is named', async () => {
  const two = onnxModel({
    nodes: [
      { operator: 'Identity', inputs: ['x'], outputs: ['first'] },
      { operator: 'Neg', inputs: ['x'], outputs: ['second'] },
    ],
    inputs: [{ name: 'x', type: 'float32', shape: ['n', 1] }],
    outputs: ['first', 'second'].map((name) => ({ name, type: 'float32' as const, shape: ['n', 1] })),
  })
  const spec = { task: regression(), features: ['a'] }
  expect(await problems(open(two, spec))).toEqual([expect.stringContaining('name one as model.output')])
  expect(await problems(open(two, { ...spec, output: 'secnd' }))).toEqual([
    expect.stringMatching(/no output "secnd"; did you mean "second"/),
  ])
  expect((await score(await open(two, { ...spec, output: 'second' }), [[3]]))[0]?.score).toBe(-3)
})

const scaler = (offset: readonly number[], scale: readonly number[]) =>
  onnxModel({
    nodes: [
      {
        operator: 'Scaler',
        domain: 'ai.onnx.ml',
        inputs: ['x'],
        outputs: ['scaled'],
        attributes: { offset: { floats: offset }, scale: { floats: scale } },
      },
    ],
    inputs: [{ name: 'x', type: 'float32', shape: ['n', offset.length] }],
    outputs: [{ name: 'scaled', type: 'float32', shape: ['n', offset.length] }],
  })

test('a scaler before the model gives what one who scales by hand gets, bit for bit', async () => {
  const bytes = linearClassifierModel({ features: 2, coefficients: [[1, -2]], intercept: [0.25], labels: [0, 1], zipMap: true })
  const spec = { task: binary({ positive: 1 }), features: ['a', 'b'] }
  const rows = Array.from({ length: 50 }, (_, index) => [index * 1.37, 40 - index] as const)
  const chained = await score(await open(bytes, spec, [scaler([20, 15], [0.1, 0.25])]), rows)
  const byHand = rows.map(([a, b]) => [Math.fround(Math.fround(a) - 20) * Math.fround(0.1), Math.fround(Math.fround(b) - 15) * 0.25])
  expect(chained).toEqual(await score(await open(bytes, spec), byHand))
  const twice = await open(bytes, spec, [scaler([20, 15], [0.1, 0.25]), scaler([0, 0], [1, 1])])
  expect(await score(twice, rows)).toEqual(chained)
  expect(twice.description.files).toHaveLength(3)
})

test('a batch that only the model fixes holds for the steps too', async () => {
  const bytes = linearClassifierModel({ features: 2, coefficients: [[1, -2]], intercept: [0.25], labels: [0, 1], batch: 3 })
  const model = await open(bytes, { task: binary({ positive: 1 }), features: ['a', 'b'] }, [scaler([0, 0], [1, 1])])
  expect(model.plan.fixedBatch).toBe(3)
  expect(
    await score(model, [
      [1, 0],
      [0, 1],
      [1, 1],
      [2, 0],
    ]),
  ).toHaveLength(4)
})

test('what does not fit together in a chain is named before data is read', async () => {
  const bytes = linearRegressorModel({ coefficients: [1, 2], intercept: 0 })
  const spec = { task: regression(), features: ['a', 'b', 'c'] }
  expect(await problems(open(bytes, spec, [scaler([0, 0, 0], [1, 1, 1])]))).toEqual([
    expect.stringMatching(/gives "scaled" float32 \[n, 3\], and .* takes "input" float32 \[n, 2\]/),
  ])
  expect(await problems(open(mixedInputsModel(), spec, [scaler([0, 0, 0], [1, 1, 1])]))).toEqual([
    expect.stringContaining('takes 4 inputs'),
  ])
  await expect(openModel(join(folder, 'x.onnx'), { inputs: 'one-tensor', ...spec }, [join(folder, 'none.onnx')])).rejects.toMatchObject({
    code: 'ModelUnusable',
    message: expect.stringContaining('none.onnx'),
  })
})

test('inputs of four types, each a feature of its own', async () => {
  const model = await open(mixedInputsModel(), {
    task: binary({ positive: 1 }),
    features: ['age', 'days', 'frequency', 'kind'],
    inputs: 'by-name',
  })
  const [often, seldom, unknown] = await score(model, [
    [30, 10, 0.5, 'often'],
    [30, 10, 0.5, 'seldom'],
    [30, 10, 0.5, 'never'],
  ])
  expect(new Set([often!.score, seldom!.score, unknown!.score]).size).toBe(3)
  const batch = model.newMicroBatch()
  expect(batch.set(0, 1, 1.5)).toMatch(/not a whole number/)
  expect(batch.set(0, 3, 1)).toMatch(/where the model takes text/)
})

test('a producer that writes a whole page is one line', async () => {
  const bytes = onnxModel({
    nodes: [{ operator: 'Identity', inputs: ['x'], outputs: ['y'] }],
    inputs: [{ name: 'x', type: 'float32', shape: ['n', 1] }],
    outputs: [{ name: 'y', type: 'float32', shape: ['n', 1] }],
    producer: `Some\n   exporter\t${'x'.repeat(300)}`,
  })
  const { producer } = await describeModel(await stored(bytes))
  expect(producer).toMatch(/^Some exporter x+…$/)
})

import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { binary, multiclass, regression } from '../../../definition/tasks.js'
import { describeModel } from '../../../engine/model/onnx/describe.js'
import type { ModelSpec } from '../../../engine/model/plan.js'
import { microBatchSize, type OpenModel, openModel, SIZE_TOLERANCE } from '../../../engine/model/session.js'
import { DaybreakError } from '../../../engine/protocol/errors.js'
import { type ElementName, linearClassifierModel, linearRegressorModel, onnxModel, treeModel } from '../../setup/onnxBuilder.js'

let folder = ''
let files = 0
const opened: OpenModel[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'session-'))
})

afterEach(async () => {
  for (const model of opened.splice(0)) await model.close()
})

async function open(bytes: Uint8Array, spec: Partial<ModelSpec> & Pick<ModelSpec, 'task' | 'features'>): Promise<OpenModel> {
  const file = join(folder, `${++files}.onnx`)
  await writeFile(file, bytes)
  const model = await openModel(file, { inputs: 'one-tensor', ...spec })
  opened.push(model)
  return model
}

async function problemsOf(bytes: Uint8Array, spec: Partial<ModelSpec> & Pick<ModelSpec, 'task' | 'features'>): Promise<string> {
  const error = await open(bytes, spec).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(DaybreakError)
  expect((error as DaybreakError).code).toBe('ModelMismatch')
  return (error as DaybreakError).problem.details.join('\n')
}

/** Runs the model on some rows; the other slots stay neutral. */
async function score(model: OpenModel, rows: readonly (readonly (number | string | boolean | null)[])[]) {
  const batch = model.newMicroBatch()
  rows.forEach((row, slot) => {
    row.forEach((value, feature) => {
      expect(batch.set(slot, feature, value)).toBeUndefined()
    })
  })
  const { score, label, confidence } = await batch.run()
  return rows.map((_, slot) => ({ score: score[slot]!, label: model.classes[label[slot]!], confidence: confidence[slot]! }))
}

const task = binary({ positive: 1, name: 'churn' })
const coefficients = [[1, -2]]
const classifier = (zipMap: boolean | 'alone' = true, labels: readonly number[] | readonly string[] = [0, 1]) =>
  linearClassifierModel({ features: 2, coefficients, intercept: [0.25], labels, zipMap })
const logistic = (a: number, b: number) => 1 / (1 + Math.exp(-(a - 2 * b + 0.25)))
const names = ['age', 'income']

/** One output column `y` that repeats the only input, of any type cast to float32. */
const castModel = (type: ElementName, shape: readonly (number | string)[] = ['n', 1]) =>
  onnxModel({
    nodes: [{ operator: 'Cast', inputs: ['x'], outputs: ['y'], attributes: { to: 1 } }],
    inputs: [{ name: 'x', type, shape }],
    outputs: [{ name: 'y', type: 'float32', shape }],
  })

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

describe('a value the model cannot take is named and not put', () => {
  const cases: readonly (readonly [ElementName, number | string | boolean | null, RegExp])[] = [
    ['float32', 'abc', /text "abc" where the model takes float32/],
    ['float32', 1e39, /1e\+39 is too large for float32/],
    ['float32', Number.NaN, /NaN is not a finite number/],
    ['float64', Number.POSITIVE_INFINITY, /not a finite number/],
    ['float32', null, /null, and the definition's model.missing/],
    ['int64', 1.5, /1.5 is not a whole number/],
    ['int64', 2 ** 53, /outside what int64 can hold exactly/],
    ['int32', 2 ** 31, /outside what int32/],
    ['bool', 2, /2 where the model takes true or false/],
    ['bool', 'true', /"true" where the model takes true or false/],
    ['string', 7, /7 where the model takes text/],
    ['string', 'a\0b', /NUL or half a character/],
    ['string', '\ud83d', /NUL or half a character/],
    ['string', null, /says nothing of text/],
  ]
  test.each(cases)('%s: %j', async (type, value, why) => {
    const model = await open(anyModel(type), { task: regression(), features: ['x'] })
    expect(model.newMicroBatch().set(0, 0, value)).toMatch(why)
  })

  test.each([
    ['float32', 0.5, 0.5],
    ['float64', -2, -2],
    ['int64', -7, -7],
    ['int32', true, 1],
    ['bool', true, 1],
    ['bool', 0, 0],
    ['string', '2.5', 2.5],
    ['float32', false, 0],
  ] as const)('while %s takes %j', async (type, value, seen) => {
    const model = await open(anyModel(type), { task: regression(), features: ['x'] })
    const batch = model.newMicroBatch()
    expect(batch.set(1, 0, value)).toBeUndefined()
    const { score } = await batch.run()
    expect(score[1]).toBe(type === 'string' ? 1 : seen)
    batch.clear(1)
    expect((await batch.run()).score[1]).toBe(0)
  })
})

/** 1 for the text `2.5`, 0 for any other. */
const textModel = () =>
  onnxModel({
    nodes: [
      { operator: 'OneHotEncoder', domain: 'ai.onnx.ml', inputs: ['x'], outputs: ['y'], attributes: { cats_strings: ['2.5'], zeros: 1 } },
    ],
    inputs: [{ name: 'x', type: 'string', shape: ['n'] }],
    outputs: [{ name: 'y', type: 'float32', shape: ['n', 1] }],
  })

const anyModel = (type: ElementName) => (type === 'string' ? textModel() : castModel(type))

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

describe('what does not fit is said before data is read', () => {
  test('too few features, with their names', async () => {
    expect(await problemsOf(classifier(), { task, features: ['age'] })).toMatch(
      /"input" float32 \[n, 2\] takes 2 values a record, and the definition gives 1: "age"/,
    )
  })

  test('the order, when the file knows it', async () => {
    const bytes = linearClassifierModel({
      features: 2,
      coefficients,
      intercept: [0],
      labels: [0, 1],
      metadata: { features: '["income","age"]' },
    })
    expect(await problemsOf(bytes, { task, features: names })).toMatch(/place 1 is "age", and the model wants "income"/)
  })

  test('names, with the nearest, all at once', async () => {
    const bytes = linearClassifierModel({
      features: ['age', 'income', 'tenure'],
      coefficients: [[1, 1, 1]],
      intercept: [0],
      labels: [0, 1],
    })
    const problems = await problemsOf(bytes, { task: binary({ positive: 'yes' }), features: ['age', 'incme', 'extra'], inputs: 'by-name' })
    expect(problems).toMatch(/The model has no input "incme"; did you mean "income"\?/)
    expect(problems).toMatch(/no feature has the name of input "tenure"/)
    expect(problems).toMatch(/The positive label "yes" \(text\) is not among the model's classes, 0, 1/)
  })

  test('several inputs for one tensor', async () => {
    const bytes = linearClassifierModel({ features: names, coefficients, intercept: [0], labels: [0, 1] })
    expect(await problemsOf(bytes, { task, features: names })).toMatch(/has 2 inputs .*'by-name'/)
  })

  test('a task against the outputs', async () => {
    const three = linearClassifierModel({
      features: 2,
      coefficients: [
        [1, 0],
        [0, 1],
        [1, 1],
      ],
      intercept: [0, 0, 0],
      labels: [1, 2, 3],
      zipMap: true,
    })
    expect(await problemsOf(three, { task, features: names })).toMatch(/binary task needs a float output with two columns.*\[n, 3\]/)
    expect(await problemsOf(three, { task: regression(), features: names })).toMatch(/regression task needs/)
    expect(await problemsOf(three, { task: multiclass({ classes: [3, 2, 1] }), features: names })).toMatch(
      /classes are 1, 2, 3, in this order; the definition says 3, 2, 1/,
    )
  })

  test('a positive label of another type', async () => {
    expect(await problemsOf(classifier(), { task: binary({ positive: '1' }), features: names })).toMatch(
      /"1" \(text\) is not among the model's classes, 0, 1/,
    )
  })

  test('a negative label that is missing where the file is silent', async () => {
    expect(await problemsOf(castModel('float32'), { task: binary({ positive: 'yes' }), features: ['x'] })).toMatch(
      /give the negative label too/,
    )
  })

  test('a model that fails on rows of the planned shape, in the words of the runtime', async () => {
    const bytes = onnxModel({
      nodes: [{ operator: 'MatMul', inputs: ['x', 'w'], outputs: ['y'] }],
      weights: [{ name: 'w', shape: [3, 1], values: [1, 2, 3] }],
      inputs: [{ name: 'x', type: 'float32', shape: ['n', 'width'] }],
      outputs: [{ name: 'y', type: 'float32', shape: ['n', 1] }],
    })
    expect(await problemsOf(bytes, { task: regression(), features: names })).toMatch(/does not run on rows of this shape/)
    const model = await open(bytes, { task: regression(), features: ['a', 'b', 'c'] })
    expect(model.plan.notes.join()).toMatch(/does not say how many values it takes/)
    expect((await score(model, [[1, 1, 1]]))[0]!.score).toBe(6)
  })

  test('a model that answers with another number of rows', async () => {
    const bytes = onnxModel({
      nodes: [{ operator: 'Concat', inputs: ['x', 'x'], outputs: ['y'], attributes: { axis: 0 } }],
      inputs: [{ name: 'x', type: 'float32', shape: ['n', 1] }],
      outputs: [{ name: 'y', type: 'float32', shape: ['m', 1] }],
    })
    expect(await problemsOf(bytes, { task: regression(), features: ['x'] })).toMatch(/given 4096 records, and answered with \[8192, 1\]/)
  })
})

test('the size of a micro-batch follows from features and model alone', async () => {
  const { plan } = await open(classifier(), { task, features: names })
  expect([1, 64, 65, 784, 3000, 1_000_000].map((features) => microBatchSize(features, plan))).toEqual([4096, 4096, 2048, 256, 64, 64])
  expect([1, 3, 5000].map((fixedBatch) => microBatchSize(2, { ...plan, fixedBatch }))).toEqual([4096, 4095, 5000])
})

describe('trees behind an input that leaves open how many values it takes', () => {
  const spec = (count: number) => ({ task: regression(), features: Array.from({ length: count }, (_, index) => `f${index}`) })

  test.each([false, true])('are refused with fewer features than they look at (cast before them: %s)', async (cast) => {
    expect(await problemsOf(treeModel({ place: 4, cast }), spec(4))).toMatch(/takes at least 5 values a record, and the definition gives 4/)
  })

  test('run with as many, and say what was not checked with more', async () => {
    const five = await open(treeModel({ place: 4 }), spec(5))
    expect((await score(five, [[0, 0, 0, 0, 1]]))[0]?.score).toBe(1)
    expect(five.description.notes.at(-2)).toMatch(/that 5 are right was not checked\.$/)
    const many = await open(treeModel({ place: 4 }), spec(200))
    expect(many.description.notes.at(-2)).toMatch(/that 200 are right was not checked\. Its trees look at the first 5 alone\.$/)
  })

  test('and one that says it are compared with that', async () => {
    expect(await problemsOf(treeModel({ place: 4, width: 6 }), spec(5))).toMatch(/takes 6 values a record, and the definition gives 5/)
    expect((await open(treeModel({ place: 4, width: 6 }), spec(6))).description.notes.join()).not.toMatch(/not checked/)
  })
})

test('an input of a fixed number beside one of any number is no value of each record, and is refused', async () => {
  const bytes = onnxModel({
    nodes: [{ operator: 'MatMul', inputs: ['x', 'w'], outputs: ['y'] }],
    inputs: [
      { name: 'x', type: 'float32', shape: ['n', 4] },
      { name: 'w', type: 'float32', shape: [4, 1] },
    ],
    outputs: [{ name: 'y', type: 'float32', shape: ['n', 1] }],
  })
  const features = ['a', 'b', 'c', 'd', 'e']
  expect(await problemsOf(bytes, { task: regression(), features, inputs: { x: ['a', 'b', 'c', 'd'], w: ['e'] } })).toMatch(
    /Some of its inputs take any number of records, and "w" float32 \[4, 1\] a fixed one/,
  )
  const { usable, notes } = await describeModel(join(folder, `${files}.onnx`))
  expect(usable).toBe(false)
  expect(notes[0]).toMatch(/"w" float32 \[4, 1\] a fixed one/)
})

test('scores of float16 are named as such', async () => {
  const bytes = onnxModel({
    nodes: [{ operator: 'Cast', inputs: ['x'], outputs: ['y'], attributes: { to: 10 } }],
    inputs: [{ name: 'x', type: 'float32', shape: ['n', 1] }],
    outputs: [{ name: 'y', type: 'float16', shape: ['n', 1] }],
  })
  expect(await problemsOf(bytes, { task: regression(), features: ['a'] })).toMatch(
    /Scores of float16 cannot be read: export it with float32/,
  )
  expect((await describeModel(join(folder, `${files}.onnx`))).notes).toEqual([
    'Output "y" float16 [n, 1] is of a type that scores cannot be read from: export it with float32.',
  ])
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

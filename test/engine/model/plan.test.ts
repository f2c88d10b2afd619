import { describe, expect, test } from 'vitest'
import { binary, multiclass, regression } from '../../../definition/tasks.js'
import { describeModel } from '../../../engine/model/onnx/describe.js'
import { linearClassifierModel, mixedInputsModel, onnxModel, treeModel } from '../../setup/onnxBuilder.js'
import { castModel, openedModels, score } from './openedModels.js'

const models = openedModels()
const { open, lastFile } = models

/** Why it does not fit, in one text. */
const problemsOf = async (...model: Parameters<typeof models.problemsOf>) => (await models.problemsOf(...model)).join('\n')

const task = binary({ positive: 1, name: 'churn' })
const coefficients = [[1, -2]]
const classifier = (zipMap: boolean | 'alone' = true, labels: readonly number[] | readonly string[] = [0, 1]) =>
  linearClassifierModel({ features: 2, coefficients, intercept: [0.25], labels, zipMap })
const names = ['age', 'income']

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
  const { usable, notes } = await describeModel(lastFile())
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
  expect((await describeModel(lastFile())).notes).toEqual([
    'Output "y" float16 [n, 1] is of a type that scores cannot be read from: export it with float32.',
  ])
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
  expect(await models.problemsOf(two, spec)).toEqual([expect.stringContaining('name one as model.output')])
  expect(await models.problemsOf(two, { ...spec, output: 'secnd' })).toEqual([
    expect.stringMatching(/no output "secnd"; did you mean "second"/),
  ])
  expect((await score(await open(two, { ...spec, output: 'second' }), [[3]]))[0]?.score).toBe(-3)
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

import { describe, expect, test } from 'vitest'
import { binary, regression } from '../../../../definition/tasks.js'
import { describeModel } from '../../../../engine/model/onnx/describe.js'
import { strictEncoderModel } from '../../../setup/encoderModels.js'
import { linearRegressorModel, type Node, onnxModel, type Value } from '../../../setup/onnxBuilder.js'
import { openedModels } from '../openedModels.js'

const { stored, open, problemsOf } = openedModels()

const weights = [{ name: 'w', shape: [2, 1], values: [1, 2] }]
const input = (shape: Value['shape'] = ['n', 2]): Value => ({ name: 'x', type: 'float32', shape })
const output = (shape: Value['shape'] = ['n', 1]): Value => ({ name: 'y', type: 'float32', shape })
const model = (nodes: readonly Node[], inputs = [input()], outputs = [output()]) => onnxModel({ nodes, inputs, outputs, weights })
const product: Node = { operator: 'MatMul', inputs: ['d', 'w'], outputs: ['y'] }

const verdict = async (bytes: Uint8Array) => {
  const { usable, notes } = await describeModel(await stored(bytes))
  return { usable, notes: notes.join('\n') }
}

/** Models whose answer about a row depends on the others. */
const DEPENDENT: Readonly<Record<string, readonly Node[]>> = {
  'the mean of all': [
    { operator: 'ReduceMean', inputs: ['x'], outputs: ['m'], attributes: { axes: [0] } },
    { operator: 'Sub', inputs: ['x', 'm'], outputs: ['d'] },
    product,
  ],
  'the largest of all': [
    { operator: 'ReduceMax', inputs: ['x'], outputs: ['m'], attributes: { axes: [0] } },
    { operator: 'Sub', inputs: ['x', 'm'], outputs: ['d'] },
    product,
  ],
  'shares of all': [
    { operator: 'MatMul', inputs: ['x', 'w'], outputs: ['d'] },
    { operator: 'Softmax', inputs: ['d'], outputs: ['y'], attributes: { axis: 0 } },
  ],
  'attention over all': [
    { operator: 'Transpose', inputs: ['x'], outputs: ['t'], attributes: { perm: [1, 0] } },
    { operator: 'MatMul', inputs: ['x', 't'], outputs: ['s'] },
    { operator: 'Softmax', inputs: ['s'], outputs: ['p'], attributes: { axis: 1 } },
    { operator: 'MatMul', inputs: ['p', 'x'], outputs: ['d'] },
    product,
  ],
}

describe('an answer that depends on the rows beside it', () => {
  test.each(Object.entries(DEPENDENT))('is refused by what describes a model and by what opens it: %s', async (_name, nodes) => {
    expect(await verdict(model(nodes))).toEqual({
      usable: false,
      notes: expect.stringMatching(
        /depends on the rows beside it: a row that is answered with \S+ alone is answered with \S+ among 6 others/,
      ),
    })
    const problems = await problemsOf(model(nodes), { task: regression(), features: ['a', 'b'] })
    expect(problems).toEqual([expect.stringContaining('depends on the rows beside it')])
  })

  test('is refused where the model takes a fixed number of rows', async () => {
    const fixed = (nodes: readonly Node[]) => model(nodes, [input([4, 2])], [output([4, 1])])
    expect(await verdict(fixed(DEPENDENT['the mean of all']!))).toMatchObject({
      usable: false,
      notes: expect.stringContaining('among others'),
    })
    expect(await verdict(fixed([{ ...product, inputs: ['x', 'w'] }]))).toMatchObject({ usable: true })
  })

  test('is told of texts too, by values that the encoders know', async () => {
    const strict = strictEncoderModel('string', [{ place: 0, known: ['a', 'b', 'c'] }], [1, 2, 3])
    expect(await verdict(strict)).toMatchObject({ usable: true })
    await open(strict, { task: binary({ positive: 1 }), features: ['x'] })
  })

  test('is not suspected where the model draws random numbers, which is told by itself', async () => {
    const noise: Node = { operator: 'RandomNormalLike', inputs: ['x'], outputs: ['r'] }
    const nodes = [noise, { operator: 'Add', inputs: ['x', 'r'], outputs: ['d'] }, product]
    expect(await verdict(model(nodes))).toEqual({ usable: true, notes: expect.stringContaining('random numbers') })
  })
})

describe('what a model says of itself and does not keep', () => {
  test('rows made into several', async () => {
    const flat = onnxModel({
      nodes: [{ operator: 'Reshape', inputs: ['x', 's'], outputs: ['y'] }],
      inputs: [input(['n', 5])],
      outputs: [output()],
      places: [{ name: 's', values: [-1, 1] }],
    })
    expect(await verdict(flat)).toEqual({ usable: false, notes: 'It was given 7 rows, and answered with [35, 1] as "y".' })
  })

  test('values that it does not take', async () => {
    const attributes = { coefficients: { floats: new Array<number>(15).fill(1) }, intercepts: { floats: [0] }, targets: 1 }
    const nodes = [{ operator: 'LinearRegressor', domain: 'ai.onnx.ml', inputs: ['x'], outputs: ['y'], attributes }]
    expect(await verdict(model(nodes, [input(['n', 15])]))).toMatchObject({ usable: true })
    expect(await verdict(model(nodes, [input(['n', 20])]))).toMatchObject({
      usable: false,
      notes: expect.stringContaining('LinearRegressor'),
    })
  })

  test('a number of rows that it was exported with', async () => {
    const eight = onnxModel({
      nodes: [{ operator: 'Reshape', inputs: ['x', 's'], outputs: ['d'] }, product],
      inputs: [input()],
      outputs: [output()],
      weights,
      places: [{ name: 's', values: [8, 2] }],
    })
    expect(await verdict(eight)).toMatchObject({
      usable: false,
      notes: expect.stringMatching(/^It does not run on rows as it declares them/),
    })
  })

  test('how many values it takes, when it leaves that open: it is found by trying', async () => {
    const nodes = [{ ...product, inputs: ['x', 'w'] }]
    expect(await verdict(model(nodes, [input(['n', 'm'])]))).toEqual({
      usable: true,
      notes: expect.stringContaining('Input "x" float32 [n, ?] does not say how many values it takes; it was tried with 2.'),
    })
  })
})

describe('several numbers a record', () => {
  const two = (operator: string, rest: Partial<Node>): Uint8Array =>
    onnxModel({
      nodes: [{ operator, inputs: ['x'], outputs: ['y'], ...rest }],
      inputs: [input()],
      outputs: [output(['n', 2])],
    })

  test('of a regression are taken by no task', async () => {
    const attributes = { coefficients: { floats: [1, 2, 3, 4] }, intercepts: { floats: [0, 0] }, targets: 2 }
    expect(await verdict(two('LinearRegressor', { domain: 'ai.onnx.ml', attributes }))).toEqual({
      usable: false,
      notes: 'It predicts 2 numbers a record, and a task has one: export a model for each of them.',
    })
    expect(await verdict(linearRegressorModel({ coefficients: [1, 2], intercept: 0 }))).toMatchObject({ usable: true })
  })

  test('of something else may be scores of classes, and that is said', async () => {
    expect(await verdict(two('Identity', {}))).toEqual({ usable: true, notes: expect.stringContaining('scores of 2 classes') })
  })
})

test('by-name is recommended where each input takes one value', async () => {
  const concat = (width: number) =>
    onnxModel({
      nodes: [
        { operator: 'Concat', inputs: ['a', 'b'], outputs: ['all'], attributes: { axis: 1 } },
        { operator: 'ReduceSum', inputs: ['all', 'axis'], outputs: ['y'] },
      ],
      inputs: ['a', 'b'].map((name) => ({ name, type: 'float32', shape: ['n', name === 'a' ? width : 1] })),
      outputs: [output()],
      places: [{ name: 'axis', values: [1] }],
    })
  expect((await verdict(concat(1))).notes).toContain("inputs: 'by-name', or the features of each input")
  const { notes } = await verdict(concat(3))
  expect(notes).toContain(`inputs: { "a": ['feature', …], … }`)
  expect(notes).not.toContain('by-name')
})

import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { describeModel } from '../../../../engine/model/onnx/describe.js'
import { linearClassifierModel, onnxModel } from '../../../setup/onnxBuilder.js'
import { external, modelFiles, n2, y } from './modelFiles.js'

const { stored } = modelFiles()

const churn = (zipMap: boolean | 'alone' = false) =>
  linearClassifierModel({
    features: 2,
    coefficients: [[1, -1]],
    intercept: [0.5],
    labels: [0, 1],
    zipMap,
    metadata: { trained: '2026-01-01' },
  })

describe('a description', () => {
  test('says what the file says: producer, operator sets, metadata, tensors, classes', async () => {
    const bytes = churn()
    expect(await describeModel(await stored('plain.onnx', bytes))).toMatchObject({
      bytes: bytes.length,
      sha256: createHash('sha256').update(bytes).digest('hex'),
      producer: 'builder 1.0',
      opset: 'ai.onnx 15, ai.onnx.ml 1',
      metadata: { trained: '2026-01-01' },
      inputs: [{ name: 'input', type: 'float32', shape: [-1, 2] }],
      outputs: [
        { name: 'label', type: 'int64', shape: [-1] },
        { name: 'probabilities', type: 'float32', shape: [-1, 2] },
      ],
      classes: [0, 1],
      repairs: [],
      usable: true,
    })
  })

  test('does not take the numbers inside for labels when the model looks its labels up elsewhere', async () => {
    const attributes = {
      coefficients: { floats: [-1, 1, 1, -1] },
      intercepts: { floats: [0, 0] },
      post_transform: 'LOGISTIC',
      classlabels_ints: [0, 1],
    }
    const lookup = { keys_int64s: [0, 1], values_strings: ['stays', 'leaves'], default_string: '?' }
    const bytes = onnxModel({
      nodes: [
        { operator: 'LinearClassifier', domain: 'ai.onnx.ml', inputs: ['x'], outputs: ['inner', 'y'], attributes },
        {
          operator: 'LabelEncoder',
          domain: 'ai.onnx.ml',
          inputs: ['inner'],
          outputs: ['label'],
          attributes: { classes_strings: lookup.values_strings, default_string: '?' },
        },
      ],
      inputs: [n2],
      outputs: [{ name: 'label', type: 'string', shape: ['n'] }, y],
    })
    expect((await describeModel(await stored('lookup.onnx', bytes))).classes).toBeUndefined()
  })

  test('says that a model gives labels only, and how it can be used', async () => {
    const bytes = onnxModel({
      nodes: [{ operator: 'ArgMax', inputs: ['x'], outputs: ['label'], attributes: { axis: 1, keepdims: 0 } }],
      inputs: [n2],
      outputs: [{ name: 'label', type: 'int64', shape: ['n'] }],
    })
    const model = await describeModel(await stored('label.onnx', bytes))
    expect(model.usable).toBe(true)
    expect(model.notes.join()).toMatch(/Gives no scores, only "label" int64 \[n\].*scores: 'label'.*with its probabilities/)
  })

  test('warns of a model that draws random numbers', async () => {
    const bytes = onnxModel({ nodes: [{ operator: 'RandomNormalLike', inputs: ['x'], outputs: ['y'] }], inputs: [n2], outputs: [y] })
    expect((await describeModel(await stored('random.onnx', bytes))).notes.join()).toMatch(/cannot be reproduced/)
  })

  test('covers weights in another file by the fingerprint', async () => {
    const bytes = external('weights.bin')
    const weights = Buffer.from(new Float32Array([3, 4]).buffer)
    await stored('weights.bin', weights)
    const first = await describeModel(await stored('external.onnx', bytes))
    expect(first.usable).toBe(true)
    await stored('weights.bin', Buffer.from(new Float32Array([3, 5]).buffer))
    expect((await describeModel(first.file)).sha256).not.toBe(first.sha256)
  })

  test('a producer that writes a whole page is one line', async () => {
    const bytes = onnxModel({
      nodes: [{ operator: 'Identity', inputs: ['x'], outputs: ['y'] }],
      inputs: [{ name: 'x', type: 'float32', shape: ['n', 1] }],
      outputs: [{ name: 'y', type: 'float32', shape: ['n', 1] }],
      producer: `Some\n   exporter\t${'x'.repeat(300)}`,
    })
    const { producer } = await describeModel(await stored('producer.onnx', bytes))
    expect(producer).toMatch(/^Some exporter x+…$/)
  })
})
